import numpy as np
import pytest

from jaxbio.alphabet import SMILES
from jaxbio.data.columns.base import Origin
from jaxbio.data.columns.descriptors import Descriptors
from jaxbio.data.kinds import spec_type
from jaxbio.data.schema import Schema
from tests.helpers import sequences_of

pytest.importorskip("rdkit", reason="rdkit is not installed")

ORIGIN = Origin("x", np.arange(4))


@pytest.fixture(scope="module")
def column():
    texts = ["CCO", "c1ccccc1", "CC(=O)O", "C(C)(C)(C)(C)C"]
    return Descriptors.view(sequences_of(texts, SMILES))


def test_descriptors_are_signed_logarithms_of_rdkits(column):
    at = column.names.index("MolWt")
    weights = [46.069, 78.114, 60.052]
    np.testing.assert_allclose(column.values[:3, at], np.log1p(weights), rtol=1e-4)
    assert np.isnan(column.values[3]).all()  # five bonds of a carbon
    charge = column.names.index("MinPartialCharge")
    assert (column.values[:3, charge] < 0).all()


def test_those_that_vary_are_learned_and_bounded(column):
    spec = column.learn("descriptors@x", ORIGIN)
    assert len(spec.columns) < len(column.names) and "MolWt" in spec.columns
    at = spec.columns.index("MolWt")
    heavy = Descriptors.view(sequences_of(["C" * 400], SMILES))
    value = heavy.encode(spec, ORIGIN)[0, at]
    low, high = spec.low[at], spec.high[at]
    assert value == pytest.approx(high + (high - low) / 2)
    assert spec_type(spec) == "descriptors"
    assert Schema.from_dict(Schema((spec,)).to_dict()).inputs == (spec,)
