import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.data import read_for
from jaxbio.data.columns.label_lists import LabelLists, look_listed
from jaxbio.data.inference import infer
from jaxbio.data.io.frames import Frame
from jaxbio.data.learn import learn_schema
from jaxbio.errors import DataError

PLACES = ["nucleus", "cytoplasm|nucleus", "cytoplasm", "membrane; nucleus", ""]


def table(cells):
    sequences = ["ACDEFGHIKLMNPQ", "MKLVWYACDEFGHI", "GGHHIIKKLLMMNN"]
    rows = [sequences[at % 3] for at in range(len(cells))]
    return pd.DataFrame({"protein": rows, "place": cells})


def test_labels_are_listed_with_either_mark():
    found = LabelLists.from_cells(PLACES)
    assert found.names == ("cytoplasm", "membrane", "nucleus")
    assert found.values[:4].tolist() == [[0, 0, 1], [1, 0, 1], [1, 0, 0], [0, 1, 1]]
    assert np.isnan(found.values[4]).all()


@pytest.mark.parametrize(
    ("cells", "listed"),
    [
        (["a", "b", "a|b", "b|c", "c"], True),
        (["a", "b", "c"], False),
        (["a;b", "c;d", "e;f"], False),  # nothing comes again: names
        ([f"{at};{at + 1}" for at in range(500)], False),  # too many labels
        ([*["a", "b"] * 200, "a|b"], False),  # a slip, as likely as not
    ],
)
def test_lists_are_told_from_names(cells, listed):
    assert look_listed(cells) is listed


def test_a_column_of_lists_is_a_target_of_labels():
    data = jb.read(table(PLACES * 6), targets="place")
    target = data.targets["place"]
    assert isinstance(target, LabelLists) and target.target_kind == "labels"
    assert target.names == ("cytoplasm", "membrane", "nucleus")
    assert any("3 labels, of which a row may have several" in x for x in data.notes)
    kinds = infer(Frame.from_table(table(PLACES)), targets=["place"]).targets
    assert kinds == {"place": "labels"}


def test_other_files_may_list_fewer_labels_and_no_new_ones():
    data = jb.read(table(PLACES * 6), targets="place")
    schema = learn_schema(data, {"place": ("labels", False)})
    new = read_for(table(["cytoplasm", "", "cytoplasm"]), schema)
    found = schema.encode(new).targets["place"]
    assert found[[0, 2]].tolist() == [[1, 0, 0], [1, 0, 0]] and np.isnan(found[1]).all()
    with pytest.raises(DataError, match="place lists 'nucleolus', which no training"):
        schema.encode(read_for(table(["nucleolus|cytoplasm"]), schema))


def test_parts_with_other_labels_are_put_together():
    one, two = map(LabelLists.from_cells, (["a", "a|b"], ["c", ""]))
    whole = LabelLists.concatenate([one, two])
    assert whole.names == ("a", "b", "c")
    assert whole.values[:3].tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert np.isnan(whole.values[3]).all()


def test_zeros_and_ones_with_a_slip_are_no_lists():
    cells = ["0", "1", "oops", *["1", "0"] * 20]
    with pytest.raises(DataError, match="'oops' is not a number"):
        jb.read(table(cells), targets={"place": "labels"})
