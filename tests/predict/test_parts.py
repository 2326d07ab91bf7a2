import json

import numpy as np
import pytest

from jaxbio.errors import JaxbioError
from jaxbio.predict.parts import Parts, load_part


def test_parts_are_made_once(tmp_path):
    out, made = tmp_path / "x.tsv", []

    def make():
        made.append(1)
        return {"y": np.arange(len(made)), "z": np.zeros(2)}

    for _ in range(2):
        parts = Parts(out, {"a": [1, "b"]})
        (first, _), (second, _) = (
            parts.get(0, "0" * 64, make),
            parts.get(1, "1" * 64, make),
        )
        assert load_part(first, "y").tolist() == [0]
        assert load_part(second, "y").tolist() == [0, 1]
    assert len(made) == 2
    # Other content in its place is made anew.
    part, is_new = parts.get(1, "2" * 64, make)
    assert is_new and load_part(part, "y").tolist() == [0, 1, 2]
    parts.remove()
    assert not list(tmp_path.iterdir())


def test_parts_of_another_plan_are_refused(tmp_path):
    Parts(tmp_path / "x.tsv", {"a": 1})
    plan = tmp_path / "x.tsv.parts" / "plan.json"
    assert json.loads(plan.read_text()) == {"a": 1}
    with pytest.raises(JaxbioError, match=r"x\.tsv\.parts has parts by another model"):
        Parts(tmp_path / "x.tsv", {"a": 2})


def test_a_part_that_fails_leaves_nothing(tmp_path):
    parts = Parts(tmp_path / "x.tsv", {})

    def broken():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        parts.get(0, "0" * 64, broken)
    assert [x.name for x in parts.folder.iterdir()] == ["plan.json"]
