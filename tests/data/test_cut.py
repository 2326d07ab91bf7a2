"""Windows of long sequences: nothing lost, nothing longer, named by their places."""

import numpy as np
import pytest

from jaxbio.alphabet import DNA
from jaxbio.data import Dataset, Numeric, Sequences
from jaxbio.data.cut import cut_windows, window_sizes
from jaxbio.errors import DataError


def data(texts, **more):
    column = Sequences.from_strings(texts, DNA)
    ids = np.array([f"s{at}" for at in range(len(texts))], object)
    return Dataset({"seq": column}, ids=ids, source="a.fa", **more)


def test_windows_hold_every_symbol_once():
    for symbols in (1, 7, 8, 9, 15, 16, 17, 63):
        sizes = window_sizes(symbols, 8)
        assert len(sizes) == max(-(-symbols // 8), 1)
        assert sizes.sum() == symbols and sizes.max() <= 8
        assert np.ptp(sizes) <= 1


def test_rows_are_windows_of_their_sequences():
    texts = ["ACGTACGTAG", "TTT", "GGGGCCCC"]
    whole = data(texts, weights=np.array([1, 2, 3], np.float32))
    some = cut_windows(whole, 4)
    assert some.inputs["seq"].strings() == [
        "ACG", "TACG", "TAG", "TTT", "GGGG", "CCCC",
    ]  # fmt: skip
    assert some.ids.tolist() == ["s0:1-3", "s0:4-7", "s0:8-10", "s1", "s2:1-4",
                                 "s2:5-8"]  # fmt: skip
    assert some.weights.tolist() == [1, 1, 1, 2, 3, 3]
    assert some.groups.tolist() == ["s0"] * 3 + ["s1"] + ["s2"] * 2
    assert "2 of 3 sequences are longer than 4 symbols: cut into 5" in some.notes[-1]
    assert cut_windows(whole, 10) is whole


def test_blocks_of_chromosomes_are_divided():
    some = cut_windows(data(["ACGT" * 40, "ACG"]), 4, blocks=True)
    assert len(some) == 41
    groups = ["s0/0"] * 16 + ["s0/1"] * 16 + ["s0/2"] * 8 + ["s1/0"]
    assert some.groups.tolist() == groups


def test_labels_and_further_inputs_are_refused():
    label = {"y": Numeric(np.ones((1, 1), np.float32), ("y",))}
    with pytest.raises(DataError, match="labels belong to whole sequences"):
        cut_windows(data(["ACGT"], targets=label), 2)
    two = {"a": Sequences.from_strings(["A"], DNA)}
    with pytest.raises(DataError, match="one input of sequences"):
        cut_windows(Dataset({**two, "b": two["a"]}), 2)
    with pytest.raises(DataError, match="give at least 2"):
        cut_windows(data(["ACGT"]), 1)
