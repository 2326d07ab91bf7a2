import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from jaxbio.explain.gradcam import grad_cam
from jaxbio.models.image import ImageCNN
from jaxbio.tasks import Regression
from jaxbio.train import make_train_step, scan_steps


def test_a_linear_case_by_hand():
    images = jnp.asarray([[[1.0, 0.0], [0.0, 2.0]]])[..., None]

    def maps(x):  # the image, and its mirror image
        return jnp.concatenate([x, x[:, :, ::-1]], axis=-1)

    def scores(found):  # mean gradients of 2 / 4 and -1 / 4
        return (found * jnp.asarray([2.0, -1.0])).mean(axis=(1, 2, 3))

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
