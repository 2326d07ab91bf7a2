"""Small networks and short trainings that several tests share."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from flax import nnx

from jaxbio.alphabet import DNA, PROTEIN, SMILES
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.data.reading import read
from jaxbio.models import (
    CNN,
    MLP,
    Concat,
    CrossAttention,
    Gated,
    Head,
    Network,
)
from jaxbio.nn.modes import evaluation_graph
from jaxbio.predict.predictor import Predictor
from jaxbio.run.checkpoint import digest, flatten
from jaxbio.run.fitting import fit
from jaxbio.run.planning import make_plan
from jaxbio.tasks import Regression
from jaxbio.train import TrainingProblem
from tests.helpers import linear_data

DRUGS = ["CCO", "C1=CC=CC=C1Cl", "CC(=O)N", "N"]
PROTEINS = ["MKVLAAGIK" * 3, "GGSTW", "MKKRLAWWYE"]
SMALL = CNN(channels=(8, 8), kmers=0)
FUSIONS = [Concat(), Gated(8), CrossAttention(8)]


def drugs_and_proteins(drugs, proteins, *, seed=0) -> Dataset:
    """Rows that refer to drugs and proteins; -1 for a missing one."""
    random = np.random.default_rng(seed)
    n = len(drugs)
    return Dataset(
        {
            "drug": DictionaryColumn(
                Sequences.from_strings(DRUGS, SMILES), np.array(drugs, np.int32)
            ),
            "protein": DictionaryColumn(
                Sequences.from_strings(PROTEINS, PROTEIN), np.array(proteins, np.int32)
            ),
            "dose": Numeric(random.normal(size=(n, 2)).astype(np.float32), ("a", "b")),
        },
        {"y": Numeric(random.normal(size=(n, 1)).astype(np.float32), ("y",))},
    )


def plain(data: Dataset) -> Dataset:
    """The same rows, each with its own copy of what it refers to."""
    inputs = {
        name: column.expanded() if isinstance(column, DictionaryColumn) else column
        for name, column in data.inputs.items()
    }
    return dataclasses.replace(data, inputs=inputs)


def network(data: Dataset, **fields):
    """The schema of the rows, and a small network for them."""
    schema = learn_schema(data, {"y": ("number", False)})
    config = Network(**{"encoders": SMALL, "hidden": (8,), **fields})
    return schema, config.build(schema, {"y": Head(1)}, rngs=nnx.Rngs(0))


def predictor_of(data, model, members=1):
    """Of networks that have learned nothing."""
    schema = learn_schema(data, {"y": ("number", False)})
    model = model.resolve(schema)
    modules = [
        model.build(schema, {"y": Head(1)}, rngs=nnx.Rngs(seed))
        for seed in range(members)
    ]
    states = []
    for module in modules:
        _, params, rest = nnx.split(module, nnx.Param, ...)
        states.append({"params": params, "model_state": rest})
    return Predictor.of(
        modules[0], states, schema=schema, tasks=Regression(), model=model
    )


def outputs(module, schema, data):
    """What the network gives for all rows in one batch, without dropout."""
    arrays = schema.encode(data)
    graph = evaluation_graph(module)
    _, *values = nnx.split(module, nnx.Param, ...)
    model = nnx.merge(graph, *values)
    length = max(schema.buckets)
    return np.asarray(model(inputs_of(arrays, len(data), length))["y"])


def inputs_of(arrays, n, length):
    return jax.tree.map(jnp.asarray, arrays.batch(np.arange(n), length)["inputs"])


def mixed_rows():
    """Four rows of a sequence, two numbers and a category: schema and batch."""
    data = Dataset(
        {
            "seq": Sequences.from_strings(["ACGTAC", "GTNA"] * 2, DNA),
            "level": Numeric(np.array([[1, np.nan], [2, 3]] * 2, "f"), ("a", "b")),
            "tissue": Category.from_values(["liver", "lung"] * 2),
        }
    )
    schema = learn_schema(data)
    return schema, schema.encode(data).batch(np.arange(4), 8)["inputs"]


def member_of(plan):
    schema = plan.schema
    train, valid = (schema.encode(plan.parts[name]) for name in ("train", "valid"))
    return TrainingProblem(plan.build, plan.objective, schema, train, valid)


def sequence_plan(lengths, **settings):
    """A small convolutional network to be trained on DNA of these lengths."""
    random = np.random.default_rng(0)
    text = ["".join(random.choice(list("ACGT"), n)) for n in lengths]
    table = pd.DataFrame({"s": text, "y": [float(t.count("G")) for t in text]})
    data = read(table, inputs={"s": "dna"}, targets=["y"])
    model = CNN(channels=(8, 8), kernel_sizes=(3, 3), kmers=0, positions=False)
    return make_plan(model, None, {"train": data}, settings=settings)


def weights_of(run):
    return [digest(flatten(member)) for member in run.predictor.members]


def history_of(run):
    return [
        [{k: v for k, v in record.items() if k != "seconds"} for record in member]
        for member in run.history
    ]


def quick_fit(out=None, **settings):
    """A perceptron after a few epochs on a weighted sum."""
    data = linear_data()
    return fit(
        MLP(hidden=(8,)),
        Regression(),
        data.take(np.arange(150)),
        data.take(np.arange(150, 200)),
        out=out,
        **{
            "epochs": 3,
            "batch_size": 32,
            "members": 1,
            "baselines": False,
            **settings,
        },
    )
