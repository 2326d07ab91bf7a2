import numpy as np

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.data.columns.numeric import Numeric, NumericSpec
from jaxbio.data.columns.sequences import Sequences, SequenceSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.run.recommendation import (
    choose_model,
    choose_training,
    recommend,
    study,
    with_reasons,
)
from jaxbio.tasks import infer_tasks
from jaxbio.train import Mutate
from tests.helpers import linear_data, motif_data


def encoders(inputs):
    model = choose_model(learn_schema(Dataset(inputs)))
    return {name: each.name for name, each in model.encoders.items()}


def test_the_kind_of_network_follows_the_data():
    variants = Sequences.from_strings(["MKVLAA", "MKVLAG", "MKVWAA"], PROTEIN)
    assert encoders({"seq": variants}) == {"seq": "mlp"}
    free = Sequences.from_strings(["ACGT", "CATG", "GTAC", "TGCA"], DNA)
    assert encoders({"seq": free}) == {"seq": "cnn"}
    numbers = Numeric(np.eye(4, dtype=np.float32), ("a", "b", "c", "d"))
    assert encoders({"seq": free, "x": numbers}) == {"seq": "cnn", "x": "mlp"}
    assert encoders({"x": numbers}) == {"x": "mlp"}


def test_the_chosen_batch_is_no_larger_than_the_data():
    assert choose_training(Schema((), n_train=10)).batch_size == 10


def test_settings_are_chosen_by_the_kind_of_data():
    def chosen(length, conservation, rows, kind="class"):
        spec = SequenceSpec(
            "s", "dna", DNA, length, length, (length,), conservation=conservation
        )
        target = TargetSpec("y", kind, per_position=kind == "number")
        return choose_training(Schema((spec,), (target,), rows))

    seen = ((90, 0.9), (23, 0.0), (90, 0.0))
    variants, short, windows = (chosen(*each, 500) for each in seen)
    assert variants.weight_decay == 1.0 and variants.members == 3
    assert short.augment == () and windows.augment == (Mutate(0.1),)
    assert chosen(90, 0.0, 500_000).members == 1
    assert chosen(90, 0, 500, kind="number").augment == ()
    assert choose_training(Schema((NumericSpec("x", "numeric"),), (), 500)).epochs == 60


def test_a_recommendation_is_what_would_be_chosen_and_why():
    data = motif_data(60)
    schema = study(data, infer_tasks(data), seed=0)
    found = recommend(data)
    assert found.model == choose_model(schema)
    assert found.training == choose_training(schema)
    what = [each.what for each in found.reasons]
    assert what[:2] == ["encoder of seq", "hidden layers"] and "members" in what
    assert all(each.reason for each in found.reasons)
    lines = str(found).splitlines()
    assert len(lines) == len(what) and lines[0].startswith("encoder of seq  cnn")
    assert len({line.index(each.reason) for line, each in zip(
        lines, found.reasons, strict=True)}) == 1  # fmt: skip


def test_what_was_given_has_no_other_reason():
    data = linear_data(60)
    found = recommend(data)
    schema = study(data, infer_tasks(data), seed=0)
    again = with_reasons(schema, found.model, found.training, ["epochs"])
    reasons = {each.what: each.reason for each in again.reasons}
    assert reasons["epochs"] == "as given" and reasons["patience"] == "numbers alone"
