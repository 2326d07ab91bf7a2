import numpy as np
import pytest

from jaxbio.data import learn_schema
from jaxbio.errors import DataError
from jaxbio.structure import CHAIN_TARGETS, from_chains
from jaxbio.structure.chain import Chain
from jaxbio.structure.dataset import chain_arrays, chain_row, residue_rows
from tests.proteins import ALPHA, build, hairpin


def chains():
    first = hairpin()[:, :5].astype(np.float32)
    second = build([ALPHA] * 6)[:, :5].astype(np.float32)
    second[2] = np.nan
    return [Chain("a", "A" * 14, first), Chain("b", "AAUAAX", second)]


def test_targets_stand_beside_the_sequence():
    data = from_chains(chains(), CHAIN_TARGETS)
    assert data.inputs["sequence"].strings() == ["A" * 14, "AACAAX"]
    assert data.ids.tolist() == ["a", "b"]
    assert data.targets["ss3"].values.tolist() == ["CCCEEECCEEECCC", "CC?CCC"]
    assert data.targets["disorder"].values.tolist() == ["0" * 14, "001000"]
    for name in CHAIN_TARGETS[3:]:
        assert data.targets[name].lengths.tolist() == [14, 6]
    track = data.targets["sin_phi"].take(np.array([1])).values
    expected = np.sin(np.deg2rad([np.nan, -57, np.nan, np.nan, -57, -57]))
    np.testing.assert_allclose(track, expected, atol=1e-3)


def test_a_schema_is_learned_from_them():
    data = from_chains(chains(), ["ss3", "phi"])
    kinds = {"ss3": ("class", True), "phi": ("number", True)}
    schema = learn_schema(data, kinds)
    assert schema.target("ss3").classes == ("C", "E")
    encoded = schema.encode(data).targets["ss3"]
    assert np.isnan(encoded.values[14:]).tolist() == [0, 0, 1, 0, 0, 0]


def test_wrong_targets():
    with pytest.raises(DataError, match=r"no label 'ss4': did you mean 'ss"):
        from_chains(chains(), ["ss4"])
    with pytest.raises(DataError, match="no chains"):
        from_chains([])


def test_rows_and_arrays():
    chain = chains()[1]
    row = {name: column[0] for name, column in chain_row(chain).items()}
    assert row["ss8"] == "CC?CCC" and row["sequence"] == "AAUAAX"
    assert row["phi"].split() == ["NA", "-0.9948", "NA", "NA", "-0.9948", "-0.9948"]
    rows = residue_rows(chain)
    assert {len(column) for column in rows.values()} == {6}
    assert rows["residue"].tolist() == list("AAUAAX")
    arrays = chain_arrays(chain)
    assert arrays["coordinates"].shape == (6, 5, 3)
    assert str(arrays["ss8"]) == "CC?CCC"
