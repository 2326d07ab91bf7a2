"""A pretrained model as an encoder of sequences: frozen, adapted, or trained whole."""

import dataclasses
import functools
from typing import Any, ClassVar, Literal, get_args

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Bool, Float

from jaxbio.alphabet import Alphabet
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import InputSpec
from jaxbio.errors import JaxbioError
from jaxbio.models.base import Encoder
from jaxbio.models.pretrained import peft
from jaxbio.models.pretrained.embedding import Embedder
from jaxbio.models.pretrained.language_model import LanguageModel, LanguageModelConfig
from jaxbio.models.pretrained.loading import FAMILIES, PretrainedModel, pretrained
from jaxbio.models.pretrained.tokenizers import WordTokenizer
from jaxbio.models.sequence import SequenceEncoder
from jaxbio.nn.closures import share
from jaxbio.nn.conv import masked
from jaxbio.nn.lora import new_adapter
from jaxbio.nn.pool import Pool, PoolKind
from jaxbio.nn.tokens import is_soft, token_mask

Tune = Literal["frozen", "lora", "full"]


@dataclasses.dataclass(frozen=True)
class Pretrained(Encoder):
    """A pretrained model over sequences; see `jaxbio models list`.

    Attributes:
        model: Its name, or a folder.
        tune: `frozen` for its vectors as they are, computed once; `lora` for low-rank
            changes of its linear layers; `full` for all its weights.
        rank: With `lora`, the width of the changes.
        alpha: With `lora`, by alpha over rank they are multiplied.
        targets: With `lora`, the linear layers that are changed: `query`, `key`,
            `value`, `output`, `up`, `down`, `gate`.
        layer: After which layer vectors are taken; None for the last.
        pool: How a sequence becomes one vector: `mean`, `max` or `attention`.
        dropout: Share of what attention and perceptron give set to 0 in training, but
            for `frozen`.
        remat: Whether gradients compute each layer again in place of keeping what it
            held, for long sequences and large models.
        adapter: A folder with an adapter of PEFT to begin with.
        sha256: Of the weights; filled in, so that a run finds the same ones again.
    """

    name: ClassVar[str] = "pretrained"
    takes: ClassVar[str] = "sequences"

    model: str
    tune: str = "frozen"
    rank: int = 8
    _: dataclasses.KW_ONLY
    alpha: float = 16.0
    targets: tuple[str, ...] = ("query", "key", "value", "output")
    layer: int | None = None
    pool: PoolKind = "mean"
    dropout: float = 0.0
    remat: bool = False
    adapter: str = ""
    sha256: str = ""

    def __post_init__(self):
        if self.tune not in get_args(Tune):
            raise JaxbioError(f"tune={self.tune!r}: choose frozen, lora or full")
        if self.pool not in ("mean", "max", "attention"):
            raise JaxbioError(f"pool={self.pool!r}: choose mean, max or attention")
        if self.adapter and self.tune != "lora":
            raise JaxbioError("an adapter goes with tune='lora'")

    @classmethod
    def accepts(cls, spec: InputSpec) -> bool:
        """Check that the input is a sequence."""
        return isinstance(spec, SequenceSpec)

    @property
    def stride(self) -> int:
        """Symbols a token: 1, or more where a token has several letters."""
        return 1 if self.base().by_letter else _LETTERS

    def resolve(self, spec: SequenceSpec, schema: Schema) -> "Pretrained":
        """The description with the checksum of the weights.

        Raises:
            JaxbioError: For a model that does not read such sequences, or is not here.
        """
        base = self.base()
        kinds = FAMILIES[base.model.family].kinds
        alphabet = "dna" if spec.alphabet.name == "rna" else spec.alphabet.name
        if alphabet not in kinds:
            raise JaxbioError(
                f"{self.model} reads {' or '.join(kinds)}, and the input {spec.name} "
                f"is {spec.alphabet.name}: choose another model for it"
            )
        base.check_length(spec.name, spec.max_length)
        return dataclasses.replace(self, sha256=base.model.sha256)

    def build(
        self, spec: SequenceSpec, *, rngs: nnx.Rngs, dtype: DTypeLike = jnp.float32
    ) -> "PretrainedEncoder":
        """The module: the model's own weights, and new ones where it is adapted."""
        return PretrainedEncoder(self, spec, rngs=rngs, dtype=dtype)

    def check(self, name: str, length: int) -> None:
        """See that the model has positions for a sequence; see `Base.check_length`."""
        self.base().check_length(name, length)

    def base(self) -> "Base":
        """The model, once in a process.

        Raises:
            JaxbioError: If it is not here, or its weights are others than those with
                which a run was trained.
        """
        found = _base(self.model)
        if self.sha256 and found.model.sha256 != self.sha256:
            raise JaxbioError(
                f"the weights of {self.model} in {found.model.path} are others than "
                f"those of training (sha256 {found.model.sha256[:12]}…, not "
                f"{self.sha256[:12]}…): put those back, or name their folder in "
                f"JAXBIO_MODELS"
            )
        return found


