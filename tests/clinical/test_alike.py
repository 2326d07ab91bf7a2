import numpy as np

from jaxbio.clinical.alike import alike_of
from jaxbio.data import Dataset, Numeric
from jaxbio.data.specs import TargetSpec

SURVIVAL = TargetSpec("d,e", "survival", columns=("d", "e"), times=(10.0, 20.0))
CAUSES = TargetSpec(
    "d,c", "competing", columns=("d", "c"), times=(10.0,), causes=("a", "b")
)
ILL = TargetSpec("ill", "class", classes=("no", "yes"))


def row(age):
    return Dataset({"x": Numeric(np.array([[age]], np.float32), ("age",))})


def known(targets):
    groups = [
        {"rows": 20, "center": [center], "reach": 0.5, "targets": targets}
        for center in (-1.0, 1.0)
    ]
    return {"numbers": {"age": [50.0, 10.0]}, "labels": {}, "groups": groups}


def test_each_kind_of_outcome_is_told():
    told = {
        "d,e": {"known": 20, "survival": [0.8, 0.4]},
        "d,c": {"known": 20, "incidence": {"a": [0.3], "b": [0.2]}},
        "ill": {"known": 19, "counts": {"no": 12, "yes": 7}},
    }
    found = alike_of(known(told), row(61.0), [SURVIVAL, CAUSES, ILL], [10.0])
    assert found is not None and found.rows == 20 and not found.far
    assert found.told == (
        "event by d 10: 20%", "c a by d 10: 30%", "c b by d 10: 20%",
        "ill no: 12 of 19", "ill yes: 7 of 19",
    )  # fmt: skip


def test_a_patient_unlike_all_is_said_to_be():
    told = {"ill": {"known": 20, "counts": {"no": 12, "yes": 8}}}
    far = alike_of(known(told), row(75.0), [ILL], [])
    assert far is not None and far.far


def test_nothing_known_is_nothing_told():
    assert alike_of({}, row(50.0), [ILL], []) is None
    assert alike_of(known({}), row(50.0), [ILL], []) is None
