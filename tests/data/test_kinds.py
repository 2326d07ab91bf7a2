import numpy as np
import pytest
from scipy import sparse

from jaxbio.alphabet import PROTEIN
from jaxbio.data.columns.category import CategorySpec
from jaxbio.data.columns.fingerprints import FingerprintSpec
from jaxbio.data.columns.images import image_size
from jaxbio.data.columns.sequences import alphabet_of
from jaxbio.data.kinds import (
    column_type,
    kinds_of_arrays,
    spec_type,
    target_kinds,
    target_type,
)
from jaxbio.errors import DataError


@pytest.mark.parametrize(
    ("kind", "name", "inferred"),
    [
        ("protein", "sequence", "protein"),
        (PROTEIN, "sequence", "protein"),
        ("smiles", "sequence", "smiles"),
        ("morgan", "morgan", "smiles"),
        ("symbols=HPX", "sequence", "symbols=HPX"),
        ("numeric", "numeric", "numeric"),
        ("category", "category", "category"),
        ("counts", "counts", "counts"),
        ("image", "image", "image"),
        ("image=8x9", "image", "image"),
        (("a", "b"), "numeric", "numeric"),
    ],
)
def test_the_type_of_a_kind(kind, name, inferred):
    column = column_type(kind)
    assert (column.name, column.inferred_as(kind)) == (name, inferred)
    assert column.reads_records == (name == "sequence")


@pytest.mark.parametrize("kind", ["image=28", "image=28xx1", "image=ax9", "image=-1x9"])
def test_sizes_that_are_none(kind):
    with pytest.raises(DataError, match="write image=HEIGHTxWIDTH"):
        image_size(kind)


def test_misspelt_kinds_name_the_nearest():
    with pytest.raises(DataError, match="no input kind 'protien': did you mean 'prot"):
        column_type("protien")
    with pytest.raises(DataError, match="target y: no target kind 'clas': did you mea"):
        target_type("y", "clas")
    with pytest.raises(DataError, match="no input kind 'track'"):  # only a target
        column_type("track")


def test_every_target_kind_has_a_type():
    types = {kind: target_type("y", kind).name for kind in target_kinds()}
    assert types == {
        "number": "numeric",
        "count": "numeric",
        "labels": "labels",
        "class": "category",
        "positions_class": "category",
        "positions_number": "track",
        "survival": "time_to_event",
        "competing": "competing_events",
    }


def test_arrays_and_specifications_tell_their_type():
    arrays = {
        "scan": np.zeros((1, 2, 2, 1), np.uint8),
        "cells": sparse.csr_matrix((2, 3)),
    }
    assert kinds_of_arrays(arrays) == {"scan": "image", "cells": "counts"}
    assert spec_type(CategorySpec("x", "category")) == "category"
    assert spec_type(FingerprintSpec("x", "morgan")) == "morgan"


def test_an_alphabet_of_ones_own():
    assert alphabet_of("symbols=HPX").symbols == "HPX"