class Base:
    """A pretrained model whose weights several networks share, and none changes."""

    def __init__(self, model: PretrainedModel):
        """Copy nothing to a device yet.

        Args:
            model: The model.
        """
        self.model = model
        self.config = _trunk(model.config)
        self._stored: dict[str, Any] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Base) and other.model.sha256 == self.model.sha256

    def __hash__(self) -> int:
        return hash(self.model.sha256)

    def __reduce__(self) -> Any:
        return _base, (self.model.name,)

    def params(self) -> dict[str, Any]:
        """The parameters without heads, in the host's memory."""
        found = self.model.params
        return {name: part for name, part in found.items() if name not in _HEADS}

    def values(self, dtype: DTypeLike) -> dict[str, Any]:
        """The parameters without heads, on the device, kernels in a precision."""
        name = str(jnp.dtype(dtype))
        if name not in self._stored:
            kernels = jax.tree.map(
                lambda x: x.astype(name) if x.ndim > 2 else x, self.params()
            )
            self._stored[name] = share(kernels)
        return self._stored[name]

    @property
    def by_letter(self) -> bool:
        """Check that a token is a letter."""
        tokenizer = self.model.tokenizer
        return isinstance(tokenizer, WordTokenizer) and tokenizer.width == 1

    def tokens(
        self, codes: np.ndarray, alphabet: Alphabet
    ) -> tuple[np.ndarray, np.ndarray]:
        """The tokens of rows of codes, and how many each row has.

        Args:
            codes: uint8 `[batch len]`, padded with the alphabet's pad.
            alphabet: What they mean.

        Returns:
            int32 `[batch len + 2]`, filled up with the model's pad, and `[batch]`.
        """
        tokenizer = self.model.tokenizer
        found = np.full((len(codes), codes.shape[1] + _ENDS), tokenizer.pad, np.int32)
        counts = np.zeros(len(codes), np.int32)
        for row, each in enumerate(np.asarray(codes)):
            own = tokenizer.encode(alphabet.decode(each), unknown="any")
            found[row, : len(own)], counts[row] = own, len(own)
        return found, counts

    def check_length(self, name: str, length: int) -> None:
        """See that the model has positions for a sequence.

        Raises:
            JaxbioError: If it has learned fewer.
        """
        most = self.config.max_tokens
        tokenizer = self.model.tokenizer
        ends = [tokenizer.start, tokenizer.end]
        most = None if most is None else most - sum(end is not None for end in ends)
        if most is not None and length > most:
            raise JaxbioError(
                f"{name} has a sequence of {length:,} symbols, and {self.model.name} "
                f"has learned {most:,} positions: cut such sequences, or choose a "
                f"model with rotary positions"
            )


_LETTERS = 6  # of a token, about, where it has several
_ENDS = 2  # tokens of beginning and end
_FEW = 4  # letters a token, of sequences without many single ones
_HEADS = ("head", "pooler", "classifiers")


