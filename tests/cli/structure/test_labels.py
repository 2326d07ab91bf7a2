import gzip
import json

import numpy as np
import pandas as pd
import pytest

from jaxbio.cli import main
from jaxbio.data import read
from tests.proteins import build, hairpin, mmcif, pdb_chain


@pytest.fixture
def files(tmp_path):
    first, second = tmp_path / "one.pdb", tmp_path / "two.cif.gz"
    helix = build([(-57, -47)] * 11)
    text = pdb_chain("A" * 14, hairpin(), chain="A")
    first.write_text(text + pdb_chain("MKALEDGAWRF", helix + 40, chain="B"))
    second.write_bytes(gzip.compress(mmcif("MKALEDGAWRF", helix).encode()))
    return first, second


def run(capsys, *words):
    code = main(["structure", "labels", *(str(word) for word in words)])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, captured.out, captured.err


@pytest.mark.parametrize("ending", [".tsv", ".csv.gz", ".parquet"])
def test_a_row_a_chain_is_what_read_takes(files, tmp_path, capsys, ending):
    out = tmp_path / f"labels{ending}"
    code, shown, _ = run(capsys, *files, "-o", out, "--json")
    assert code == 0
    result = json.loads(shown.splitlines()[-1])
    assert (result["files"], result["chains"], result["residues"]) == (2, 3, 36)
    data = read(
        out,
        inputs={"sequence": "protein"},
        targets={"ss3": "positions_class", "rsa": "positions_number"},
    )
    assert data.ids.tolist() == ["one_A", "one_B", "two_A"]
    assert data.targets["ss3"].values[0] == "CCCEEECCEEECCC"
    assert np.isfinite(data.targets["rsa"].values).all()


def test_a_row_a_residue(files, tmp_path, capsys):
    out = tmp_path / "labels.csv"
    code, _, _ = run(capsys, files[0], "--chain", "B", "--rows", "residues", "-o", out)
    assert code == 0
    table = pd.read_csv(out)
    assert "".join(table["residue"]) == "MKALEDGAWRF"
    assert "".join(table["ss8"]) == "CHHHHHHHHHC"
    assert table["phi"].isna().tolist() == [True] + [False] * 10


def test_arrays(files, tmp_path, capsys):
    out = tmp_path / "labels.npz"
    assert run(capsys, *files, "-o", out)[0] == 0
    with np.load(out) as arrays:
        assert arrays["one_A/coordinates"].shape == (14, 5, 3)
        assert str(arrays["two_A/ss8"]) == "CHHHHHHHHHC"


def test_sequences(files, tmp_path, capsys):
    out = tmp_path / "chains.fasta"
    assert run(capsys, *files, "-o", out)[0] == 0
    expected = f">one_A\n{'A' * 14}\n>one_B\nMKALEDGAWRF\n>two_A\nMKALEDGAWRF\n"
    assert out.read_text() == expected


def test_standard_output(files, capsys):
    code, out, err = run(capsys, files[0], "-o", "-", "--rows", "residues")
    assert code == 0
    assert out.splitlines()[0].split("\t")[:3] == ["id", "number", "residue"]
    assert len(out.splitlines()) == 26
    assert "2 chains, 25 residues of 1 files" in err


def test_chains_in_company(files, tmp_path, capsys):
    text = pdb_chain("A" * 6, hairpin()[:6], chain="A")
    path = tmp_path / "pair.pdb"
    path.write_text(text + pdb_chain("A" * 6, hairpin()[8:], chain="B"))
    found = {}
    for flags in ((), ("--assembly",)):
        assert run(capsys, path, "-o", tmp_path / "x.tsv", *flags)[0] == 0
        found[flags] = pd.read_csv(tmp_path / "x.tsv", sep="\t")["ss3"].tolist()
    assert found == {(): ["CCCCCC"] * 2, ("--assembly",): ["CCCEEC", "CEECCC"]}


def test_errors_leave_nothing_behind(files, tmp_path, capsys):
    bad = tmp_path / "bad.cif"
    bad.write_text("data_X\n_entry.id X\n")
    out = tmp_path / "out"
    out.mkdir()
    for words, message in (
        ((files[0], bad, "-o", out / "x.tsv"), "bad.cif: the mmCIF file has no"),
        ((files[0], files[0], "-o", out / "x.npz"), "one_A is already there"),
        ((files[0], "--chain", "Z", "-o", out / "x.tsv"), "Known: A, B"),
        ((files[0], "--model", "3", "-o", out / "x.tsv"), "no model 3"),
        ((files[0], "-o", out / "x.doc"), "ending in .tsv"),
        ((bad, "--keep-going", "-o", out / "x.tsv"), "no file could be used"),
    ):
        code, _, err = run(capsys, *words)
        assert code == 1 and message in err, words
        assert not list(out.iterdir())


def test_keep_going(files, tmp_path, capsys):
    bad = tmp_path / "bad.cif"
    bad.write_text("data_X\n_entry.id X\n")
    out = tmp_path / "x.tsv"
    code, shown, err = run(capsys, bad, files[1], "--keep-going", "-o", out)
    assert code == 0 and "bad.cif" in err
    assert "of 2 files (1 could not be used)" in shown
    assert len(out.read_text().splitlines()) == 2


def test_wrong_usage_exits_with_2(capsys):
    for words in ([], ["labels"], ["fly"], ["labels", "x.pdb"]):
        with pytest.raises(SystemExit) as stop:
            main(["structure", *words])
        assert stop.value.code == 2
