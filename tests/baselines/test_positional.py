import dataclasses

import numpy as np
import pytest

from jaxbio.alphabet import DNA
from jaxbio.baselines.positional import detect_position_dependence
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.models import CNN, Network
from jaxbio.run.recommendation import choose_training
from jaxbio.train import Mutate


def rows(anywhere, n=1600, length=60, motif="TGACTCA"):
    """Half of the rows hold a motif, at one place or anywhere."""
    random = np.random.default_rng(0)
    texts, labels = [], []
    for number in range(n):
        text = "".join(random.choice(list("ACGT"), length))
        if number % 2:
            at = random.integers(length - len(motif)) if anywhere else 20
            text = text[:at] + motif + text[at + len(motif) :]
        texts.append(text)
        labels.append("yes" if number % 2 else "no")
    inputs = {"seq": Sequences.from_strings(texts, DNA)}
    return Dataset(inputs, {"label": Category.from_values(labels)})


def probed(data, kind="class"):
    (name,) = data.targets
    schema = learn_schema(data, {name: (kind, False)})
    return detect_position_dependence(schema, schema.encode(data))


@pytest.mark.parametrize("anywhere", [True, False])
def test_motifs_anywhere_and_at_one_place_are_told_apart(anywhere):
    schema = probed(rows(anywhere))
    assert schema.inputs[0].position_dependent is not anywhere
    chosen = Network(CNN()).resolve(schema)
    assert chosen.encoders["seq"].pool == ("max" if anywhere else "flatten")
    assert chosen.average_strands is anywhere
    assert choose_training(schema).augment == (() if anywhere else (Mutate(0.1),))


def test_numbers_with_missing_values_are_looked_at_too():
    data = rows(True)
    values = np.array([[v == "yes"] for v in data.targets["label"].values], np.float32)
    values[::7] = np.nan
    data = dataclasses.replace(data, targets={"y": Numeric(values, ("y",))})
    assert probed(data, "number").inputs[0].position_dependent is False


def test_few_or_short_or_ragged_rows_are_left_as_they_are():
    data = rows(True)
    assert probed(data.take(np.arange(300))).inputs[0].position_dependent
    assert probed(rows(True, length=30)).inputs[0].position_dependent
    texts = [
        text[: 40 + at % 20] for at, text in enumerate(data.inputs["seq"].strings())
    ]
    ragged = Dataset({"seq": Sequences.from_strings(texts, DNA)}, data.targets)
    assert probed(ragged).inputs[0].position_dependent


@pytest.mark.data
@pytest.mark.parametrize(
    ("task", "position_dependent"),
    [("tf_0", False), ("tf_2", False), ("prom_core_tata", True)],
)
def test_binding_sites_and_promoters(real_data, task, position_dependent):
    from jaxbio.datasets import loaders

    real_data("genomics/gue")
    train = loaders.load("gue", task)["train"]
    assert probed(train).inputs[0].position_dependent is position_dependent
