"""`jaxbio pretrain`: from FASTA to a run, resumed exactly, and fine-tuned."""

import json

import numpy as np
import pytest

import jaxbio as jb
from tests.commands import run

SMALL = ["--encoder", "rnn:cell=lstm,widths=6", "--compile-cache", "none"]
SMALL += ["--epochs", "2", "--length", "40", "--batch-size", "16"]


@pytest.fixture(scope="module")
def genes(tmp_path_factory):
    path = tmp_path_factory.mktemp("pretrain") / "genes.fa"
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), n)) for n in [30] * 25 + [90] * 15]
    path.write_text("".join(f">g{at}\n{text}\n" for at, text in enumerate(texts)))
    return path


@pytest.fixture(scope="module")
def trained(genes):
    from jaxbio.cli import main

    out = genes.parent / "run"
    assert main([*map(str, ["pretrain", genes, "--out", out, *SMALL])]) == 0
    return out


def test_a_run_says_what_it_did(capsys, genes, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text('encoder = "cnn:channels=4+4,kernel_sizes=5+3"\nepochs = 1\n')
    words = ["pretrain", genes, "--config", config, "--out", tmp_path / "run", "--json"]
    code, text, _ = run(capsys, *words, *SMALL[2:4], "--share", "0.3")
    assert code == 0 and "markov, both sides" in text and "score" in text
    report = json.loads(text.splitlines()[-1])
    assert report["scores"]["valid"]["scores"]["symbols"]["model"]["perplexity"] > 1
    model = jb.load_run(tmp_path / "run").model
    assert model.share == 0.3 and model.encoder.channels == (4, 4)


def test_long_sequences_are_cut_after_the_split(capsys, genes):
    words = ["pretrain", genes, "--dry-run", *SMALL]
    code, text, _ = run(capsys, *words)
    assert code == 0 and "longer than 40 symbols: cut into" in text
    assert "Nothing was trained" in text and "widths=(6,)" in text


def test_resume_needs_the_folder_alone(capsys, trained, genes, tmp_path):
    again = tmp_path / "again"
    words = ["pretrain", genes, "--out", again, *SMALL]
    assert run(capsys, *words)[0] == 0
    code, _, _ = run(capsys, "pretrain", "--resume", "--out", again,
                     "--compile-cache", "none")  # fmt: skip
    assert code == 0
    for one, other in zip(
        jb.load(again).members, jb.load(trained).members, strict=True
    ):
        np.testing.assert_array_equal(
            one["params"]["head"]["kernel"], other["params"]["head"]["kernel"]
        )


def test_labels_begin_with_it(capsys, trained, tmp_path):
    rng = np.random.default_rng(1)
    rows = ["promoter,label"]
    rows += ["".join(rng.choice(list("ACGT"), 30)) + f",{at % 2}" for at in range(60)]
    (tmp_path / "rows.csv").write_text("\n".join(rows))
    words = ["train", tmp_path / "rows.csv", "--init", trained, "--out",
             tmp_path / "run", "--freeze", "encoders/*/recurrent/*", "--epochs", "1",
             "--no-baselines", "--compile-cache", "none"]  # fmt: skip
    code, text, err = run(capsys, *words)
    assert code == 0, err
    assert "init: " in text
    assert jb.load_run(tmp_path / "run").model.encoders["promoter"].widths == (6,)


def test_it_scores_mutations(capsys, trained, tmp_path):
    (tmp_path / "w.fa").write_text(">w\nACGTAC\n")
    words = ["score", trained, tmp_path / "w.fa", "-o", tmp_path / "s.csv", "--all"]
    code, text, _ = run(capsys, *words, "--compile-cache", "none")
    assert code == 0 and "18 mutants" in text
    assert (tmp_path / "s.csv").read_text().startswith("mutant,score\nA1C,")


def test_what_cannot_be_is_told_before_anything_is_trained(capsys, genes, tmp_path):
    table = tmp_path / "rows.csv"
    table.write_text("a,b\n" + "ACGTACGT,ACGTTTTT\nACGATCGT,AGGTATTT\n" * 12)
    out = tmp_path / "run"
    for words, message in (
        ([genes], "--out RUN is missing"),
        ([genes, "--out", out, "--encoder", "mlp"], "gives no vector a position"),
        ([genes, "--out", out, "--encoder", "x=cnn"], "leave x= out"),
        ([genes, "--out", out, "--length", "1"], "give at least 2"),
        ([genes, "--out", out, "--fractions", "0.5,0.6"], "together 1"),
        ([genes, "--out", out, "--share", "2"], "between 0 and 1"),
        ([table, "--out", out], "--input a:dna"),
        ([genes, "--out", out, "--init", tmp_path], "config.json"),
    ):
        code, _, err = run(capsys, "pretrain", *words, "--compile-cache", "none")
        assert code == 1 and message in err, err
        assert not out.exists()
