import json

import numpy as np
import pandas as pd
import pytest

from jaxbio.cli import main
from tests.cli.test_train import QUICK, SMALL, run, sequences


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    """Images in a folder for each class, and a run over them."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("scans")
    random = np.random.default_rng(0)
    for label in ("sick", "well"):
        (folder / "rows" / label).mkdir(parents=True)
        for at in range(30):
            pixels = random.integers(0, 120, (12, 12)).astype(np.uint8)
            if label == "sick":
                pixels[4:8, 4:8] += 120
            Image.fromarray(pixels).save(folder / "rows" / label / f"{at}.png")
    words = ["train", folder / "rows", "--encoder", "resnet:4+8"]
    words += ["--out", folder / "run", "--batch-size", "16", *QUICK]
    assert main([str(word) for word in words]) == 0
    return folder


def test_heat_over_images(capsys, scans):
    out = scans / "why"
    code, said, err = run(
        capsys, "explain", scans / "run", scans / "rows", "-o", out,
        "--label", "sick", "--limit", "5", "--json",
    )  # fmt: skip
    assert code == 0, err
    assert json.loads(said.splitlines()[-1])["method"] == "gradcam"
    table = pd.read_csv(out / "index.tsv", sep="\t")
    assert len(table) == 5 and set(table["explained"]) == {"sick"}
    assert {"id", "picture", "warmest_row", "label:sick"} <= set(table.columns)
    assert table["warmest_row"].between(0, 11).all()
    pictures = [*table["picture"], "page.png"]
    for name in pictures:
        assert (out / name).read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in out.iterdir()} == {*pictures, "index.tsv"}


def test_substitutions_in_sequences(capsys, tmp_path):
    table = sequences(tmp_path / "rows.csv")
    words = ["train", table, "--target", "label", "--out", tmp_path / "run"]
    assert run(capsys, *words, *SMALL, *QUICK)[0] == 0
    rows = pd.DataFrame({"seq": ["ACGTACGTACGTACGTACGTACGTACGTAC", "ACN" + "T" * 27]})
    rows.to_csv(tmp_path / "new.csv", index=False)
    out = tmp_path / "why"
    code, _, err = run(
        capsys, "explain", tmp_path / "run", tmp_path / "new.csv", "-o", out,
        "--unknown", "any",
    )  # fmt: skip
    assert code == 0, err
    index = pd.read_csv(out / "index.tsv", sep="\t")
    assert index["matrix"].tolist() == ["00001.tsv", "00002.tsv"]
    matrix = pd.read_csv(out / "00002.tsv", sep="\t")
    assert list(matrix.columns) == ["position", "symbol", "A", "C", "G", "T"]
    assert "".join(matrix["symbol"]) == rows["seq"][1]
    own = matrix.loc[0, "A"]
    assert own == 0 and matrix[list("CGT")].loc[0].abs().sum() > 0
    for name in index["picture"]:
        assert (out / name).read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_explained(capsys, scans, tmp_path):
    rows, made = scans / "rows", scans / "run"
    cases = [
        (["--label", "sik"], "did you mean 'sick'"),
        (["--method", "ism"], "a sequence; this one takes image (image)"),
        (["--limit", "0"], "--limit 0"),
        (["--target", "lable"], "did you mean 'label'"),
        (["--image", "scan"], "no image input 'scan'"),
    ]
    for words, expected in cases:
        out = tmp_path / "why"
        code, _, err = run(capsys, "explain", made, rows, "-o", out, *words)
        assert code == 1 and expected in err, (words, err)
        assert len(err.strip().splitlines()) == 1 and not out.exists()


def test_columns_of_a_table(capsys, tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"age": rng.normal(60, 9, 80), "sex": ["m", "f"] * 40})
    table["sick"] = np.where(table["age"] > 60, "yes", "no")
    table.to_csv(tmp_path / "rows.csv", index=False)
    words = ["train", tmp_path / "rows.csv", "--target", "sick", "--model", "mlp"]
    words += ["--out", tmp_path / "run", *QUICK]
    assert run(capsys, *words)[0] == 0
    out = tmp_path / "why"
    table[["age", "sex"]].head(2).to_csv(tmp_path / "new.csv", index=False)
    words = ["explain", tmp_path / "run", tmp_path / "new.csv", "-o", out]
    code, _, err = run(capsys, *words)
    assert code == 1 and "--background train.csv" in err
    words += ["--background", tmp_path / "rows.csv", "--label", "yes"]
    code, said, err = run(capsys, *words)
    assert code == 0, err
    assert "mean size of contributions (log odds)" in said
    parts = pd.read_csv(out / "contributions.tsv", sep="\t", dtype={"value": str})
    assert len(parts) == 4 and set(parts["column"]) == {"age", "sex"}
    assert set(parts["value"]) >= {"m", "f"}
    index = pd.read_csv(out / "index.tsv", sep="\t")
    total = (
        index["usual"] + parts.groupby("id", sort=False)["contribution"].sum().values
    )
    p = index["sick:yes"] if "sick:yes" in index else index["sick"]
    if p.dtype != object:
        np.testing.assert_allclose(total, np.log(p / (1 - p)), atol=1e-3)
    files = {path.name for path in out.iterdir()}
    assert files == {
        "index.tsv", "contributions.tsv", "beeswarm.png", "00001.png", "00002.png",
    }  # fmt: skip
    words = ["explain", tmp_path / "run", tmp_path / "rows.csv", "-o", tmp_path / "imp"]
    code, said, err = run(capsys, *words, "--method", "permutation")
    assert code == 0, err
    table = pd.read_csv(tmp_path / "imp" / "importance.tsv", sep="\t")
    assert set(table["column"]) == {"age", "sex"} and "drop_of_" in table.columns[1]
    assert (tmp_path / "imp" / "importance.png").exists()
