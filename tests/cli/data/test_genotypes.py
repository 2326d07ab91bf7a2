import json

import numpy as np
import pandas as pd
import pytest

from tests.cli.test_train import QUICK, run

HEAD = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]


@pytest.fixture
def cohort(tmp_path):
    """A file of 60 samples whose first variant decides on the outcome."""
    rng = np.random.default_rng(0)
    samples = [f"s{at}" for at in range(60)]
    dosages = rng.integers(0, 3, (12, 60))
    lines = ["##fileformat=VCFv4.2", "\t".join(HEAD + samples)]
    for at, dosage in enumerate(dosages):
        calls = [["0/0", "0|1", "1/1"][value] for value in dosage]
        calls[at] = "./."
        row = [f"chr{1 + at % 2}", str(100 + at), ".", "A", "G", ".", ".", ".", "GT"]
        lines.append("\t".join(row + calls))
    (tmp_path / "x.vcf").write_text("\n".join(lines) + "\n")
    outcome = pd.DataFrame({"sample": samples[::-1], "site": "A, B"})
    outcome["outcome"] = np.where(dosages[0] > 0, "ill", "well")[::-1]
    outcome.iloc[:59].to_csv(tmp_path / "about.csv", index=False)  # all but s0
    return tmp_path


def test_from_a_vcf_file_to_predictions(capsys, cohort):
    out = cohort / "genotypes.tsv"
    words = ["data", "genotypes", cohort / "x.vcf", "-o", out, "--json"]
    code, said, err = run(capsys, *words, "--join", cohort / "about.csv")
    assert code == 0, err
    assert "about.csv: 59 of 60 samples found by column sample, empty cells" in said
    assert "60 samples by 12 variants, 1.7 % of the calls missing" in said
    assert json.loads(said.splitlines()[-1])["variants"] == 12
    code, piped, _ = run(capsys, *words[:4], "-", "--join", cohort / "about.csv")
    assert code == 0 and piped == out.read_text()
    table = pd.read_csv(out, sep="\t")
    assert list(table.columns[:4]) == ["id", "site", "outcome", "chr1:100:A:G"]
    assert table["site"].isna().tolist() == [True] + [False] * 59
    assert table["chr1:100:A:G"].isna().sum() == 1
    known = table.dropna()
    assert ((known["chr1:100:A:G"] > 0) == (known["outcome"] == "ill")).all()
    words = ["train", out, "--input", "chr*:numeric", "--target", "outcome"]
    code, _, err = run(capsys, *words, "--out", cohort / "run", *QUICK)
    assert code == 0, err
    code, _, err = run(capsys, "predict", cohort / "run", out, "-o", cohort / "p.csv")
    assert code == 0 and len(pd.read_csv(cohort / "p.csv")) == 60, err


def test_filters_and_parquet(capsys, cohort):
    words = ["data", "genotypes", cohort / "x.vcf", "--region", "chr2:100-103"]
    code, _, err = run(capsys, *words, "-o", cohort / "g.csv.gz")
    assert code == 0, err
    assert list(pd.read_csv(cohort / "g.csv.gz").columns)[1:] == [
        "chr2:101:A:G",
        "chr2:103:A:G",
    ]
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    words += ["--join", f"{cohort / 'about.csv'}:sample", "--min-maf", "0.1"]
    code, _, err = run(capsys, *words, "-o", cohort / "g.parquet")
    assert code == 0, err
    table = pd.read_parquet(cohort / "g.parquet")
    assert table.shape == (60, 5) and table["chr2:101:A:G"].isna().sum() == 1


def test_tables_that_do_not_join(capsys, cohort):
    (cohort / "other.csv").write_text("sample,y\nx,1\n")
    (cohort / "twice.csv").write_text("sample,y\ns1,1\ns1,2\n")
    (cohort / "nameless.csv").write_text("who,y\ns1,1\n")
    (cohort / "same.csv").write_text("sample,chr1:100:A:G\ns1,1\n")
    for name, expected in [
        ("other.csv", "none of the samples of"),
        ("twice.csv", "row 3, column sample: 's1' stands there twice, also in row 2"),
        ("nameless.csv", "no column called id, sample"),
        ("about.csv:who", "no column 'who'"),
        ("same.csv", "the column 'chr1:100:A:G' has the name"),
        ("no.csv", "no such file"),
    ]:
        code, _, err = run(
            capsys, "data", "genotypes", cohort / "x.vcf", "-o", cohort / "g.tsv",
            "--join", cohort / name,
        )  # fmt: skip
        assert code == 1 and expected in err, (name, err)
        assert len(err.strip().splitlines()) == 1
    assert not (cohort / "g.tsv").exists()
    code, said, err = run(
        capsys, "data", "genotypes", cohort / "x.vcf", "-o", cohort / "g.tsv",
        "--join", f"{cohort / 'nameless.csv'}:who",
    )  # fmt: skip
    assert code == 0 and "1 of 60 samples found by column who" in said, err
