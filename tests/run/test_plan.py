import dataclasses
from typing import ClassVar

import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models import MLP, Encoder
from jaxbio.plugins import register
from jaxbio.run.fitting import fit, load
from jaxbio.run.planning import make_plan
from tests.helpers import linear_data


@dataclasses.dataclass(frozen=True)
class Named(MLP):
    name: ClassVar[str] = "named"


def test_a_part_of_a_user_is_found_again_by_its_name(tmp_path):
    data, out = linear_data(40), tmp_path / "run"
    settings: dict = {"epochs": 1, "members": 1, "baselines": False}
    with pytest.raises(JaxbioError, match="the encoder Named has no name by which"):
        fit(Named(hidden=(4,)), None, data, out=out, **settings)
    assert not out.exists()
    register(Named)
    plan = make_plan(Named(), None, {"train": data})
    assert plan.to_dict()["plugins"] == {"encoder:named": __name__}
    fit(Named(hidden=(4,)), None, data, out=out, **settings)
    assert load(out).schema.inputs
    parts = Encoder.registry._parts
    kind = parts.pop("named")
    with pytest.raises(
        JaxbioError, match=f"encoder 'named' of the module '{__name__}'"
    ):
        load(out)
    parts["named"] = kind
