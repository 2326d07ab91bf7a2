import numpy as np
import pytest

from jaxbio.cli import main
from jaxbio.cli.structure.predict import FoldingProgress


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


def run_of(structures, tmp_path, text, *words):
    path = tmp_path / "in.fa"
    path.write_text(text)
    out = str(tmp_path / "out")
    return main(["structure", "predict", structures, str(path), "-o", out, *words])


@pytest.fixture(scope="module")
def structures(tmp_path_factory):
    from jaxbio.alphabet import PROTEIN
    from jaxbio.data.columns.category import Category
    from jaxbio.data.dataset import Dataset
    from jaxbio.models import CNN
    from jaxbio.run.fitting import fit
    from tests.helpers import random_texts, sequences_of

    texts = random_texts(12, 20, letters=PROTEIN.symbols[:20])
    labels = Category(np.array(["HEC" * 6 + "HE"] * 12, object), True)
    data = Dataset({"seq": sequences_of(texts, PROTEIN)}, {"ss3": labels})
    out = tmp_path_factory.mktemp("structures") / "run"
    small = CNN(channels=(4,), kernel_sizes=(3,), dilations=(1,))
    fit(small, None, data, data, out=out, epochs=1, members=1, batch_size=12)
    return str(out)


def test_a_second_run_does_not_mix_with_the_first(structures, tmp_path, capsys):
    out = tmp_path / "out"
    assert run_of(structures, tmp_path, ">a\nMKVLAEDST\n>b\nMKV\n", "--distances") == 0
    (out / "a.npz").write_bytes(b"of the first run")
    (out / ".123.b.pdb").write_bytes(b"half")
    (out / "mine.txt").write_text("stays")
    first = (out / "summary.tsv").read_bytes()
    assert run_of(structures, tmp_path, ">c\nMKVLAEDST\n") == 1
    assert "earlier run (summary.tsv): choose another folder" in capsys.readouterr().err
    assert (out / "summary.tsv").read_bytes() == first
    assert run_of(structures, tmp_path, ">c\nMKVLAEDST\n", "--overwrite") == 0
    names = {path.name for path in out.iterdir()}
    assert names == {"mine.txt", "residues.tsv", "summary.tsv"}


@pytest.mark.parametrize("second", ["a", "A"])
def test_names_of_one_file_are_found_before_any_is_written(
    structures, tmp_path, capsys, second
):
    text = f">a\nMKVLAEDST\n>{second}\nMKVL\n"
    assert run_of(structures, tmp_path, text) == 1
    assert f"two chains are called {second}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_looks_like_dna_is_asked_about(structures, tmp_path, capsys):
    text = ">gene\nATGACCTACAAACTG\n"
    assert run_of(structures, tmp_path, text) == 1
    assert "is it DNA or RNA? Translate it, or say" in capsys.readouterr().err
    assert run_of(structures, tmp_path, text, "--protein", "--overwrite") == 0


def test_folding_says_how_far_it_is(capsys, monkeypatch):
    clock = iter([0.0, 8.0, 20.0, 21.0])
    monkeypatch.setattr(
        "jaxbio.cli.structure.predict.time.perf_counter", clock.__next__
    )
    progress = FoldingProgress({"short": "A" * 10, "long": "A" * 30}, starts=4)
    progress("short", 4)  # 8 s after the start: nothing yet
    assert capsys.readouterr().out == ""
    progress("long", 1)  # 100 + 900 / 4 of 1000 residues squared in 20 s
    text = "long (2 of 2, 30 residues): 1 of 4 starts folded; about 42 s left\n"
    assert capsys.readouterr().out == text
    progress("long", 2)
    assert capsys.readouterr().out == ""
