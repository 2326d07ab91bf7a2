import pytest

from jaxbio.cli import main


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--starts", "0"], "--starts 0: give 1 or more"),
        ([], "no.run does not exist"),
    ],
)
def test_wrong_inputs_write_nothing(tmp_path, capsys, words, message):
    out = tmp_path / "out"
    command = ["structure", "predict", str(tmp_path / "no.run"), "x.fa", "-o", str(out)]
    assert main([*command, *words]) == 1
    assert message in capsys.readouterr().err
    assert not out.exists()
