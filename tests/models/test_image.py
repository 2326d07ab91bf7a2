import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

from jaxbio.models.image import ImageCNN, stem_stride_for
from jaxbio.tasks import Regression
from jaxbio.train import make_train_step, scan_steps


def build(dim=1, **options):
    options = {"channels": (4, 8), "outputs": 2, **options}
    return nnx.jit(lambda: ImageCNN(dim, rngs=nnx.Rngs(0), **options))()


def pixels(*shape, seed=0):
    values = np.random.default_rng(seed).integers(0, 256, shape)
    return jnp.asarray(values.astype(np.uint8))


@nnx.jit
def run(module, images, rngs=None):
    return module(images, rngs=rngs)


def evaluated(module):
    return nnx.view(
        module, deterministic=True, use_running_average=True, raise_if_not_found=False
    )


@pytest.mark.parametrize(
    ("dim", "norm"), [(1, "batch"), (3, "group"), (1, "layer"), (3, "none")]
)
def test_features_and_outputs_have_their_width(dim, norm):
    images = pixels(3, 9, 11, dim)
    options = {"channels": (4, 8), "norm": norm}

    def both():
        alone = ImageCNN(dim, rngs=nnx.Rngs(0), **options)
        ending = ImageCNN(dim, outputs=2, rngs=nnx.Rngs(0), **options)
        assert (alone.features, ending.features) == (8, 2)
        return alone(images), ending(images)

    features, outputs = jax.eval_shape(both)
    assert (features.shape, outputs.shape) == ((3, 8), (3, 2))
    assert features.dtype == outputs.dtype == jnp.float32


def test_maps_and_pooled_are_the_network():
    module = evaluated(build(dropout=0.5))
    images = pixels(3, 9, 11, 1)
    maps = nnx.jit(lambda module: module.maps(images))(module)
    assert maps.shape == (3, 5, 6, 8)
    np.testing.assert_allclose(module.pooled(maps), run(module, images), atol=1e-6)


def test_bytes_are_scaled_to_the_range_of_numbers():
    module = evaluated(build())
    images = pixels(2, 8, 8, 1)
    np.testing.assert_allclose(
        run(module, images), run(module, images / np.float32(255)), atol=1e-5
    )


def test_images_of_other_channels_are_refused():
    with pytest.raises(ValueError, match="3 channels, the network takes 1"):
        jax.eval_shape(lambda: build()(pixels(2, 8, 8, 3)))


def test_evaluation_does_not_depend_on_the_batch():
    module = build(dropout=0.5)
    images = pixels(6, 8, 8, 1)
    run(module, images, nnx.Rngs(dropout=0))  # running statistics
    fixed = evaluated(module)
    np.testing.assert_allclose(
        run(fixed, images)[:2], run(fixed, images[:2]), atol=1e-6
    )
    kept = nnx.to_pure_dict(nnx.state(fixed, nnx.BatchStat))
    run(fixed, pixels(6, 8, 8, 1, seed=3))
    after = nnx.to_pure_dict(nnx.state(fixed, nnx.BatchStat))
    jax.tree.map(np.testing.assert_array_equal, kept, after)


def test_dropout_follows_from_its_key():
    module = build(dropout=0.5, outputs=None)
    images = pixels(4, 8, 8, 1)
    first, again, other = (
        run(module, images, nnx.Rngs(dropout=seed)) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (np.asarray(first) != np.asarray(other)).any()


def test_half_precision_gives_single_precision_near_the_same():
    images = pixels(4, 8, 8, 1)
    half = build(dtype=jnp.bfloat16)
    kept = {leaf.dtype for leaf in jax.tree.leaves(nnx.state(half, nnx.Param))}
    assert kept == {jnp.dtype(jnp.float32)}
    outputs = run(half, images)
    assert outputs.dtype == jnp.float32
    np.testing.assert_allclose(outputs, run(build(), images), atol=0.1)


def test_a_larger_stem_leaves_fewer_pixels():
    assert [stem_stride_for(*size) for size in ((28, 28), (64, 64), (65, 10))] == [
        1,
        1,
        2,
    ]
    images = pixels(1, 30, 32, 1)
    maps = jax.eval_shape(lambda: build(stem_stride=4).maps(images))
    assert maps.shape == (1, 4, 4, 8)


def test_the_loss_falls_in_one_compiled_program():
    random = np.random.default_rng(0)
    targets = random.integers(0, 2, (60, 16, 1)).astype(np.float32)
    images = random.integers(0, 100, (60, 16, 8, 8, 1))
    images[:, :, 2:6, 2:6] += (100 * targets[..., None, None]).astype(int)
    batches = {
        "inputs": images.astype(np.uint8),
        "targets": targets,
        "weights": np.ones((60, 16), np.float32),
    }
    module = build(outputs=1, dropout=0.1)
    state, step = make_train_step(
        module, Regression(), optax.adam(1e-2), key=jax.random.key(0)
    )
    _, metrics = jax.jit(scan_steps(step))(state, batches)
    losses = np.asarray(metrics["loss"])
    assert losses[-10:].mean() < 0.2 * losses[:5].mean(), losses
