import functools
import json

import numpy as np
import pandas as pd
import pytest

from jaxbio.cli import main, quickstart
from jaxbio.cli.quickstart import sample, wild_type_with_a_element
from jaxbio.datasets import loaders
from jaxbio.datasets.loaders import ars1_wild_type
from jaxbio.plot import contributions


@pytest.fixture(scope="module", autouse=True)
def _read_once():
    """The 603,569 variants take seconds to read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loaders, "load", functools.cache(loaders.load))
        yield


def test_the_consensus_is_found_on_the_strand_of_the_reads():
    wild_type, (first, last) = wild_type_with_a_element()
    assert len(wild_type) == 150
    pairs = str.maketrans("ACGT", "TGCA")
    assert wild_type == ars1_wild_type()
    element = wild_type[first:last][::-1].translate(pairs)
    assert element == "TTTTATGTTTA"  # WTTTAYRTTTW
    reads = sample(200, 0).inputs["sequence"].strings()
    same = np.mean([[a == b for a, b in zip(r, wild_type, strict=True)] for r in reads])
    assert same > 0.8  # on the other strand a quarter would agree


def test_samples_follow_from_the_seed():
    one, two, other = sample(50, 1), sample(50, 1), sample(50, 2)
    assert one.ids.tolist() == two.ids.tolist() != other.ids.tolist()


def test_the_quickstart_learns_the_consensus(capsys, tmp_path, monkeypatch):
    narrow = functools.partial(quickstart.CNN, channels=(24, 24))
    monkeypatch.setattr(quickstart, "CNN", narrow)
    out = tmp_path / "q"
    words = ["quickstart", "--out", str(out), "--rows", "6000", "--epochs", "3"]
    assert main([*words, "--json", "--compile-cache", "none"]) == 0
    printed = capsys.readouterr().out
    result = json.loads(printed.splitlines()[-1])
    assert "jaxbio predict" in printed and str(out) in printed
    assert result["auroc"] > 0.85

    table = pd.read_csv(out / "wild_type.tsv", sep="\t")
    heights = contributions(table[list("ACGT")].to_numpy(np.float32))
    wild_type, (first, last) = wild_type_with_a_element()
    assert "".join(table["wild_type"]) == wild_type
    inside = heights[first:last]
    outside = np.concatenate([heights[:first], heights[last:]])
    assert inside.mean() > 4 * np.abs(outside).mean()
    assert inside.mean() > np.quantile(outside, 0.98)
    assert (out / "wild_type.png").read_bytes().startswith(b"\x89PNG")
    assert len(pd.read_csv(out / "predictions.tsv", sep="\t")) == 720
