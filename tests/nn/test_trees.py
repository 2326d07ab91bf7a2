import jax
import jax.numpy as jnp
import numpy as np

from jaxbio.nn.trees import LEAVES, NODES, Trees, leaves


def stump(column, threshold, low, high):
    """One question, and a leaf on either side."""
    return [column, 0, 0], [threshold, 0, 0], [1, 1, 2], [2, 1, 2], [0, low, high]


def stacked(*trees):
    parts = [np.array(part) for part in zip(*trees, strict=True)]
    kinds = (jnp.int32, jnp.float32, jnp.int32, jnp.int32, jnp.float32)
    return Trees(*(jnp.asarray(x, kind) for x, kind in zip(parts, kinds, strict=True)))


def test_each_row_reaches_a_leaf_of_each_tree():
    trees = stacked(stump(0, 0.5, 1.0, 2.0), stump(1, -1.0, 3.0, 4.0))
    rows = jnp.array([[0.5, -1.0], [0.6, -0.9], [0.0, 5.0]])
    assert leaves(trees, rows).tolist() == [[1.0, 3.0], [2.0, 4.0], [1.0, 4.0]]


def test_deeper_trees_are_walked_to_their_ends():
    # x <= 0, then x <= -1 on the left; three leaves.
    deep = [0, 0, 0, 0, 0], [0, -1, 0, 0, 0], [1, 3, 2, 3, 4], [2, 4, 2, 3, 4]
    trees = stacked((*deep, [0, 0, 30, 10, 20]))
    rows = jnp.array([[-2.0], [-0.5], [1.0]])
    assert leaves(trees, rows).ravel().tolist() == [10.0, 20.0, 30.0]
    assert NODES == 2 * LEAVES - 1


def test_no_gradient_passes_forward_or_backward():
    trees, rows = stacked(stump(0, 0.5, 1.0, 2.0)), jnp.array([[0.4], [0.6]])
    assert not jax.grad(lambda x: leaves(trees, x).sum())(rows).any()
    _, tangent = jax.jvp(lambda x: leaves(trees, x), (rows,), (jnp.ones_like(rows),))
    assert not tangent.any()
