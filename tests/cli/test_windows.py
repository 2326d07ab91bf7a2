"""From intervals and a genome to a run, its scores and predictions."""

import json

import numpy as np
import pandas as pd
import pytest

from tests.commands import QUICK, SMALL, run

MOTIF = "TGACTCATGACTCA"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two contigs, with a motif at each of the intervals."""
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("windows")
    lines, genome = ["track name=sites"], ""
    for contig in ("chr1", "chr2"):
        bases = rng.choice(list("ACGT"), 12_000)
        for at in range(100, 11_900, 120):
            bases[at : at + len(MOTIF)] = list(MOTIF)
            cells = [contig, at, at + len(MOTIF), f"{contig}.{at}", at % 7, "+"]
            lines.append("\t".join(map(str, cells)))
        genome += f">{contig}\n{''.join(bases)}\n"
    (folder / "g.fa").write_text(genome)
    (folder / "sites.bed").write_text("\n".join(lines) + "\n")
    edge = ["chr1\t1\t4\tedge\t0\t+", *lines[1:4], "chrX\t5\t9\tlost\t0\t-"]
    (folder / "new.bed").write_text("\n".join(edge) + "\n")
    return folder


@pytest.fixture(scope="module")
def trained(folder):
    from jaxbio.cli import main

    words = ["train", folder / "sites.bed", "--genome", folder / "g.fa", "--length", 30]
    words += ["--negatives", "matched", "--out", folder / "run", *SMALL, *QUICK]
    assert main([str(word) for word in words]) == 0
    return folder


def test_a_run_keeps_how_windows_were_cut(capsys, trained):
    config = json.loads((trained / "run" / "config.json").read_text())
    kept = config["schema"]["reading"]["windows"]
    assert kept == {"length": 30, "negatives": "matched"}
    assert sum(part["rows"] for part in config["data"].values()) > 350
    words = ["predict", trained / "run", trained / "new.bed", "--genome"]
    out = trained / "p.tsv"
    code, _, err = run(capsys, *words, trained / "g.fa", "-o", out)
    assert code == 0
    assert "1 of 5 intervals get no prediction, their contigs are not in" in err
    assert "1 of 5 windows reach beyond their contig and get no prediction: edge" in err
    table = pd.read_csv(out, sep="\t")
    assert table["name"].tolist()[::4] == ["edge", "lost"]
    assert table["label:positive"].isna().tolist() == [True, *[False] * 3, True]
    assert (table["end"] - table["start"] == 30).all()


def test_evaluation_draws_negatives_again(capsys, trained):
    words = ["evaluate", trained / "run", trained / "sites.bed", "--genome"]
    code, out, err = run(capsys, *words, trained / "g.fa", "--json")
    assert code == 0, err
    assert "negatives were drawn; shares of windows and negatives" in out
    assert "rows have the inputs of training rows" in out


def test_a_split_by_chromosome_and_a_column_to_learn(capsys, folder):
    words = ["train", folder / "sites.bed", "--genome", folder / "g.fa", "--length", 30]
    words += ["--split", "chromosome:chrom", "--fractions", "0.5,0.5", "--task"]
    words += ["regression", "--target", "score", "--out", folder / "s", *SMALL, *QUICK]
    code, _, err = run(capsys, *words)
    assert code == 0, err
    config = json.loads((folder / "s" / "config.json").read_text())
    assert config["schema"]["reading"]["windows"] == {"length": 30}
    assert {part["rows"] for part in config["data"].values()} == {99}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--genome", "g.fa"], "how long are windows? Give --length"),
        (["--genome", "g.fa", "--length", "30"], "what is to be learned? Whether a"),
        ([], "name the genome, as in --genome genome.fa --length 1000"),
    ],
)
def test_what_is_missing(capsys, folder, monkeypatch, words, message):
    monkeypatch.chdir(folder)
    code, _, err = run(capsys, "train", "sites.bed", *words, "--out", "other")
    assert code == 1 and message in err


def test_separate_files_of_intervals(capsys, folder):
    text = (folder / "sites.bed").read_text().splitlines()
    (folder / "a.bed").write_text("\n".join(x for x in text if "chr1\t" in x))
    (folder / "b.bed").write_text("\n".join(x for x in text if "chr2\t" in x))
    words = ["train", folder / "a.bed", "--valid", folder / "b.bed", "--genome"]
    words += [folder / "g.fa", "--length", 30, "--negatives", "matched", "--dry-run"]
    code, out, err = run(capsys, *words)
    assert code == 0, err
    assert out.count("negatives were drawn") >= 1


def test_values_of_tracks(capsys, folder):
    pybigtools = pytest.importorskip("pybigtools", reason="bigWig files")
    rows = [(name, at, at + 10, float(at % 3)) for name in ("chr1", "chr2")
            for at in range(0, 12_000, 10)]  # fmt: skip
    sizes = {"chr1": 12_000, "chr2": 12_000}
    pybigtools.open(str(folder / "x.bw"), "w").write(sizes, iter(rows))
    words = ["train", "--genome", folder / "g.fa", "--length", 40, "--tracks"]
    words += [f"signal={folder / 'x.bw'}", "--bins", 2, "--summary", "mean"]
    words += ["--out", folder / "t"]
    code, out, err = run(capsys, *words, *SMALL, *QUICK)
    assert code == 0, err
    config = json.loads((folder / "t" / "config.json").read_text())
    assert [spec["name"] for spec in config["schema"]["targets"]] == ["signal_bin_*"]
    code, out, err = run(capsys, "train", "--resume", "--out", folder / "t")
    assert code == 0, err
    assert "signal_bin_1" in out


def test_a_profile_from_training_to_a_track(capsys, folder):
    pybigtools = pytest.importorskip("pybigtools", reason="bigWig files")
    rows = [(name, at, at + 5, float(at % 4)) for name in ("chr1", "chr2")
            for at in range(0, 12_000, 10)]  # fmt: skip
    sizes = {"chr1": 12_000, "chr2": 12_000}
    pybigtools.open(str(folder / "y.bw"), "w").write(sizes, iter(rows))
    genome, run_ = ("--genome", folder / "g.fa"), folder / "profile"
    words = ["train", *genome, "--length", 40, "--tracks", folder / "y.bw", "--bins", 8]
    words += ["--out", run_, *SMALL, *QUICK]
    code, out, err = run(capsys, *words)
    assert code == 0 and "profile_pearson" in out, err
    config = json.loads((run_ / "config.json").read_text())
    assert config["tasks"]["y"] == {
        "task": "profile", "per_position": True, "weight": 1.0, "length": 40,
        "bins": 8, "count_weight": 1.0,
    }  # fmt: skip
    (folder / "four.bed").write_text("chr1\t100\t140\nchr1\t120\t160\nchr2\t0\t40\n")
    code, out, err = run(capsys, "evaluate", run_, folder / "four.bed", *genome)
    assert code == 0 and "y (3 rows)" in out and "profile_jsd" in out, err
    words = ["predict", run_, folder / "four.bed", *genome, "-o", folder / "four.tsv"]
    assert run(capsys, *words)[0] == 0
    table = pd.read_csv(folder / "four.tsv", sep="\t")
    first, second = (np.array(cell.split(), float) for cell in table["y"][:2])
    assert len(first) == 40 and len(set(first)) <= 8  # alike within a bin
    words = ["predict", run_, *genome, "--stride", 20, "--region", "chr1:111-150"]
    code, out, err = run(capsys, *words, "-o", folder / "y.bedGraph")
    assert code == 0, err
    found = np.zeros(40)
    for line in (folder / "y.bedGraph").read_text().splitlines():
        _, start, end, value = line.split("\t")
        found[int(start) - 110 : int(end) - 110] = float(value)
    expected = np.concatenate([first[10:30], second[10:30]])
    assert found == pytest.approx(expected, rel=1e-4)
    code, _, err = run(capsys, "train", "--resume", "--out", run_, "--task", "poisson")
    assert code == 1 and "a profile brings its own task" in err
