"""Activation maps of trained networks: where they look, other inputs, ensembles."""

import dataclasses

import numpy as np
import pytest
from flax import nnx

from jaxbio.alphabet import DNA
from jaxbio.data import Category, Dataset, DictionaryColumn, Images, Numeric, Sequences
from jaxbio.errors import DataError
from jaxbio.explain import activation_maps
from jaxbio.models import CNN, MLP, Config
from jaxbio.predict.predictor import Predictor
from jaxbio.run.fitting import fit
from jaxbio.run.plan import make_plan
from jaxbio.train.step import evaluation_graph

SMALL: dict = {"image_channels": (8, 16), "hidden": ()}
QUICK: dict = {"members": 1, "batch_size": 16, "baselines": False, "seed": 0}


def lesions(n: int, seed: int) -> tuple[Dataset, np.ndarray]:
    """Noise, in half of the rows with a bright square; what else is known tells less.

    Returns:
        The rows, and which pixels are of the square.
    """
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 120, (n, 16, 16, 1))
    sick = random.integers(0, 2, n)
    inside = np.zeros((n, 16, 16), bool)
    for at, (row, column) in enumerate(random.integers(0, 12, (n, 2))):
        inside[at, row : row + 5, column : column + 5] = sick[at]
    pixels[inside] += 100
    age = random.normal(sick, 3.0, n).astype(np.float32)
    strings = ["".join(random.choice(list("ACGT"), 12)) for _ in range(n)]
    data = Dataset(
        {
            "scan": Images(pixels.astype(np.uint8)),
            "age": Numeric(age[:, None], ("age",)),
            "seq": Sequences.from_strings(strings, DNA),
        },
        {"label": Category.from_values(np.array(["well", "sick"])[sick])},
    )
    return data, inside


def only(data: Dataset, *names: str) -> Dataset:
    return dataclasses.replace(data, inputs={n: data.inputs[n] for n in names})


def untrained(data: Dataset, model: Config) -> Predictor:
    """A network with the weights that it is made with."""
    plan = make_plan(model, None, {"train": data, "valid": data})
    values = nnx.split(plan.build(nnx.Rngs(0)), nnx.Param, ...)[1:]
    member = dict(zip(("params", "model_state"), values, strict=True))
    graph = evaluation_graph(plan.build(nnx.Rngs(0)))
    return Predictor(plan.schema, plan.objective, graph, [member])


@pytest.fixture(scope="module")
def trained():
    data, _ = lesions(480, 0)
    data = only(data, "scan", "age")
    run = fit(
        MLP(**SMALL), None, data, epochs=6, learning_rate=5e-3, **QUICK | {"members": 2}
    )
    return run.predictor


def test_heat_shows_the_lesion_beside_another_input(trained):
    data, inside = lesions(100, 1)
    heat = activation_maps(trained, data, label="sick")
    assert heat.shape == (100, 16, 16) and heat.dtype == np.float32
    assert heat.min() >= 0 and heat.max() <= 1
    sick = inside.any(axis=(1, 2))
    flat = heat[sick].reshape(sick.sum(), -1)
    best = flat.argmax(axis=1)
    hits = inside[sick].reshape(sick.sum(), -1)[np.arange(len(best)), best]
    assert hits.mean() > 0.85
    # What speaks against the lesion lies elsewhere.
    well = activation_maps(trained, data, label="well")[sick]
    assert (well * inside[sick]).sum() < 0.5 * (heat[sick] * inside[sick]).sum()


def test_without_a_label_the_likeliest_is_explained(trained):
    data, _ = lesions(30, 2)
    each = {
        name: activation_maps(trained, data, label=name) for name in ("sick", "well")
    }
    sick = trained(data).values < 0.5  # the second class is "well"
    chosen = np.where(sick[:, None, None], each["sick"], each["well"])
    np.testing.assert_allclose(activation_maps(trained, data), chosen, atol=1e-5)


def test_an_ensemble_gives_the_mean_of_its_networks(trained):
    data, _ = lesions(10, 3)
    each = [
        activation_maps(
            Predictor(trained.schema, trained.objective, trained._graph, [member]),
            data,
            label="sick",
        )
        for member in trained.members
    ]
    mean = activation_maps(trained, data, label="sick")
    np.testing.assert_allclose(mean, np.mean(each, axis=0), atol=1e-5)
    assert not np.allclose(each[0], each[1], atol=0.1)


def test_rows_that_share_or_lack_an_image(trained):
    data, _ = lesions(6, 4)
    rows = np.array([3, 3, -1, 0], np.int32)
    shared = Dataset(
        {
            "scan": DictionaryColumn(data.inputs["scan"], rows),
            "age": data.inputs["age"].take(np.array([3, 3, 1, 0])),
        }
    )
    heat = activation_maps(trained, shared, label="sick")
    plain = activation_maps(trained, data, label="sick")
    np.testing.assert_allclose(heat[[0, 1, 3]], plain[[3, 3, 0]], atol=1e-5)
    assert not heat[2].any()


def test_beside_a_sequence_read_on_both_strands():
    data, _ = lesions(64, 5)
    model = CNN(
        channels=(4,), kernel_sizes=(5,), kmers=0, average_strands=True,
        fusion="attention", fusion_width=8, **SMALL,
    )  # fmt: skip
    predictor = untrained(data, model)
    heat = activation_maps(predictor, data.take(np.arange(5)), label="sick")
    assert heat.shape == (5, 16, 16) and np.isfinite(heat).all() and heat.any()


def test_several_numbers_and_classes():
    data, _ = lesions(64, 6)
    bright = (data.inputs["scan"].values > 150).sum(axis=(1, 2, 3)).astype(np.float32)
    values = np.stack([bright, -bright], axis=1)
    targets = {
        "size": Numeric(values, ("up", "down")),
        "kind": Category.from_values(["a", "b", "c", "a"] * 16),
    }
    data = dataclasses.replace(only(data, "scan"), targets=targets)
    predictor = untrained(data, MLP(**SMALL))
    few = data.take(np.arange(4))
    assert activation_maps(predictor, few, target="size", label="up").shape[0] == 4
    assert activation_maps(predictor, few, target="kind").shape == (4, 16, 16)
    with pytest.raises(DataError, match=r"several targets \(size, kind\)"):
        activation_maps(predictor, few)
    with pytest.raises(DataError, match=r"several numbers \(up, down\)"):
        activation_maps(predictor, few, target="size")
    with pytest.raises(DataError, match=r"no target 'sise'.*did you mean 'size'"):
        activation_maps(predictor, few, target="sise")


def test_names_that_are_not_known(trained):
    data, _ = lesions(4, 7)
    with pytest.raises(DataError, match="has no 'sik': did you mean 'sick'"):
        activation_maps(trained, data, label="sik")
    with pytest.raises(DataError, match="no image input 'scam': did you mean 'scan'"):
        activation_maps(trained, data, input="scam")
    table, _ = lesions(40, 8)
    predictor = fit(
        MLP(hidden=()), None, only(table, "age"), epochs=1, **QUICK
    ).predictor
    with pytest.raises(DataError, match=r"of images, the model takes age \(numeric\)"):
        activation_maps(predictor, table)
