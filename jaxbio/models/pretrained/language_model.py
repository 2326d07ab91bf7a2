"""Language models of sequences: embedding, transformer layers, heads.

One module has the shape of all families; what they differ in is in its config.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float, Int

from jaxbio.nn.conv import masked
from jaxbio.nn.transformer import BlockConfig, TransformerStack, gelu, layer_norm

NormParts = Literal["none", "scale", "bias"]
_MASKED_SHARE = 0.15 * 0.8
"""The share of the symbols that ESM-2 saw masked in training."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LanguageModelConfig:
    """What a language model is made of.

    Attributes:
        vocabulary: Number of tokens.
        layers: Number of blocks.
        block: What each is made of.
        learned_positions: Rows of a table of positions; 0 without one.
        first_position: The row of the first position.
        token_types: Rows of a table of kinds of tokens, of which the first is added;
            0 without one.
        embedding_norm: Whether the sum of the embeddings is normalised.
        final_norm: Whether the last layer's result is (`bias`: with a bias, `scale`:
            without).
        mask: The token that stands for a masked one.
        pad: The token that fills up.
        token_dropout: Whether embeddings of masked tokens are zero, and the others are
            scaled by how many are masked, as in ESM-2.
        head: Whether there is a head for tokens.
        tied: Whether its last layer is the embedding's table.
        decoded: Tokens that it tells apart; 0 for all.
        pooler: Whether a dense layer over the first token is there.
        classifiers: Width of further heads over the pooler, by name.
    """

    vocabulary: int
    layers: int
    block: BlockConfig
    learned_positions: int = 0
    first_position: int = 0
    token_types: int = 0
    embedding_norm: bool = False
    final_norm: NormParts = "none"
    mask: int = 0
    pad: int = 0
    token_dropout: bool = False
    head: bool = True
    tied: bool = True
    decoded: int = 0
    pooler: bool = False
    classifiers: tuple[tuple[str, int], ...] = ()

    @property
    def max_tokens(self) -> int | None:
        """The longest row that learned positions allow; None for any length."""
        if not self.learned_positions:
            return None
        return self.learned_positions - self.first_position


