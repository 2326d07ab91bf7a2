import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

from jaxbio.alphabet import DNA
from jaxbio.data import Category, Dataset, DictionaryColumn, Images, Numeric, Sequences
from jaxbio.errors import DataError
from jaxbio.explain import activation_maps
from jaxbio.explain.gradcam import grad_cam
from jaxbio.models import CNN, MLP, CrossAttention, Network, ResNet
from jaxbio.models.image import ImageCNN
from jaxbio.nn.modes import evaluation_graph
from jaxbio.predict.predictor import Predictor
from jaxbio.run.fitting import fit
from jaxbio.run.planning import make_plan
from jaxbio.tasks import Regression
from jaxbio.train import make_train_step, scan_steps


def test_a_linear_case_by_hand():
    images = jnp.asarray([[[1.0, 0.0], [0.0, 2.0]]])[..., None]

    def maps(x):  # the image, and its mirror image
        return jnp.concatenate([x, x[:, :, ::-1]], axis=-1)

    def scores(found):  # mean gradients of 2 / 4 and -1 / 4
        return (found * jnp.asarray([[[[2.0, -1.0]]]])).mean(axis=(1, 2, 3))

    heat = jax.jit(lambda images: grad_cam(maps, scores, images))(images)
    # 2 * image - mirror, relu: [[2, -1], [-2, 4]]
    np.testing.assert_allclose(heat[0], [[0.5, 0.0], [0.0, 1.0]])
    # For the opposite score the mirror image speaks.
    heat = grad_cam(maps, lambda found: -scores(found), images)
    np.testing.assert_allclose(heat[0], [[0.0, 0.5], [1.0, 0.0]])


def test_each_image_has_its_own_heat_and_one_without_any_is_cold():
    images = jnp.zeros((3, 4, 4, 1)).at[0, 1, 2].set(3.0).at[2, 0, 0].set(0.1)
    heat = grad_cam(lambda x: x, lambda maps: maps.mean(axis=(1, 2, 3)), images)
    assert heat.max(axis=(1, 2)).tolist() == [1.0, 0.0, 1.0]
    assert (heat[0, 1, 2], heat[2, 0, 0], (heat > 0).sum()) == (1.0, 1.0, 2)


def test_heat_is_enlarged_to_the_size_of_the_image():
    images = jnp.zeros((1, 8, 12, 3), jnp.uint8)
    maps = jnp.zeros((1, 2, 3, 1)).at[0, 1, 2].set(5.0)
    heat = grad_cam(lambda _: maps, lambda m: m.sum(axis=(1, 2, 3)), images)
    assert heat.shape == (1, 8, 12) and heat.dtype == jnp.float32
    assert heat[0, 7, 11] == 1 and heat[0, 0, 0] == 0
    assert heat[0, 4:, 8:].min() > heat[0, :4, :4].max()


def lesions(count, seed):
    """Noise; in half of the images a bright square of 5 x 5 at a random place."""
    random = np.random.default_rng(seed)
    images = random.integers(0, 120, (count, 16, 16, 1))
    sick = random.integers(0, 2, count)
    inside = np.zeros((count, 16, 16), bool)
    for at, (row, column) in enumerate(random.integers(0, 12, (count, 2))):
        inside[at, row : row + 5, column : column + 5] = sick[at]
    images[inside] += 100
    return images.astype(np.uint8), sick.astype(np.float32), inside