def _trunk(config: LanguageModelConfig) -> LanguageModelConfig:
    return dataclasses.replace(config, head=False, pooler=False, classifiers=())


@functools.lru_cache(maxsize=4)
def _base(name: str) -> Base:
    return Base(pretrained(name))


class PretrainedEncoder(SequenceEncoder):
    """A pretrained model over sequences, as part of a network.

    It also takes what it gave for the sequences before, `[batch dim]` or
    `[batch len dim]`, and passes it on.
    """

    def __init__(
        self,
        encoder: Pretrained,
        spec: SequenceSpec,
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the module.

        Args:
            encoder: What is made of which model.
            spec: The input.
            rngs: Keys for the weights.
            dtype: Of the computation; weights that are trained are float32.
        """
        base = encoder.base()
        tokenizer: Any = base.model.tokenizer
        self.alphabet = spec.alphabet
        self.letters: tuple[int, ...] = ()
        self.read = None if base.by_letter else base
        if base.by_letter:
            self.letters = tuple(tokenizer.letters(spec.alphabet).tolist())
        self.start, self.end = tokenizer.start, tokenizer.end
        self.pad = tokenizer.pad
        self.layer = _counted(encoder.layer, base.config.layers)
        self.most = base.config.max_tokens
        self.scale = encoder.alpha / encoder.rank
        self.dtype = dtype
        self.adapter = nnx.Dict()
        self.base: Base | None = base
        options: Any = {"dropout": encoder.dropout, "remat": encoder.remat}
        if encoder.tune == "frozen":
            options = {}
        graph, rest = _structure(base.config, dtype, **options)
        if encoder.tune == "full":
            self.base = None
            self.whole = nnx.merge(graph, share(base.params()), rest)
        else:
            self.graph, self.rest = graph, _Fixed(rest)
        self.drop = nnx.Dropout(options.get("dropout", 0.0))
        if encoder.tune == "lora":
            adapter: Any = new_adapter(
                rngs.params(),
                base.config.block.linear,
                encoder.targets,
                layers=base.config.layers,
                rank=encoder.rank,
            )
            if encoder.adapter:
                adapter = peft.read_adapter(encoder.adapter, base.model, encoder)
            self.adapter = nnx.Dict(
                {
                    name: nnx.Dict({k: nnx.Param(jnp.asarray(v)) for k, v in p.items()})
                    for name, p in adapter.items()
                }
            )
        dim = base.config.block.dim
        self.pool = Pool(encoder.pool, dim, dtype=dtype, rngs=rngs)
        self.norm = nnx.LayerNorm(dim, epsilon=1e-5, dtype=dtype, rngs=rngs)
        self._finish(dim, dim, wide=None, outputs=None, rngs=rngs, dtype=dtype)

    def present(self, tokens: Any) -> Bool[Array, "batch"]:
        """Mask of the rows that have any symbol."""
        if self._is_known(tokens):
            return (tokens != 0).any(axis=tuple(range(1, tokens.ndim)))
        return super().present(tokens)

    def positions(
        self, tokens: Any, *, rngs: nnx.Rngs | None = None
    ) -> tuple[Float[Array, "batch short dim"], Bool[Array, "batch short"]]:
        """A vector for each symbol and the mask of those that count."""
        if self._is_known(tokens):
            return tokens.astype(self.dtype), (tokens != 0).any(axis=-1)
        if self.read is not None:
            return self._words(self.read, tokens, rngs)
        mask = token_mask(tokens, self.alphabet)
        codes, counts, vectors = self._read(tokens, mask)
        x = self._hidden(codes, counts, rngs, vectors)
        x = self._inner(x, mask.shape[1])
        if self.most is not None:  # of longer ones nothing can be said
            x = jnp.where((counts <= self.most)[:, None, None], x, jnp.nan)
        return masked(x, mask), mask

    def attention(self, tokens: Any) -> Float[Array, "layers batch heads n n"] | None:
        """By how much each symbol looks at each other one.

        What a symbol takes from the tokens of beginning and end is left out, so that
        its weights sum to less than 1.

        Raises:
            JaxbioError: For a model whose tokens have several letters.
        """
        if self.layer == 0 or self._is_known(tokens):
            return None
        if self.read is not None:
            raise JaxbioError(
                f"{self.read.model.name} has tokens of several letters, so that what "
                f"they look at is of no single position: use substitutions (ism), or "
                f"a model with a token a letter"
            )
        mask = token_mask(tokens, self.alphabet)
        codes, counts, vectors = self._read(tokens, mask)
        found = self._model().attention(
            codes, counts, layer=self.layer, vectors=vectors, **self._adapted()
        )
        inner = self._inner(found, mask.shape[1], axis=3)
        return self._inner(inner, mask.shape[1], axis=4)

    def _read(self, tokens: Any, mask: Array) -> tuple[Array, Array, Array | None]:
        """Tokens with those of beginning and end, their number, and soft vectors."""
        count = mask.sum(axis=1)
        size, length = mask.shape
        before = int(self.start is not None)
        ends = before + int(self.end is not None)
        table = jnp.asarray(self.letters)
        soft = is_soft(tokens)
        codes = jnp.full((size, length), self.pad) if soft else table[tokens]
        codes = jnp.pad(codes, ((0, 0), (before, ends - before)))
        at = jnp.arange(length + ends)[None]
        codes = jnp.where(at < before, self.start or 0, codes)
        last = (count + before)[:, None]
        codes = jnp.where(at == last, self.pad if self.end is None else self.end, codes)
        codes = jnp.where(at >= (count + ends)[:, None], self.pad, codes)
        vectors = None
        if soft:
            model = self._model()
            symbols = model.tokens["embedding"][...][table[: self.alphabet.size]]
            inner = tokens.astype(symbols.dtype) @ symbols
            inner = jnp.pad(inner, ((0, 0), (before, ends - before), (0, 0)))
            own = model.tokens["embedding"][...][codes]
            is_symbol = (at >= before) & (at < last)
            vectors = jnp.where(is_symbol[..., None], inner, own)
        return codes.astype(jnp.int32), count + ends, vectors

    def _inner(self, x: Array, length: int, axis: int = 1) -> Array:
        """Without the tokens of beginning and end."""
        before = int(self.start is not None)
        return jax.lax.slice_in_dim(x, before, before + length, axis=axis)

    def _words(
        self, base: Base, tokens: Any, rngs: nnx.Rngs | None
    ) -> tuple[Float[Array, "batch short dim"], Bool[Array, "batch short"]]:
        """A vector for each token of several letters, which the host makes."""
        if is_soft(tokens):
            raise JaxbioError(
                f"{base.model.name} has tokens of several letters, which no gradient "
                f"reaches: use substitutions in place of gradients"
            )
        size, length = tokens.shape
        shapes = (
            jax.ShapeDtypeStruct((size, length + _ENDS), jnp.int32),
            jax.ShapeDtypeStruct((size,), jnp.int32),
        )
        codes, counts = jax.pure_callback(
            lambda given: base.tokens(np.asarray(given), self.alphabet),
            shapes,
            tokens,
            vmap_method="sequential",
        )
        # Most sequences have far fewer tokens than letters.
        few = min(length // _FEW + _ENDS + _LETTERS, length + _ENDS)

        def of(width: int) -> Any:
            def run(codes: Array) -> Array:
                x = self._hidden(codes[:, :width], counts, rngs, None)
                return jnp.pad(x, ((0, 0), (0, length + _ENDS - width), (0, 0)))

            return run

        keys = self.drop.rate and not self.drop.deterministic
        if few == length + _ENDS or keys:  # keys cannot be drawn in a branch
            x = of(length + _ENDS)(codes)
        else:
            x = jax.lax.cond(counts.max() <= few, of(few), of(length + _ENDS), codes)
        before = int(self.start is not None)
        inner = counts - before - int(self.end is not None)
        x = x[:, before : before + length]
        mask = jnp.arange(length)[None] < inner[:, None]
        return masked(x, mask), mask

    def _hidden(
        self, codes: Array, counts: Array, rngs: nnx.Rngs | None, vectors: Array | None
    ) -> Array:
        how = {"layer": self.layer, "rngs": rngs, "vectors": vectors}
        return self._model().hidden(codes, counts, **how, **self._adapted())

    def _adapted(self) -> dict[str, Any]:
        """The low-rank changes of the model's layers."""
        adapter = {
            name: {key: value[...] for key, value in part.items()}
            for name, part in self.adapter.items()
        }
        return {"adapter": adapter, "adapter_scale": self.scale}

    def pooled(
        self, x: Float[Array, "batch short dim"], mask: Bool[Array, "batch short"]
    ) -> Float[Array, "batch pooled"]:
        """One vector a sequence."""
        return self.norm(self.pool(x, mask))

    def __call__(
        self, tokens: Any, *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "batch features"]:
        """One vector a sequence; see `SequenceEncoder`."""
        if self._is_known(tokens) and tokens.ndim == 2:
            return self.norm(tokens.astype(self.dtype))
        return super().__call__(tokens, rngs=rngs)

    def _is_known(self, tokens: Any) -> bool:
        """Check that these are vectors that the model gave before, and no tokens."""
        floats = jnp.issubdtype(tokens.dtype, jnp.floating)
        return floats and (tokens.ndim == 2 or tokens.shape[-1] == self.dim)

    def _model(self) -> LanguageModel:
        if self.base is None:
            return self.whole
        values = self.base.values(self.dtype)
        model = nnx.merge(self.graph, values, self.rest.state)
        deterministic = self.drop.deterministic or not self.drop.rate
        return nnx.view(model, deterministic=True) if deterministic else model


class _Fixed:
    """What a model keeps besides parameters, of which there is nothing here."""

    def __init__(self, state: Any):
        self.state = state

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Fixed)

    def __hash__(self) -> int:
        return hash(_Fixed)


