from jaxbio.cli import main
from tests.proteins import build, pdb_chain


def test_a_folder_without_structures_is_refused(tmp_path, capsys):
    out = tmp_path / "run"
    assert main(["structure", "train", str(tmp_path), "--out", str(out)]) == 1
    error = capsys.readouterr().err
    assert str(tmp_path) in error and len(error.strip().splitlines()) == 1
    assert not out.exists()


def test_chains_of_ca_alone_tell_nothing_to_learn(tmp_path, capsys):
    text = pdb_chain("MKALEDGAWRF", build([(-57, -47)] * 11))
    lines = [x for x in text.splitlines() if x[12:16].strip() == "CA"]
    (tmp_path / "x.pdb").write_text("\n".join(lines) + "\n")
    out = tmp_path / "run"
    command = ["structure", "train", str(tmp_path / "x.pdb"), "--out", str(out)]
    assert main(command) == 1
    assert "not CA alone" in capsys.readouterr().err
    assert not out.exists()
