import numpy as np

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.data.schema import Schema
from jaxbio.data.specs import InputSpec, TargetSpec
from jaxbio.run.recipes import choose_model, choose_training


def encoders(inputs):
    model = choose_model(learn_schema(Dataset(inputs)))
    return {name: each.name for name, each in model.encoders.items()}


def test_the_kind_of_network_follows_the_data():
    variants = Sequences.from_strings(["MKVLAA", "MKVLAG", "MKVWAA"], PROTEIN)
    assert encoders({"seq": variants}) == {"seq": "mlp"}
    free = Sequences.from_strings(["ACGT", "CATG", "GTAC", "TGCA"], DNA)
    assert encoders({"seq": free}) == {"seq": "cnn"}
    numbers = Numeric(np.eye(3, dtype=np.float32), ("a", "b", "c"))
    assert encoders({"seq": free, "x": numbers}) == {"seq": "cnn", "x": "mlp"}
    assert encoders({"x": numbers}) == {"x": "mlp"}


def test_the_chosen_batch_is_no_larger_than_the_data():
    assert choose_training(Schema((), n_train=10)).batch_size == 10


def test_settings_are_chosen_by_the_kind_of_data():
    def chosen(length, conservation, rows, kind="class"):
        spec = InputSpec(
            "s", "dna", DNA, length, length, (length,), conservation=conservation
        )
        target = TargetSpec("y", kind, per_position=kind == "number")
        return choose_training(Schema((spec,), (target,), rows))

    seen = ((90, 0.9), (23, 0.0), (90, 0.0))
    variants, short, windows = (chosen(*each, 500) for each in seen)
    assert variants.weight_decay == 1.0 and variants.members == 3
    assert short.mutate == 0.0 and windows.mutate == 0.1
    assert chosen(90, 0.0, 500_000).members == 1
    assert chosen(90, 0, 500, kind="number").mutate == 0.0
    assert choose_training(Schema((InputSpec("x", "numeric"),), (), 500)).epochs == 60