def _structure(
    config: LanguageModelConfig, dtype: DTypeLike, **options: Any
) -> tuple[nnx.GraphDef, Any]:
    """The structure of a model, of which no array is made."""

    def build() -> LanguageModel:
        return LanguageModel(config, rngs=nnx.Rngs(0), dtype=dtype, **options)

    graph, _, rest = nnx.split(nnx.eval_shape(build), nnx.Param, ...)
    return graph, rest


def _counted(layer: int | None, layers: int) -> int | None:
    if layer is None:
        return None
    if not -layers <= layer <= layers:
        raise JaxbioError(f"layer={layer}: the model has {layers} layers")
    return layer if layer >= 0 else layers + 1 + layer


def vectors_of(encoder: Pretrained, texts: list[str], *, along: bool) -> Any:
    """What a frozen model gives for sequences, once for each different one.

    Args:
        encoder: The frozen model.
        texts: The sequences.
        along: Whether a vector a symbol is wanted; else one a sequence.

    Returns:
        float32 `[n dim]`, or a list of `[len dim]`.
    """
    embedder = _embedder(encoder, along)
    different = list(dict.fromkeys(texts))
    found = embedder(different)
    place = {text: at for at, text in enumerate(different)}
    if along:
        return [found[place[text]] for text in texts]
    return np.asarray(found)[[place[text] for text in texts]]


@functools.lru_cache(maxsize=2)
def _embedder(encoder: Pretrained, along: bool) -> Embedder:
    """The model that gives whole sequences their vectors, compiled once."""
    base = encoder.base()
    return Embedder(
        base.model,
        pool="none" if along else "mean",
        layer=encoder.layer,
        window=base.config.max_tokens or _WHOLE,
        unknown="any",
    )


_WHOLE = 1 << 30  # tokens: no sequence is read in windows
