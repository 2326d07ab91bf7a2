"""Regression trees as arrays, evaluated for a batch of rows in a compiled program."""

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float, Int

ROUNDS = 100
"""How often boosting adds trees, one for each score."""

LEAVES = 31
"""The most leaves of a tree."""

NODES = 2 * LEAVES - 1
"""The nodes of a tree with as many leaves."""


class Trees(NamedTuple):
    """Binary trees of one size; the root of each is its first node.

    Attributes:
        column: The column that a node looks at.
        threshold: Rows with at most this value go to the left.
        left: The node on the left; the node itself for a leaf.
        right: The node on the right, likewise.
        value: What a leaf adds.
    """

    column: Int[Array, "trees nodes"]
    threshold: Float[Array, "trees nodes"]
    left: Int[Array, "trees nodes"]
    right: Int[Array, "trees nodes"]
    value: Float[Array, "trees nodes"]


def leaves(
    trees: Trees, rows: Float[Array, "batch columns"]
) -> Float[Array, "batch trees"]:
    """The value of the leaf that each row reaches in each tree.

    No gradient passes: the outputs are constant between thresholds.

    Args:
        trees: The trees.
        rows: Their columns, without missing values.

    Example:
        >>> one = {"column": [[0, 0, 0]], "threshold": [[0.5, 0.0, 0.0]]}
        >>> one |= {"left": [[1, 1, 2]], "right": [[2, 1, 2]]}
        >>> one["value"] = [[0.0, 5.0, 7.0]]
        >>> trees = Trees(**{name: jnp.array(each) for name, each in one.items()})
        >>> leaves(trees, jnp.array([[0.0], [1.0]])).ravel().tolist()
        [5.0, 7.0]
    """
    rows, trees = lax.stop_gradient(rows), Trees(*map(jnp.asarray, trees))
    number = jnp.arange(trees.column.shape[0])[None]

    def go_on(state: tuple[Array, Array]) -> Array:
        return state[1]

    def step(state: tuple[Array, Array]) -> tuple[Array, Array]:
        node, _ = state
        seen = jnp.take_along_axis(rows, trees.column[number, node], axis=1)
        below = seen <= trees.threshold[number, node]
        after = jnp.where(below, trees.left[number, node], trees.right[number, node])
        return after, (after != node).any()

    start = jnp.zeros((rows.shape[0], trees.column.shape[0]), trees.left.dtype)
    node, _ = lax.while_loop(go_on, step, (start, jnp.array(True)))
    return trees.value[number, node]
