import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy import sparse

from jaxbio.alphabet import DNA
from jaxbio.baselines.linear import LinearBaseline
from jaxbio.data.batching.layouts import Dictionary
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.models import Linear, LinearNetwork
from jaxbio.models.fusion_network import Head
from jaxbio.models.plain_features import blocks_of
from jaxbio.nn.modes import evaluation_graph
from jaxbio.predict.predictor import Predictor
from jaxbio.run.candidates import has_scores
from jaxbio.run.mixing import linear_values
from jaxbio.run.planning import make_plan
from tests.helpers import numbers, random_texts


def rows(target, fixed=True):
    texts = random_texts(60, 12)
    if not fixed:
        texts = [text[: 8 + at % 5] for at, text in enumerate(texts)]
    values = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    values[::7, 1] = np.nan
    inputs = {
        "seq": Sequences.from_strings(texts, DNA),
        "x": numbers(values),
        "sex": Category.from_values(["m", None, "f"] * 20),
    }
    counts = np.array([text.count("AC") for text in texts], np.float32)
    return Dataset(inputs, {"y": target(counts + np.nan_to_num(values[:, 0]))})


def as_jax(batch):
    return {name: jnp.asarray(values) for name, values in batch.items()}


KINDS = {
    "number": lambda x: numbers(3 * x[:, None] + 100),
    "two classes": lambda x: Category.from_values(x > 1),
    "three classes": lambda x: Category.from_values(np.digitize(x, [0.5, 1.5])),
    "labels": lambda x: numbers(np.stack([x > 0, x > 1], axis=1)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fixed", [True, False])
def test_the_network_says_what_the_baseline_says(kind, fixed):
    data = rows(KINDS[kind], fixed)
    plan = make_plan(None, None, {"train": data, "valid": data})
    arrays = plan.schema.encode(data)
    part = plan.model.parts["linear"]
    own = plan.part("linear")
    assert has_scores(own.tasks["y"], own.schema.target("y"))
    values = linear_values(part, own, arrays)
    network = own.build(nnx.Rngs(0))
    graph, *_ = nnx.split(network, nnx.Param, ...)
    network = nnx.merge(graph, values["params"], values["model_state"])
    batch = as_jax(arrays.batch(np.arange(60), 12)["inputs"])
    found = own.objective.predict(network(batch))["y"]
    baseline = LinearBaseline.fit(plan.schema, "y", arrays).predict(arrays)
    if kind == "two classes":
        baseline = baseline[:, 1:]
    np.testing.assert_allclose(
        np.asarray(found).reshape(60, -1), baseline, rtol=2e-3, atol=2e-4
    )


def test_counts_of_genes_are_seen_as_the_baseline_sees_them():
    """Of 150 genes, one constant and one not in the file that is predicted."""
    random = np.random.default_rng(0)
    counts = random.poisson(2.0, (80, 150)).astype(np.float32)
    counts[:, 5] = 0
    names = tuple(f"g{at}" for at in range(150))
    labels = np.where(counts[:, 0] > 2, "a", np.where(counts[:, 1] > 2, "b", "c"))
    cells = SparseCounts(sparse.csr_matrix(counts), names)
    data = Dataset({"cells": cells}, {"y": Category.from_values(labels)})
    plan = make_plan(None, None, {"train": data, "valid": data})
    assert list(plan.model.parts) == ["network", "linear"]
    own = plan.part("linear")
    values = linear_values(plan.model.parts["linear"], own, plan.schema.encode(data))
    kept = [at for at in range(150) if at != 7]
    fewer = SparseCounts(
        sparse.csr_matrix(counts[:, kept]), tuple(np.array(names)[kept])
    )
    rows = plan.schema.encode(Dataset({"cells": fewer}, data.targets))
    graph = evaluation_graph(own.build(nnx.Rngs(0)))
    found = Predictor(own.schema, own.objective, graph, [values])
    fitted = LinearBaseline.fit(plan.schema, "y", plan.schema.encode(data))
    np.testing.assert_allclose(
        own.objective.predict(found.outputs(rows))["y"], fitted.predict(rows),
        rtol=2e-3, atol=2e-4,
    )  # fmt: skip


def test_what_rows_share_is_looked_at_once():
    data = rows(KINDS["number"])
    schema = make_plan(None, None, {"train": data, "valid": data}).schema
    config = Linear.of(schema)
    assert config.kmers == {"seq": 5} and config.positions == ("seq",)
    widths = blocks_of(config, schema)
    assert widths["seq:2"] == 16 and widths["seq:positions"] == 48
    assert widths["sex"] == 2 and widths["x"] == 6
    network = LinearNetwork(config, schema, {"y": Head(1)})
    batch = as_jax(schema.encode(data).batch(np.arange(4), 12)["inputs"])
    places = jnp.array([2, 0, 2, -1])
    shared = {
        **batch,
        "seq": Dictionary(batch["seq"], places),
        "x": Dictionary(network.items("x", batch["x"]), places),
    }
    features = network.features(shared)["row"]
    expected = network.features(batch)["row"]
    width = sum(n for name, n in widths.items() if name.startswith(("seq", "x")))
    np.testing.assert_allclose(features[0, :width], expected[2, :width])
    assert not features[3, :width].any()
