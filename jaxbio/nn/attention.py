"""Attention of every position of a sequence to every other, and where positions are.

The scores of all pairs of positions of all heads are large, and are looked at once. A
CPU takes one row and head after the other, so that its scores stay in the cache; their
gradient computes them again. A GPU takes cuDNN's fused kernel, in half precision and
where it takes the width of a head; elsewhere the scores are one array.
"""

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jaxtyping import Float, Int

from jaxbio.nn.derivatives import custom_vjp

_SCORES = 1 << 16
"""Scores that are computed together on a CPU: 256 kB in single precision."""

_FUSED_WIDTHS = range(8, 129, 8)
"""Widths of a head that cuDNN's kernel takes on every GPU that has it."""


def dot_product_attention(
    query: Float[Array, "batch len heads dim"],
    key: Float[Array, "batch len heads dim"],
    value: Float[Array, "batch len heads dim"],
    lengths: Int[Array, "batch"],
    *,
    scale: float | None = None,
    slopes: Float[Array, "heads"] | None = None,
) -> Float[Array, "batch len heads dim"]:
    """Scaled dot-product attention of each row to its own positions.

    Source: Vaswani et al. 2017, equation 1; with `slopes` Press et al. 2022 (ALiBi),
    symmetric, as there is no order in which a position could see only earlier ones.

    Args:
        query: What each position asks.
        key: What each position answers to.
        value: What it gives.
        lengths: The positions of each row that are not padding; these come first.
        scale: Of the scores; None for one over the root of the width of a head.
        slopes: For each head by how much a score falls with each position of distance;
            None for not at all.

    Returns:
        Of each head the mean of the values by the softmax of its scores; what stands
        in the padding has no meaning.

    Example:
        >>> x = jnp.zeros((1, 3, 1, 2))
        >>> value = jnp.array([1.0, 4.0, 9.0]).reshape(1, 3, 1, 1).repeat(2, axis=-1)
        >>> dot_product_attention(x, x, value, jnp.array([2]))[0, 0, 0].tolist()
        [2.5, 2.5]
    """
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    if slopes is None:  # nothing to add: no gradient asks for it
        return _attention(query, key, value, lengths, None, scale)
    return _attention(query, key, value, lengths, lax.stop_gradient(slopes), scale)


@functools.partial(custom_vjp, nondiff_argnums=(5,))
def _attention(query, key, value, lengths, slopes, scale):
    return _chosen(_forms(query, slopes, scale), query, key, value, lengths, slopes)


def _forward(query, key, value, lengths, slopes, scale):
    given = query, key, value, lengths, slopes
    return _attention(*given, scale), given


def _backward(scale, given, gradient):
    query, *_, slopes = given

    def back(form, gradient, query, key, value, lengths, slopes):
        def of(query, key, value):
            return form(query, key, value, lengths, slopes)

        return jax.vjp(of, query, key, value)[1](gradient)

    forms = _forms(query, slopes, scale)
    backward = {name: functools.partial(back, form) for name, form in forms.items()}
    gradients = _chosen(backward, gradient, *given)
    return *gradients, None, None if slopes is None else jnp.zeros_like(slopes)


_attention.defvjp(_forward, _backward)


def _chosen(forms: dict[str, Any], *given: Any) -> Any:
    """What the form for the platform on which the program will run gives."""
    default = forms["default"]
    others = {name: form for name, form in forms.items() if name != "default"}
    return lax.platform_dependent(*given, default=default, **others)


def _forms(query: Array, slopes: Array | None, scale: float) -> dict[str, Any]:
    """The ways to compute attention by platform."""
    forms = {
        "cpu": functools.partial(blocked, scale=scale),
        "default": functools.partial(plain, scale=scale),
    }
    # cuDNN is asked for its version while JAX traces, so only where there is one.
    if jax.default_backend() == "gpu" and _is_fused(query, slopes):
        forms["cuda"] = functools.partial(fused, scale=scale)
    return forms


def _is_fused(query: Array, slopes: Array | None) -> bool:
    half = query.dtype in (jnp.bfloat16, jnp.float16)
    return half and slopes is None and query.shape[-1] in _FUSED_WIDTHS


def attention_weights(
    query: Float[Array, "batch len heads dim"],
    key: Float[Array, "batch len heads dim"],
    lengths: Int[Array, "batch"],
    *,
    scale: float | None = None,
    slopes: Float[Array, "heads"] | None = None,
) -> Float[Array, "batch heads len len"]:
    """The weights by which `dot_product_attention` takes the mean of the values.

    Args:
        query: As there, as are the others.
        key: As there.
        lengths: As there.
        scale: As there.
        slopes: As there.

    Returns:
        For each position that asks the share of each that answers, which sum to 1.

    Example:
        >>> x = jnp.zeros((1, 3, 1, 2))
        >>> attention_weights(x, x, jnp.array([2]))[0, 0, 0].tolist()
        [0.5, 0.5, 0.0]
    """
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = jnp.einsum(
        "bqhd,bkhd->bhqk", query * jnp.asarray(scale, query.dtype), key,
        preferred_element_type=jnp.promote_types(query.dtype, jnp.float32),
    )  # fmt: skip
    if slopes is not None:
        scores = scores - _distances(query.shape[1], slopes)[None]
    return _softmax(scores, lengths[:, None, None, None])


