import json

import numpy as np
import pandas as pd
import pytest

from jaxbio.cli import main
from tests.cli.test_train import QUICK, run


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


def test_heat_by_what_is_hidden(capsys, scans, tmp_path):
    words = ["explain", scans / "run", scans / "rows", "--method", "occlusion"]
    code, _, err = run(
        capsys, *words, "--label", "sick", "--limit", "2", "-o", tmp_path
    )
    assert code == 0, err
    table = pd.read_csv(tmp_path / "index.tsv", sep="\t")
    assert len(table) == 2 and {"picture", "warmest_row"} <= set(table.columns)
    assert (tmp_path / "page.png").exists()


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