class LanguageModel(nnx.Module):
    """A language model of sequences.

    Rows are tokens with those of beginning and end, and filled up behind.

    Example:
        >>> block = BlockConfig(dim=8, heads=2, hidden=16)
        >>> config = LanguageModelConfig(vocabulary=9, layers=2, block=block)
        >>> model = LanguageModel(config, rngs=nnx.Rngs(0))
        >>> tokens, lengths = jnp.array([[0, 5, 6, 2, 1]]), jnp.array([4])
        >>> model.hidden(tokens, lengths).shape, model.logits(tokens, lengths).shape
        ((1, 5, 8), (1, 5, 9))
    """

    def __init__(
        self,
        config: LanguageModelConfig,
        *,
        rngs: nnx.Rngs,
        dropout: float = 0.0,
        remat: bool = False,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the model, with new weights.

        Args:
            config: What it is made of.
            rngs: Keys for the weights.
            dropout: Share of what attention and perceptron give set to 0 in training.
            remat: Whether gradients compute each layer again.
            dtype: Of the computation; weights are float32.
        """
        normal, dim = nnx.initializers.normal(0.02), config.block.dim

        def table(rows: int) -> Any:
            return nnx.Dict(
                {"embedding": nnx.Param(normal(rngs.params(), (rows, dim)))}
            )

        def norm(parts: NormParts) -> Any:
            part = {"scale": nnx.Param(jnp.ones(dim))}
            if parts == "bias":
                part["bias"] = nnx.Param(jnp.zeros(dim))
            return nnx.Dict(part)

        def linear(width: int) -> Any:
            kernel = nnx.Param(normal(rngs.params(), (dim, width)))
            return nnx.Dict({"kernel": kernel, "bias": nnx.Param(jnp.zeros(width))})

        self.config = config
        self.dtype = dtype
        self.tokens = table(config.vocabulary)
        if config.learned_positions:
            self.positions = table(config.learned_positions)
        if config.token_types:
            self.types = table(config.token_types)
        if config.embedding_norm:
            self.embedding_norm = norm("bias")
        self.stack = TransformerStack(
            config.block,
            config.layers,
            dropout=dropout,
            remat=remat,
            dtype=dtype,
            rngs=rngs,
        )
        if config.final_norm != "none":
            self.final_norm = norm(config.final_norm)
        if config.head:
            width = config.decoded or config.vocabulary
            decoder = {"bias": nnx.Param(jnp.zeros(width))}
            if not config.tied:
                decoder["kernel"] = nnx.Param(normal(rngs.params(), (dim, width)))
            self.head = nnx.Dict(
                dense=linear(dim), norm=norm("bias"), decoder=nnx.Dict(decoder)
            )
        if config.pooler:
            self.pooler = linear(dim)
        self.classifiers = nnx.Dict(
            {name: linear(width) for name, width in config.classifiers}
        )

    def embed(
        self,
        tokens: Int[Array, "batch len"],
        lengths: Int[Array, "batch"],
        *,
        vectors: Float[Array, "batch len dim"] | None = None,
    ) -> Float[Array, "batch len dim"]:
        """What the first layer sees.

        Args:
            tokens: Numbers of tokens.
            lengths: The tokens of each row that are not padding.
            vectors: What stands in place of the tokens' own vectors, such as weighted
                means of them.
        """
        config = self.config
        x = self.tokens["embedding"][...][tokens] if vectors is None else vectors
        at = jnp.arange(tokens.shape[1])
        real = at[None] < lengths[:, None]
        if config.token_dropout:
            hidden = (tokens == config.mask) & real
            share = hidden.sum(axis=1) / jnp.maximum(lengths, 1)
            scale = (1 - _MASKED_SHARE) / (1 - share)
            x = jnp.where(hidden[..., None], 0, x) * scale[:, None, None]
        if config.learned_positions:
            rows = self.positions["embedding"][...][at + config.first_position]
            x = x + rows[None]
        if config.token_types:
            x = x + self.types["embedding"][...][:1][None]
        if config.embedding_norm:
            x = self._normalized(self.embedding_norm, x)
        return masked(x, real).astype(self.dtype)

    def hidden(
        self,
        tokens: Int[Array, "batch len"],
        lengths: Int[Array, "batch"],
        *,
        layer: int | None = None,
        rngs: nnx.Rngs | None = None,
        vectors: Float[Array, "batch len dim"] | None = None,
        adapter: Mapping[str, Mapping[str, Any]] | None = None,
        adapter_scale: float = 1.0,
    ) -> Float[Array, "batch len dim"]:
        """A vector for each token; what stands in the padding has no meaning.

        Args:
            tokens: Numbers of tokens.
            lengths: The tokens of each row that are not padding.
            layer: After which layer; 0 for the embeddings, None for the last one, whose
                result is normalised where the model does so.
            rngs: Keys for dropout; needed in training only.
            vectors: As for `embed`.
            adapter: As for `TransformerStack`, as is `adapter_scale`.
            adapter_scale: The scale of the adapter.
        """
        x = self.embed(tokens, lengths, vectors=vectors)
        if layer == 0:
            return x
        last = layer is None or layer == self.config.layers
        x = self.stack(
            x,
            lengths,
            rngs=rngs,
            layers=None if last else layer,
            adapter=adapter,
            adapter_scale=adapter_scale,
        )
        if not last or self.config.final_norm == "none":
            return x
        return self._normalized(self.final_norm, x)

    def attention(
        self,
        tokens: Int[Array, "batch len"],
        lengths: Int[Array, "batch"],
        *,
        layer: int | None = None,
        vectors: Float[Array, "batch len dim"] | None = None,
        adapter: Mapping[str, Mapping[str, Any]] | None = None,
        adapter_scale: float = 1.0,
    ) -> Float[Array, "layers batch heads len len"]:
        """By how much each token looks at each other one, in each layer.

        Args:
            tokens: Numbers of tokens.
            lengths: The tokens of each row that are not padding.
            layer: After which layer to stop; None for the last one.
            vectors: As for `embed`.
            adapter: As for `TransformerStack`, as is `adapter_scale`.
            adapter_scale: The scale of the adapter.
        """
        return self.stack.attention(
            self.embed(tokens, lengths, vectors=vectors),
            lengths,
            layers=layer,
            adapter=adapter,
            adapter_scale=adapter_scale,
        )

    def logits(
        self,
        tokens: Int[Array, "batch len"],
        lengths: Int[Array, "batch"],
        **options: Any,
    ) -> Float[Array, "batch len tokens"]:
        """The logarithm of how likely each token is at each place, but for a constant.

        Args:
            tokens: Numbers of tokens, some of them the mask.
            lengths: The tokens of each row that are not padding.
            options: As for `hidden`.
        """
        return self.decode(self.hidden(tokens, lengths, **options))

    def decode(
        self, x: Float[Array, "batch len dim"]
    ) -> Float[Array, "batch len tokens"]:
        """What the head makes of the last layer's vectors, float32."""
        x = gelu(_linear(self.head["dense"], x))
        x = self._normalized(self.head["norm"], x)
        decoder = _values(self.head["decoder"])
        kernel = decoder.get("kernel")
        if kernel is None:
            kernel = self.tokens["embedding"][...].T
        found = jnp.matmul(
            x, kernel.astype(x.dtype), preferred_element_type=jnp.float32
        )
        return found + decoder["bias"].astype(jnp.float32)[None, None]

    def classify(
        self, x: Float[Array, "batch len dim"]
    ) -> dict[str, Float[Array, "batch classes"]]:
        """What the further heads make of the last layer's vectors, float32."""
        first = jnp.tanh(_linear(self.pooler, x[:, :1]))
        return {
            name: _linear(part, first)[:, 0].astype(jnp.float32)
            for name, part in self.classifiers.items()
        }

    def _normalized(self, part: Mapping[str, Any], x: Array) -> Array:
        return layer_norm(x, **_values(part), epsilon=self.config.block.epsilon)


def _linear(part: Mapping[str, Any], x: Array) -> Array:
    values = _values(part)
    y = x @ values["kernel"].astype(x.dtype)
    return y + values["bias"].astype(x.dtype)[None, None]


def _values(part: Mapping[str, Any]) -> dict[str, Array]:
    return {name: value[...] for name, value in part.items()}


def shapes_of(config: LanguageModelConfig) -> dict[str, Any]:
    """The parameters of a model as a nested dict of their shapes; nothing is made.

    Example:
        >>> block = BlockConfig(dim=8, heads=2, hidden=16)
        >>> config = LanguageModelConfig(vocabulary=9, layers=2, block=block)
        >>> shapes_of(config)["stack"]["layers"]["up"]["kernel"].shape
        (2, 8, 16)
    """
    model = nnx.eval_shape(lambda: LanguageModel(config, rngs=nnx.Rngs(0)))
    state = nnx.to_pure_dict(nnx.state(model, nnx.Param))
    return jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype), state)