def plain(query, key, value, lengths, slopes=None, *, scale: float):
    """Attention with the scores of all rows and heads as one array."""
    weights = attention_weights(query, key, lengths, scale=scale, slopes=slopes)
    return jnp.einsum("bhqk,bkhd->bqhd", weights.astype(value.dtype), value)


def blocked(query, key, value, lengths, slopes=None, *, scale: float):
    """Attention a few rows and heads at a time, whose scores the cache holds."""
    rows, length, heads, width = query.shape

    def apart(x):
        return x.swapaxes(1, 2).reshape(rows * heads, length, width)

    def some(given):
        query, key, value, length, slope = given
        scores = lax.dot_general(
            query * jnp.asarray(scale, query.dtype), key, (((1,), (1,)), ((), ())),
            preferred_element_type=jnp.promote_types(query.dtype, jnp.float32),
        )  # fmt: skip
        if slope is not None:
            scores = scores - _distances(len(query), slope[None])[0]
        return _softmax(scores, length).astype(value.dtype) @ value

    parts = (
        *map(apart, (query, key, value)),
        jnp.repeat(lengths, heads),
        None if slopes is None else jnp.tile(slopes, rows),
    )
    # A length that is a symbol is for a program that is kept: one at a time.
    size = _SCORES // length**2 if isinstance(length, int) else 1
    size = min(size, rows * heads) if isinstance(rows, int) else 1
    found = lax.map(jax.checkpoint(some), parts, batch_size=size if size > 1 else None)
    return found.reshape(rows, heads, length, width).swapaxes(1, 2)


def fused(query, key, value, lengths, slopes=None, *, scale: float):
    """Attention by cuDNN, which never holds the scores."""
    assert slopes is None  # the caller has looked
    # With lengths cuDNN masks by itself; a mask would become an array of scores.
    lengths = jnp.maximum(lengths, 1).astype(jnp.int32)
    return jax.nn.dot_product_attention(
        query, key, value, scale=scale, implementation="cudnn",
        query_seq_lengths=lengths, key_value_seq_lengths=lengths,
    )  # fmt: skip


def _distances(length: Any, slopes: Float[Array, "heads"]) -> Array:
    """What ALiBi takes off the scores, `[heads len len]`."""
    at = jnp.arange(length)
    apart = jnp.abs(at[:, None] - at[None]).astype(slopes.dtype)
    return slopes[:, None, None] * apart[None]


def _softmax(scores: Array, length: Array) -> Array:
    """The softmax over the first positions of the last axis."""
    at = lax.broadcasted_iota(jnp.int32, scores.shape, scores.ndim - 1)
    scores = jnp.where(at < length, scores, jnp.finfo(scores.dtype).min)
    return jax.nn.softmax(scores, axis=-1)


def rotary(
    x: Float[Array, "batch len heads dim"], *, base: float = 10_000.0
) -> Float[Array, "batch len heads dim"]:
    """Turn pairs of channels by an angle that grows with the position.

    The product of a query and a key then depends on how far apart they are. Channel i
    is paired with channel i + dim / 2, as in ESM-2 and in most models of today.

    Source: Su et al. 2021 (RoFormer), equation 34.

    Args:
        x: Queries or keys; of an even width.
        base: The wave length of the slowest pair, in 2 pi positions.

    Example:
        >>> x = jnp.ones((1, 2, 1, 2))
        >>> turned = rotary(x)[0, :, 0]
        >>> turned[0].tolist(), [round(float(v), 3) for v in turned[1]]
        ([1.0, 1.0], [-0.301, 1.382])
    """
    half = x.shape[-1] // 2
    rates = base ** (-jnp.arange(half, dtype=jnp.float32) / half)
    angles = jnp.arange(x.shape[1], dtype=jnp.float32)[:, None] * rates[None]
    cos, sin = (f(angles)[None, :, None].astype(x.dtype) for f in (jnp.cos, jnp.sin))
    first, second = x[..., :half], x[..., half:]
    return jnp.concatenate(
        [first * cos - second * sin, second * cos + first * sin], axis=-1
    )


def alibi_slopes(heads: int) -> np.ndarray:
    """The slope of each head: a geometric sequence down to 2 to the power of -8.

    Where the number of heads is no power of two, every other slope of the next one
    follows those of the last one.

    Source: Press et al. 2022, section 3, and the code of its authors.

    Example:
        >>> alibi_slopes(2).tolist(), len(alibi_slopes(12))
        ([0.0625, 0.00390625], 12)
    """
    whole = 1 << (heads.bit_length() - 1)
    slopes = 2.0 ** (-8 * np.arange(1, whole + 1) / whole)
    more = 2.0 ** (-4 * np.arange(1, 2 * whole, 2) / whole)[: heads - whole]
    return np.concatenate([slopes, more]).astype(np.float32)
