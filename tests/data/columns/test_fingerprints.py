import numpy as np
import pytest

from jaxbio.data import Dataset, kinds_of, learn_schema, read
from jaxbio.data.columns.fingerprints import Fingerprints
from tests.helpers import frame_of

NAN = np.nan


def test_bits_are_taken_as_they_are():
    bits = Fingerprints(np.array([[0, 1], [NAN, NAN], [1, 1]], np.float32), ("a", "b"))
    data = Dataset({"drug": bits})
    assert bits.kind == "morgan" and bits.describe() == "fingerprints of 2 bits"
    assert kinds_of(data)[0] == {"drug": "morgan"}
    (spec,) = learn_schema(data).inputs
    assert (spec.mean, spec.scale, spec.has_missing) == ((0, 0), (1, 1), False)
    assert spec.absent == pytest.approx(1 / 3) and spec.reading_kind == "morgan"
    assert isinstance(bits.nothing(2), Fingerprints)


def test_molecules_are_read_as_bits():
    pytest.importorskip("rdkit", reason="rdkit is not installed")
    frame = frame_of(smiles=["CCO", "", "CCO"], dose=["1", "2", "3"])
    kinds = {"bits@smiles": "morgan", "dose": "numeric"}
    column = read([frame], inputs=kinds, targets=[]).inputs["bits@smiles"]
    assert column.missing().tolist() == [False, True, False]
    hashes = column.hashes()
    assert hashes[0] == hashes[2] and column.names[:1] == ("morgan_0",)
