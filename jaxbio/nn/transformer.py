"""Transformer layers: one block, whose settings cover the published models.

The parameters of all layers are arrays with a leading axis, over which `lax.scan` runs:
a compiler sees one layer, however many there are.
"""

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array, lax
from jax.typing import DTypeLike
from jaxtyping import Float, Int

from jaxbio.nn.attention import (
    alibi_slopes,
    attention_weights,
    dot_product_attention,
    rotary,
)
from jaxbio.nn.matmul import product

PositionKind = Literal["rotary", "alibi", "none"]
PerceptronKind = Literal["gelu", "swiglu", "geglu"]
Weights = Mapping[str, Mapping[str, Array]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class BlockConfig:
    """What a transformer block is made of.

    Attributes:
        dim: Width of what goes in and comes out.
        heads: Heads of the attention, which divide `dim`.
        hidden: Width of the hidden layer of the perceptron.
        norm: Whether layers are normalised before (`pre`) or after (`post`) they are
            added to what they saw.
        norm_bias: Whether the normalisation has a bias.
        epsilon: What it adds to the variance.
        query_key_norm: Whether queries and keys are normalised, over their full width.
        positions: How attention knows where a position is: `rotary`, `alibi`, or not
            at all, as where positions are embedded.
        perceptron: `gelu`, or gated: `swiglu`, `geglu`.
        attention_bias: Whether the linear layers of the attention have a bias.
        up_bias: Whether the first linear layer of the perceptron has one.
        down_bias: Whether the last one has.
        residual_divisor: By what a layer is divided before it is added.
    """

    dim: int
    heads: int
    hidden: int
    norm: Literal["pre", "post"] = "pre"
    norm_bias: bool = True
    epsilon: float = 1e-5
    query_key_norm: bool = False
    positions: PositionKind = "rotary"
    perceptron: PerceptronKind = "gelu"
    attention_bias: bool = True
    up_bias: bool = True
    down_bias: bool = True
    residual_divisor: float = 1.0

    @property
    def linear(self) -> dict[str, tuple[int, int, bool]]:
        """Width in, width out and whether there is a bias, of each linear layer."""
        inner = dict.fromkeys(("query", "key", "value", "output"), (self.dim, self.dim))
        shapes = {name: (*shape, self.attention_bias) for name, shape in inner.items()}
        if self.perceptron != "gelu":
            shapes["gate"] = (self.dim, self.hidden, self.up_bias)
        shapes["up"] = (self.dim, self.hidden, self.up_bias)
        shapes["down"] = (self.hidden, self.dim, self.down_bias)
        return shapes

    @property
    def norms(self) -> dict[str, bool]:
        """Whether there is a bias, of each normalisation."""
        names = ["attention_norm", "perceptron_norm"]
        both: dict[str, bool] = dict.fromkeys(names, self.norm_bias)
        extra = dict.fromkeys(("query_norm", "key_norm"), False)
        return both | (extra if self.query_key_norm else {})


class TransformerStack(nnx.Module):
    """Transformer blocks on top of each other.

    Its parameters are `layers/NAME/kernel` `[layers in out]`, `layers/NAME/bias` and
    `layers/NAME/scale` `[layers width]`.

    Example:
        >>> config = BlockConfig(dim=8, heads=2, hidden=16)
        >>> stack = TransformerStack(config, 3, rngs=nnx.Rngs(0))
        >>> stack(jnp.ones((1, 5, 8)), jnp.array([4])).shape
        (1, 5, 8)
        >>> stack.layers["query"]["kernel"].shape
        (3, 8, 8)
    """

    def __init__(
        self,
        config: BlockConfig,
        layers: int,
        *,
        rngs: nnx.Rngs,
        dropout: float = 0.0,
        remat: bool = False,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layers.

        Args:
            config: What each is made of.
            layers: How many there are.
            rngs: Keys for the weights.
            dropout: Share of what attention and perceptron give set to 0 in training.
            remat: Whether gradients compute each layer again in place of keeping what
                it held: less memory, a third more time.
            dtype: Of the computation; weights are float32, as are norms and softmax.
        """
        initial = nnx.initializers.variance_scaling(
            1.0, "fan_in", "truncated_normal", batch_axis=(0,)
        )
        parts: dict[str, nnx.Dict] = {}
        for name, (before, after, has_bias) in config.linear.items():
            kernel = initial(rngs.params(), (layers, before, after))
            part = {"kernel": nnx.Param(kernel)}
            if has_bias:
                part["bias"] = nnx.Param(jnp.zeros((layers, after)))
            parts[name] = nnx.Dict(part)
        for name, has_bias in config.norms.items():
            part = {"scale": nnx.Param(jnp.ones((layers, config.dim)))}
            if has_bias:
                part["bias"] = nnx.Param(jnp.zeros((layers, config.dim)))
            parts[name] = nnx.Dict(part)
        self.layers = nnx.Dict(parts)
        self.count = layers
        self.config = config
        self.dropout = nnx.Dropout(dropout)
        self.remat = remat
        self.dtype = dtype

    def __call__(
        self,
        x: Float[Array, "batch len dim"],
        lengths: Int[Array, "batch"],
        *,
        rngs: nnx.Rngs | None = None,
        layers: int | None = None,
        every: bool = False,
        adapter: Mapping[str, Mapping[str, Any]] | None = None,
        adapter_scale: float = 1.0,
    ) -> Float[Array, "batch len dim"] | Float[Array, "layers batch len dim"]:
        """What the last layer gives; what stands in the padding has no meaning.

        Args:
            x: A vector for each position.
            lengths: The positions of each row that are not padding; these come first.
            rngs: Keys for dropout; needed in training only.
            layers: How many layers to go through; None for all.
            every: Whether to give what each layer gives.
            adapter: Low-rank changes of linear layers by name: `a` `[layers in rank]`
                and `b` `[layers rank out]`.
            adapter_scale: By what these are multiplied.
        """
        weights, keys = self._weights(), None
        if self.dropout.rate and not self.dropout.deterministic:
            assert rngs is not None  # in training there are keys
            keys = jax.random.split(rngs.dropout(), (self.count, 2))
        given = weights, keys, jax.tree.map(jnp.asarray, dict(adapter or {}))
        if layers is not None:
            given = jax.tree.map(lambda leaf: leaf[:layers], given)
        block = functools.partial(
            transformer_block,
            config=self.config,
            dropout=self._dropped,
            adapter_scale=adapter_scale,
        )

        def step(x: Array, layer: Any) -> tuple[Array, Array | None]:
            weights, keys, adapter = layer
            x = block(weights, x, lengths, keys=keys, adapter=adapter)
            return x, x if every else None

        step = jax.checkpoint(step, prevent_cse=False) if self.remat else step
        last, each = lax.scan(step, x.astype(self.dtype), given)
        return each if each is not None else last

    def attention(
        self,
        x: Float[Array, "batch len dim"],
        lengths: Int[Array, "batch"],
        *,
        layers: int | None = None,
        adapter: Mapping[str, Mapping[str, Any]] | None = None,
        adapter_scale: float = 1.0,
    ) -> Float[Array, "layers batch heads len len"]:
        """By how much each position looks at each other one, in each layer.

        Args:
            x: As for a call, as are the others.
            lengths: As for a call.
            layers: As for a call.
            adapter: As for a call.
            adapter_scale: As for a call.

        Returns:
            Weights that sum to 1 over the last axis; what stands in the rows of the
            padding has no meaning.
        """
        changed = jax.tree.map(jnp.asarray, dict(adapter or {}))
        how: Any = {"adapter": changed, "adapter_scale": adapter_scale}
        each = self(x, lengths, layers=layers, every=True, **how)
        seen = jnp.concatenate([x.astype(self.dtype)[None], each[:-1]])
        given = self._weights(), changed, seen
        count = self.count if layers is None else layers
        given = jax.tree.map(lambda leaf: leaf[:count], given)

        def one(layer: Any) -> Array:
            weights, adapter, x = layer
            linear = _linear(weights, adapter, adapter_scale)
            if self.config.norm == "pre":
                x = _norm(weights, self.config)("attention_norm", x)
            query, key, slopes = _queries(linear, weights, x, self.config)
            return attention_weights(query, key, lengths, slopes=slopes)

        return lax.map(one, given)

    def _weights(self) -> dict[str, dict[str, Array]]:
        return {
            name: {key: value[...] for key, value in part.items()}
            for name, part in self.layers.items()
        }

    def _dropped(self, x: Array, key: Array | None) -> Array:
        return x if key is None else self.dropout(x, rngs=key)


def transformer_block(
    weights: Weights,
    x: Float[Array, "batch len dim"],
    lengths: Int[Array, "batch"],
    *,
    config: BlockConfig,
    dropout: Any = lambda x, key: x,
    keys: Array | None = None,
    adapter: Mapping[str, Mapping[str, Any]] | None = None,
    adapter_scale: float = 1.0,
) -> Float[Array, "batch len dim"]:
    """One block: attention, then a perceptron, each added to what it saw.

    Args:
        weights: Of one layer, by the name of its part.
        x: A vector for each position.
        lengths: The positions of each row that are not padding.
        config: What the block is made of.
        dropout: A function of values and a key.
        keys: A key for each of the two parts; None without dropout.
        adapter: Low-rank changes of linear layers by name, `a` `[in rank]` and `b`
            `[rank out]`.
        adapter_scale: By what these are multiplied.
    """
    dtype = x.dtype
    linear = _linear(weights, adapter or {}, adapter_scale)
    norm = _norm(weights, config)

    def attend(x: Array) -> Array:
        query, key, slopes = _queries(linear, weights, x, config)
        value = _heads(linear("value", x), config)
        attended = dot_product_attention(query, key, value, lengths, slopes=slopes)
        return linear("output", attended.reshape(x.shape))

    def perceive(x: Array) -> Array:
        if config.perceptron == "gelu":
            inner = gelu(linear("up", x))
        else:
            gate = jax.nn.silu if config.perceptron == "swiglu" else gelu
            inner = gate(linear("gate", x)) * linear("up", x)
        return linear("down", inner)

    for at, (part, name) in enumerate(
        ((attend, "attention_norm"), (perceive, "perceptron_norm"))
    ):
        pre = config.norm == "pre"
        y = dropout(
            part(norm(name, x) if pre else x), None if keys is None else keys[at]
        )
        if config.residual_divisor != 1:
            y = y / jnp.asarray(config.residual_divisor, dtype)
        x = x + y if pre else norm(name, x + y)
    return x


Layer = Callable[[str, Array], Array]
"""What a layer of a name makes of vectors."""


def _linear(
    weights: Weights, adapter: Mapping[str, Any], adapter_scale: float
) -> Layer:
    """The linear layers of a block, with their low-rank changes."""

    def linear(name: str, x: Array) -> Array:
        part, dtype = weights[name], x.dtype
        y = product(x, part["kernel"].astype(dtype))
        if name in adapter:
            low = product(x, adapter[name]["a"].astype(dtype))
            change = product(low, adapter[name]["b"].astype(dtype))
            y = y + change * jnp.asarray(adapter_scale, dtype)
        return y + part["bias"].astype(dtype)[None, None] if "bias" in part else y

    return linear


def _norm(weights: Weights, config: BlockConfig) -> Layer:
    """The normalisations of a block."""
    return lambda name, x: layer_norm(x, **weights[name], epsilon=config.epsilon)


def _heads(x: Array, config: BlockConfig) -> Array:
    return x.reshape(*x.shape[:2], config.heads, -1)


def _queries(
    linear: Layer, weights: Weights, x: Array, config: BlockConfig
) -> tuple[Array, Array, Array | None]:
    """Queries and keys `[batch len heads width]`, and the slopes of ALiBi."""
    query, key = linear("query", x), linear("key", x)
    if config.query_key_norm:
        norm = _norm(weights, config)
        query, key = norm("query_norm", query), norm("key_norm", key)
    query, key = _heads(query, config), _heads(key, config)
    if config.positions == "rotary":
        return rotary(query), rotary(key), None
    if config.positions == "alibi":
        return query, key, jnp.asarray(alibi_slopes(config.heads))
    return query, key, None


def layer_norm(
    x: Float[Array, "*batch dim"],
    scale: Float[Array, "dim"],
    bias: Float[Array, "dim"] | None = None,
    *,
    epsilon: float = 1e-5,
) -> Float[Array, "*batch dim"]:
    """Mean 0 and variance 1 over the last axis, then a scale and a bias.

    Statistics are in single precision at least.

    Example:
        >>> layer_norm(jnp.array([1.0, 3.0]), jnp.ones(2), epsilon=0.0).tolist()
        [-1.0, 1.0]
    """
    wide = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    centred = wide - wide.mean(axis=-1, keepdims=True)
    variance = jnp.square(centred).mean(axis=-1, keepdims=True)
    shape = (1,) * (x.ndim - 1) + (-1,)
    y = centred * lax.rsqrt(variance + epsilon) * scale.reshape(shape)
    return (y if bias is None else y + bias.reshape(shape)).astype(x.dtype)


def gelu(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """The Gaussian error linear unit by the error function, not its approximation.

    Source: Hendrycks and Gimpel 2016, section 2.

    Example:
        >>> round(float(gelu(jnp.array(1.0))), 4)
        0.8413
    """
    return 0.5 * x * (1 + lax.erf(x / math.sqrt(2)))
