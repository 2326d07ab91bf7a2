"""From the encodings of several inputs to one vector."""

from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

Encodings = Sequence[Mapping[str, Array]]
"""Of each input its `summary` `[batch features]`, in which rows it is `present`
`[batch]` and, for attention, the `positions` `[batch len dim]` of sequences with their
`mask` `[batch len]`."""


class Concat(nnx.Module):
    """The summaries side by side."""

    def __init__(self, widths: Sequence[int]):
        """Take the width of each summary."""
        self.features = sum(widths)

    def __call__(self, encodings: Encodings) -> Float[Array, "batch features"]:
        """One vector a row."""
        return jnp.concatenate([e["summary"] for e in encodings], axis=-1)


class Gated(nnx.Module):
    """A mean of the inputs, weighed anew for each row (Arevalo et al. 2017).

    Each summary is mapped to one width by a linear layer and tanh; a softmax over the
    inputs that the row has, computed from all summaries, weighs them.
    """

    def __init__(
        self,
        widths: Sequence[int],
        dim: int,
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layers.

        Args:
            widths: The width of each summary.
            dim: The width of the result.
            rngs: Keys for the weights.
            dtype: Of the computation.
        """
        common = {"dtype": dtype, "rngs": rngs}
        self.maps = nnx.List(nnx.Linear(width, dim, **common) for width in widths)
        self.gate = nnx.Linear(sum(widths), len(widths), **common)
        self.features = dim

    def __call__(self, encodings: Encodings) -> Float[Array, "batch features"]:
        """One vector a row."""
        summaries = [e["summary"] for e in encodings]
        mapped = jnp.stack(
            [jnp.tanh(m(x)) for m, x in zip(self.maps, summaries, strict=True)], axis=1
        )
        return (self.weights(encodings)[..., None] * mapped).sum(axis=1)

    def weights(self, encodings: Encodings) -> Float[Array, "batch inputs"]:
        """Share of each input in the result of a row; they sum to 1."""
        summaries = [e["summary"] for e in encodings]
        scores = self.gate(jnp.concatenate(summaries, axis=-1))
        present = jnp.stack([e["present"] for e in encodings], axis=1)
        scores = jnp.where(present, scores, jnp.finfo(scores.dtype).min)
        return jax.nn.softmax(scores, axis=1)


class CrossAttention(nnx.Module):
    """Each input asks the positions of the others (Vaswani et al. 2017, eq. 1).

    A query from each summary attends to all positions of the other inputs (inputs
    without positions are one) and to one position that is always there; what is found
    stands beside the summaries.
    """

    def __init__(
        self,
        widths: Sequence[int],
        dims: Sequence[int],
        dim: int,
        *,
        rngs: nnx.Rngs,
        heads: int = 4,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layers.

        Args:
            widths: The width of each summary.
            dims: The width of each input's positions; 0 for an input without any.
            dim: The width of what is found, a multiple of `heads`.
            rngs: Keys for the weights.
            heads: How many queries each input has.
            dtype: Of the computation.
        """
        common = {"dtype": dtype, "rngs": rngs}
        sizes = [dim or width for dim, width in zip(dims, widths, strict=True)]
        self.queries = nnx.List(nnx.Linear(width, dim, **common) for width in widths)
        self.keys = nnx.List(nnx.Linear(width, dim, **common) for width in sizes)
        self.values = nnx.List(nnx.Linear(width, dim, **common) for width in sizes)
        self.nothing = nnx.Param(jnp.zeros((2, dim)))
        self.heads = heads
        self.features = sum(widths) + dim * len(widths)

    def __call__(self, encodings: Encodings) -> Float[Array, "batch features"]:
        """One vector a row."""
        size = len(encodings[0]["summary"])
        queries, keys, mask = self._asked(encodings)
        places = _places(encodings)
        values = [layer(x) for layer, x in zip(self.values, places, strict=True)]
        nothing = jnp.broadcast_to(self.nothing[...][1:], (size, 1, keys.shape[-1]))
        values.append(nothing.astype(keys.dtype))
        attended = jax.nn.dot_product_attention(
            self._split(queries),
            self._split(keys),
            self._split(jnp.concatenate(values, axis=1)),
            mask=mask[:, None],
        )
        attended = attended.reshape(size, -1)
        summaries = [encoding["summary"] for encoding in encodings]
        return jnp.concatenate([*summaries, attended], axis=-1)

    def weights(
        self, encodings: Encodings
    ) -> Float[Array, "batch inputs heads places"]:
        """By how much each input looks at the positions of the others; they sum to 1.

        Returns:
            The places are the positions of each input, one after the other (inputs
            without positions have one), and last the one that is always there.
        """
        queries, keys, mask = self._asked(encodings)
        queries, keys = self._split(queries), self._split(keys)
        scores = jnp.einsum("bqhd,bkhd->bhqk", queries, keys).astype(jnp.float32)
        scores = scores / jnp.sqrt(jnp.float32(queries.shape[-1]))
        scores = jnp.where(mask[:, None], scores, jnp.finfo(scores.dtype).min)
        return jax.nn.softmax(scores, axis=-1).swapaxes(1, 2)

    def _asked(self, encodings: Encodings) -> tuple[Array, Array, Array]:
        """Queries, keys of all places, and which of these each query may see."""
        size = len(encodings[0]["summary"])
        keys, masks, owners = [], [], []
        nothing = jnp.broadcast_to(self.nothing[...], (size, *self.nothing.shape))
        for at, x in enumerate(_places(encodings)):
            encoding = encodings[at]
            keys.append(self.keys[at](x))
            masks.append(encoding.get("mask", encoding["present"][:, None]))
            owners += [at] * x.shape[1]
        keys.append(nothing[:, :1].astype(keys[0].dtype))
        masks.append(jnp.ones((size, 1), bool))
        owner = jnp.array([*owners, -1])
        foreign = jnp.arange(len(encodings))[:, None] != owner[None]
        mask = foreign[None] & jnp.concatenate(masks, axis=1)[:, None]
        queries = jnp.stack(
            [
                q(encoding["summary"])
                for q, encoding in zip(self.queries, encodings, strict=True)
            ],
            axis=1,
        )
        return queries, jnp.concatenate(keys, axis=1), mask

    def _split(self, x: Float[Array, "batch len dim"]):
        return x.reshape(*x.shape[:2], self.heads, -1)


def _places(encodings: Encodings) -> list[Float[Array, "batch len dim"]]:
    """The positions of each input, or its summary as the only one."""
    return [e.get("positions", e["summary"][:, None]) for e in encodings]
