from jaxbio.models.pretrained.family import Fields
from jaxbio.models.pretrained.nt2.config import read_config
from jaxbio.models.pretrained.nt2.names import table
from tests.language_models import NT2


def test_gate_and_values_are_halves_of_one_tensor():
    found = table(read_config(Fields(NT2, "c"), frozenset()))
    gate, up = found["stack/layers/gate"], found["stack/layers/up"]
    assert gate.name == up.name and (gate.at, up.at, gate.of) == (0, 1, 2)
