import pandas as pd
import pytest

from jaxbio.alphabet import PROTEIN
from jaxbio.data.io.frames import Frame
from jaxbio.data.kinds import (
    TARGET_KINDS,
    alphabet_of,
    check_target_kinds,
    image_size,
    is_image,
    is_molecules,
    matching,
    vector_columns,
)
from jaxbio.errors import DataError


@pytest.mark.parametrize(
    ("kind", "name", "image", "molecules", "columns"),
    [
        ("protein", "protein", False, False, ()),
        (PROTEIN, "protein", False, False, ()),
        ("smiles", "smiles", False, True, ()),
        ("morgan", None, False, True, ()),
        ("symbols=HPX", "symbols=HPX", False, False, ()),
        ("numeric", None, False, False, ()),
        ("image=8x9", None, True, False, ()),
        (("a", "b"), None, False, False, ("a", "b")),
    ],
)
def test_what_a_kind_is(kind, name, image, molecules, columns):
    alphabet = alphabet_of(kind)
    assert (alphabet.name if alphabet else None) == name
    assert (is_image(kind), is_molecules(kind)) == (image, molecules)
    assert vector_columns(kind) == columns


@pytest.mark.parametrize("kind", ["image=28", "image=28xx1", "image=ax9", "image=-1x9"])
def test_sizes_that_are_none(kind):
    with pytest.raises(DataError, match="write image=HEIGHTxWIDTH"):
        image_size(kind)


def test_misspelt_kinds_name_the_nearest():
    with pytest.raises(DataError, match="no input kind 'protien': did you mean 'prot"):
        alphabet_of("protien")
    with pytest.raises(DataError, match="target y: no target kind 'clas': did you mea"):
        check_target_kinds({"x": "number", "y": "clas"})
    check_target_kinds(dict.fromkeys(TARGET_KINDS, "number"))


def test_a_name_a_glob_and_what_matches_nothing():
    columns = {"g_1": [0], "g_2": [0], "g_[x]": [0], "y": [1]}
    frame = Frame.from_table(pd.DataFrame(columns))
    assert matching(frame, "g_?") == ("g_1", "g_2")
    assert matching(frame, "g_*", frozenset({"g_1"})) == ("g_2", "g_[x]")
    assert matching(frame, "g_[x]") == ("g_[x]",)  # a name before it is a glob
    with pytest.raises(DataError, match="no column 'g_3': did you mean 'g_"):
        matching(frame, "g_3")
    with pytest.raises(DataError, match=r"no column matches 'h\*'"):
        matching(frame, "h*")
