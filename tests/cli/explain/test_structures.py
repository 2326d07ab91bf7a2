import argparse

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.cli.explain.structures import OnStructure, check_structure
from jaxbio.data.learn import learn_schema
from jaxbio.errors import DataError
from jaxbio.structure import write_structure

PROTEIN = "MKVLAAGIKWDERHTYQNPS"


@pytest.fixture
def options(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "x.pdb"
    write_structure(path, 9 * rng.random((20, 5, 3)), sequence=PROTEIN)
    return argparse.Namespace(structure=str(path), format="svg")


def test_a_row_is_written_on_its_chain(options, tmp_path):
    on = OnStructure(options, tmp_path, ["first"], [PROTEIN[5:15]])
    values = np.linspace(-2, 1, 10)
    on.write(1, values, unit="log-odds")
    columns = on.columns()
    assert columns["structure"].tolist() == ["00001.pdb"]
    scale = columns["contribution_per_b_factor"][0]
    assert scale == np.float32(2 / 99)
    atoms = [
        line
        for line in (tmp_path / "00001.pdb").read_text().splitlines()
        if line.startswith("ATOM") and line[12:16].strip() == "CA"
    ]
    factors = np.array([float(line[60:66]) for line in atoms])
    want = np.concatenate([np.zeros(5), values, np.zeros(5)])
    np.testing.assert_allclose(factors * scale, want, atol=1e-3)
    assert "<svg" in (tmp_path / "00001_chain.svg").read_text()
    with pytest.raises(DataError, match=r"second \(row 2\) fits no chain of the"):
        OnStructure(options, tmp_path, ["first", "second"], [PROTEIN, "W" * 12])


def test_structures_are_of_proteins(options):
    rows = jb.data.Sequences.from_strings(["ACGT", "ACGA"], jb.DNA)
    schema = learn_schema(jb.Dataset({"seq": rows}))
    with pytest.raises(DataError, match=r"only input is a protein.*seq \(dna\)"):
        check_structure(schema, options)
    check_structure(schema, argparse.Namespace(structure=None))


def test_nothing_without_a_structure(tmp_path):
    options = argparse.Namespace(structure=None, format="png")
    on = OnStructure(options, tmp_path, ["first"], [PROTEIN])
    on.write(1, np.ones(20), unit="")
    assert on.columns() == {} and not list(tmp_path.iterdir())
