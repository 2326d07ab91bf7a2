import numpy as np
import pytest

from jaxbio.structure import read_chains
from jaxbio.structure.files.predicted import (
    file_name,
    residue_table,
    summary_row,
    write_chain,
)
from jaxbio.structure.folding.fold import Backbone
from jaxbio.structure.predict import Distogram, Structure
from tests.proteins import helix

SEQUENCE = "MKALE"


@pytest.fixture
def predicted():
    coordinates = helix(SEQUENCE)[:, :5].astype(np.float32)
    confidence = np.array([10, 20, 30, 40, 50.126], np.float32)
    chance = np.tile(np.array([0.75, 0.25], np.float32), (5, 1))
    return Structure(
        "sp|P1|X",
        SEQUENCE,
        {"ss3": "CHHHE"},
        {"ss3": chance},
        {"ss3": ("C", "H")},
        {"rsa": np.full(5, 1 / 3, np.float32)},
        distogram=Distogram(
            np.full((5, 5, 3), 1 / 3, np.float32), np.array([4.0, 8.0], np.float32)
        ),
        backbone=Backbone(coordinates, confidence, 0.0, np.zeros(1, np.float32)),
        notes=("one", "two"),
    )


def bare():
    return Structure("x", "MK", {}, {}, {}, {})


@pytest.mark.parametrize(
    ("chain", "name"),
    [("a/../b c", "a_.._b_c"), ("../x", "x"), ("|", "chain"), ("1abc_A", "1abc_A")],
)
def test_names_of_chains_are_names_of_files(chain, name):
    assert file_name(chain) == name


@pytest.mark.parametrize("form", ["pdb", "cif"])
def test_written_chains_are_read_back(tmp_path, predicted, form):
    structure, table = write_chain(tmp_path, predicted, form=form, distances=True)
    assert structure == tmp_path / f"sp_P1_X.{form}"
    (chain,) = read_chains(structure)
    assert chain.sequence == SEQUENCE
    ca = predicted.backbone.coordinates[:, 1]
    np.testing.assert_allclose(chain.coordinates[:, 1], ca, atol=6e-4)
    with np.load(table) as stored:
        assert stored["probabilities"].shape == (5, 5, 3)
        assert stored["edges"].tolist() == [4, 8]
    assert write_chain(tmp_path, bare(), distances=True) == []


def test_a_row_a_residue(predicted):
    table = residue_table(predicted)
    assert list(table) == [
        "id", "number", "residue", "ss3", "ss3:C", "ss3:H", "rsa", "confidence",
    ]  # fmt: skip
    assert table["number"].tolist() == [1, 2, 3, 4, 5]
    assert "".join(table["ss3"]) == "CHHHE" and "".join(table["residue"]) == SEQUENCE
    assert table["rsa"][0] == np.float32(0.3333)
    assert table["confidence"][4] == np.float32(50.13)
    assert list(residue_table(bare())) == ["id", "number", "residue"]


def test_a_row_a_chain(predicted):
    row = {name: column[0] for name, column in summary_row(predicted).items()}
    assert (row["id"], row["length"], row["notes"]) == ("sp|P1|X", 5, "one; two")
    assert (row["helix"], row["strand"], row["confidence"]) == (0.6, 0.2, 30.03)
    row = {name: column[0] for name, column in summary_row(bare()).items()}
    assert np.isnan([row["helix"], row["strand"], row["confidence"]]).all()