def test_heat_shows_the_lesion():
    steps, size = 150, 16
    images, sick, _ = lesions(steps * size, 0)
    batches = {
        "inputs": images.reshape(steps, size, 16, 16, 1),
        "targets": sick.reshape(steps, size, 1),
        "weights": np.ones((steps, size), np.float32),
    }
    options = {"channels": (8, 16), "outputs": 1}
    module = nnx.jit(lambda: ImageCNN(1, rngs=nnx.Rngs(0), **options))()
    state, step = make_train_step(
        module, Regression(), optax.adam(5e-3), key=jax.random.key(0)
    )
    state, _ = jax.jit(scan_steps(step))(state, batches)
    view = nnx.view(module, deterministic=True, use_running_average=True)
    graph = nnx.split(view, nnx.Param, ...)[0]

    @jax.jit
    def explain(images):
        model = nnx.merge(graph, state.params, state.model_state)
        return grad_cam(model.maps, lambda maps: model.pooled(maps)[:, 0], images)

    images, sick, inside = lesions(100, 1)
    heat = np.asarray(explain(images))[sick == 1]
    inside = inside[sick == 1]
    best = heat.reshape(len(heat), -1).argmax(axis=1)
    hit = inside.reshape(len(heat), -1)[np.arange(len(heat)), best]
    assert hit.mean() > 0.9
    share = (heat * inside).sum(axis=(1, 2)) / heat.sum(axis=(1, 2))
    assert share.mean() > 3 * inside.mean()


SMALL = Network(ResNet((8, 16)), hidden=())
QUICK: dict = {"members": 1, "batch_size": 16, "baselines": False, "seed": 0}


def scans(n: int, seed: int) -> tuple[Dataset, np.ndarray]:
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


def untrained(data: Dataset, model: Network) -> Predictor:
    """A network with the weights that it is made with."""
    plan = make_plan(model, None, {"train": data, "valid": data})
    values = nnx.split(plan.build(nnx.Rngs(0)), nnx.Param, ...)[1:]
    member = dict(zip(("params", "model_state"), values, strict=True))
    graph = evaluation_graph(plan.build(nnx.Rngs(0)))
    return Predictor(plan.schema, plan.objective, graph, [member])


@pytest.fixture(scope="module")
def trained():
    data, _ = scans(480, 0)
    data = only(data, "scan", "age")
    run = fit(
        Network([ResNet((8, 16)), MLP()], hidden=()),
        None,
        data,
        epochs=6,
        learning_rate=5e-3,
        **QUICK | {"members": 2},
    )
    return run.predictor


def test_heat_shows_the_lesion_beside_another_input(trained):
    data, inside = scans(100, 1)
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
    data, _ = scans(30, 2)
    each = {
        name: activation_maps(trained, data, label=name) for name in ("sick", "well")
    }
    sick = trained(data).values < 0.5  # the second class is "well"
    chosen = np.where(sick[:, None, None], each["sick"], each["well"])
    np.testing.assert_allclose(activation_maps(trained, data), chosen, atol=1e-5)


def test_an_ensemble_gives_the_mean_of_its_networks(trained):
    data, _ = scans(10, 3)
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
    data, _ = scans(6, 4)
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
    data, _ = scans(64, 5)
    encoders = [CNN(channels=(4,), kernel_sizes=(5,), kmers=0), ResNet((8, 16))]
    model = Network(encoders, average_strands=True, fusion=CrossAttention(8), hidden=())
    predictor = untrained(data, model)
    heat = activation_maps(predictor, data.take(np.arange(5)), label="sick")
    assert heat.shape == (5, 16, 16) and np.isfinite(heat).all() and heat.any()


def test_several_numbers_and_classes():
    data, _ = scans(64, 6)
    bright = (data.inputs["scan"].values > 150).sum(axis=(1, 2, 3)).astype(np.float32)
    values = np.stack([bright, -bright], axis=1)
    targets = {
        "size": Numeric(values, ("up", "down")),
        "kind": Category.from_values(["a", "b", "c", "a"] * 16),
    }
    data = dataclasses.replace(only(data, "scan"), targets=targets)
    predictor = untrained(data, SMALL)
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
    data, _ = scans(4, 7)
    with pytest.raises(DataError, match="has no 'sik': did you mean 'sick'"):
        activation_maps(trained, data, label="sik")
    with pytest.raises(DataError, match="no image input 'scam': did you mean 'scan'"):
        activation_maps(trained, data, input="scam")
    table, _ = scans(40, 8)
    predictor = fit(
        Network(hidden=()), None, only(table, "age"), epochs=1, **QUICK
    ).predictor
    with pytest.raises(DataError, match=r"of images, the model takes age \(numeric\)"):
        activation_maps(predictor, table)
