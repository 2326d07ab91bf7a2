"""Attributions of the positions of sequences, by gradients and DeepLIFT."""

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32

from jaxbio.alphabet import Alphabet
from jaxbio.data.batching.buckets import bucket_lengths
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.schema import Schema
from jaxbio.data.views import source_of
from jaxbio.errors import DataError, JaxbioError, nearest, option
from jaxbio.explain.attributions import Attribution
from jaxbio.explain.backgrounds import backgrounds_of
from jaxbio.explain.deep_lift import deeplift
from jaxbio.explain.functions import check_function
from jaxbio.explain.gradients import (
    Output,
    gradient_x_input,
    gradients,
    integrated_gradients,
    smoothgrad,
)
from jaxbio.explain.mutagenesis import sequence_input
from jaxbio.explain.targets import before_link, chosen_outputs, row_target
from jaxbio.models import Boosting, Mixture
from jaxbio.nn.closures import Program
from jaxbio.predict.predictor import Predictor

_STEPS = 16  # on the way from each of several backgrounds


class SequenceAttribution(NamedTuple):
    """What the positions of a sequence contribute to an output.

    Attributes:
        values: The contribution of the symbol of each position.
        hypothetical: What each symbol would contribute in its place, as
            TF-MoDISco takes it; by gradients, less the mean over symbols (Majdandzic et
            al. 2023).
        output: The output that is explained: the logit of a class, or a number.
        base: That of the backgrounds, on average.
        delta: What of the difference the contributions do not add up to; NaN for
            methods that do not mean to be complete.
    """

    values: Float32[np.ndarray, "len"]
    hypothetical: Float32[np.ndarray, "len symbols"]
    output: float
    base: float
    delta: float


class _Found(NamedTuple):
    """As of `SequenceAttribution`, of rows `[n len symbols]`."""

    values: Array
    hypothetical: Array
    output: Array
    base: Array


Explain = Callable[[Output, Array, Array], _Found]
"""Rows `[n len symbols]` beside one background of each."""


def _saliency(output: Output, x: Array, usual: Array) -> _Found:
    slopes = gradients(output, x)
    there = x.sum(axis=-1, keepdims=True) > 0
    return _plain(jnp.abs(slopes).max(axis=-1), slopes * there, output, x)


def _gradient(output: Output, x: Array, usual: Array) -> _Found:
    found = gradient_x_input(output, x)
    return _plain(found.values.sum(axis=-1), found.multipliers, output, x)


def _smooth(output: Output, x: Array, usual: Array) -> _Found:
    slopes = smoothgrad(output, x, jax.random.key(0))
    return _plain((slopes * x).sum(axis=-1), slopes, output, x)


def _plain(values: Array, slopes: Array, output: Output, x: Array) -> _Found:
    slopes = slopes - slopes.mean(axis=-1, keepdims=True)
    nothing = jnp.full(len(x), jnp.nan)
    return _Found(values, slopes, output(x), nothing)


def _projected(
    method: Callable[[Output, Array, Array], Attribution],
    output: Output,
    x: Array,
    usual: Array,
) -> _Found:
    found = method(output, x, usual)
    slopes = found.multipliers
    # Each symbol in its place, less what stands there in the background.
    hypothetical = slopes - (slopes * usual).sum(axis=-1, keepdims=True)
    values = found.values.sum(axis=-1)
    return _Found(values, hypothetical, found.output, found.base)


METHODS: Mapping[str, Explain] = {
    "saliency": _saliency,
    "gradient": _gradient,
    "smoothgrad": _smooth,
    "integrated": functools.partial(
        _projected, functools.partial(integrated_gradients, steps=_STEPS)
    ),
    "deeplift": functools.partial(_projected, deeplift),
}
"""All methods by name; the last two compare with backgrounds and are complete."""

_COMPLETE = frozenset(("integrated", "deeplift"))


def sequence_attributions(
    predictor: Predictor,
    data: Any,
    *,
    method: str = "deeplift",
    target: str | None = None,
    label: str | None = None,
    input: str | None = None,
    background: str | None = None,
    count: int = 20,
    seed: int = 0,
) -> Iterator[SequenceAttribution]:
    """Contributions of the positions of each sequence to a prediction.

    Args:
        predictor: Networks that take a sequence.
        data: What they take.
        method: `saliency`, `gradient` (times input), `smoothgrad`, `integrated`
            gradients, averaged over the backgrounds (expected gradients), or
            `deeplift` by its rescale rule, likewise (DeepLIFT/SHAP).
        target: The target; None for the only one.
        label: The class, label or number that is looked at; None for the likeliest of
            each row.
        input: The sequence that is explained, of a model with several inputs; the
            others stay as they are. None for the only input.
        background: For the last two what a sequence is compared with: `dinucleotides`
            or `shuffled`, `random`, `uniform` or `zeros`; None for shuffles that keep
            pairs of neighbours in DNA and RNA, and the composition of others.
        count: How many shuffles.
        seed: Of these.

    Yields:
        The contributions of each row, to the logit of a class or label or to a number
        in its units.

    Raises:
        DataError: For a network without such an input, a row without that sequence, or
            a name that is not known.
        JaxbioError: For a method or background that is not known, or a function of
            outputs without gradients.

    Example:
        >>> import jaxbio as jb
        >>> texts = ["ACGTACGTAC", "ACGAACGAAC"] * 20
        >>> rows = jb.data.Sequences.from_strings(texts, jb.DNA)
        >>> kinds = jb.data.Category.from_values(["a", "b"] * 20)
        >>> data = jb.Dataset({"seq": rows}, {"kind": kinds})
        >>> encoder = jb.CNN(channels=(2,), kernel_sizes=(3,))
        >>> run = jb.fit(encoder, None, data, epochs=1, members=1, batch_size=8)
        >>> (found,) = sequence_attributions(run.predictor, ["ACGTACGTAC"])
        >>> found.values.shape, abs(found.delta) < 1e-4
        ((10,), True)
    """
    if method not in METHODS:
        known = nearest(method, list(METHODS))
        raise JaxbioError(f"{option('method', method)}: {known}")
    check_gradients(predictor)
    name = explained_sequence(predictor.schema, input)
    spec = row_target(predictor.schema, target)
    rows = predictor.dataset(data)
    check_function(predictor, rows)
    codes = chosen_outputs(predictor, rows, spec, label)
    task = predictor.objective.tasks[spec.name]
    outputs = "prediction" if spec.kind in ("number", "count") else "logits"
    predict, params = predictor.function(inputs="one_hot", outputs=outputs)

    def program(code: int) -> Program:
        def output(params: Any, others: Mapping[str, Array], x: Array) -> Array:
            found = predict(params, {**others, name: x})[spec.name].reshape(len(x), -1)
            return before_link(found, jnp.full(len(x), code), spec, task)

        def run(
            params: Any, others: Mapping[str, Array], x: Array, usual: Array
        ) -> _Found:
            """The mean over backgrounds `[backgrounds len symbols]` of one sequence."""
            one = functools.partial(
                METHODS[method], functools.partial(output, params, others), x[None]
            )
            each = jax.lax.map(lambda other: one(other[None]), usual)
            return jax.tree.map(lambda values: values[:, 0].mean(axis=0), each)

        return Program(run)

    def explain(code: int) -> Program:
        """A program for each output, as each is compiled anew."""
        key = (__name__, name, spec.name, method, code)
        make = functools.partial(program, code)
        return predictor.program(key, make, shared=True)

    column = plain(rows.input(name))
    assert isinstance(column, Sequences)  # as the predictor took them
    alphabet = column.alphabet
    arrays = predictor.schema.encode(rows, targets=False).expanded()
    lengths = bucket_lengths(arrays.lengths, predictor.schema.buckets).tolist()
    for row, code in enumerate(codes.tolist()):
        tokens = column.codes[column.offsets[row] : column.offsets[row + 1]]
        if not len(tokens):
            raise DataError(
                f"{rows.source}: {rows.origin.ids[row]} has no {name} to explain: "
                f"choose other rows"
            )
        whole = arrays.batch(np.array([row]), lengths[row])["inputs"]
        others = _soft(predictor.schema, whole, without=name)
        padded = whole[name].shape[1]
        usual = _usual(tokens, alphabet, method, background, count, seed + row)
        x = _filled(alphabet.profile[tokens][None], padded)[0]
        usual = _filled(usual, max(padded, len(tokens)))
        found = jax.device_get(explain(code)(params, others, x, usual))
        size = len(tokens)
        values = np.asarray(found.values[:size], np.float32)
        base = float(found.base)
        delta = float(found.output) - base - float(found.values.sum())
        yield SequenceAttribution(
            values,
            np.asarray(found.hypothetical[:size], np.float32),
            float(found.output),
            base,
            delta if method in _COMPLETE else float("nan"),
        )


def explained_sequence(schema: Schema, name: str | None = None) -> str:
    """The sequence input whose positions are explained.

    Args:
        schema: The inputs.
        name: Which one; None for the only input.

    Raises:
        DataError: For a name that is not there, a model with several inputs of which
            none is named, or one that also sees the sequence in another way.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> from jaxbio.data.columns.sequences import SequenceSpec
        >>> explained_sequence(Schema((SequenceSpec("seq", "dna", DNA),)))
        'seq'
    """
    if name is None:
        return sequence_input(schema.inputs).name
    known = [spec.name for spec in schema.sequences]
    if name not in known:
        raise DataError(f"no sequence input {name!r}: {nearest(name, known)}")
    views = [spec.name for spec in schema.inputs if source_of(spec.name) == name]
    if views:
        raise DataError(
            f"the model also sees {name} as {', '.join(views)}, which no gradient of "
            f"its positions reaches: {option('method', 'shapley')} explains all inputs"
        )
    return name


def _soft(
    schema: Schema, inputs: Mapping[str, Any], *, without: str
) -> dict[str, np.ndarray]:
    """The other inputs of a batch, sequences as weights of symbols."""
    sequences = {spec.name: spec.alphabet for spec in schema.sequences}
    return {
        name: sequences[name].profile[values] if name in sequences else values
        for name, values in inputs.items()
        if name != without
    }


def _usual(
    tokens: np.ndarray,
    alphabet: Alphabet,
    method: str,
    background: str | None,
    count: int,
    seed: int,
) -> np.ndarray:
    kind = background if method in _COMPLETE else "zeros"
    return backgrounds_of(tokens, alphabet, kind=kind, count=count, seed=seed)


def _filled(
    values: Float[np.ndarray, "n len symbols"], length: int
) -> Float[np.ndarray, "n longer symbols"]:
    more = max(length - values.shape[1], 0)
    return np.pad(np.asarray(values, np.float32), ((0, 0), (0, more), (0, 0)))


def check_gradients(predictor: Predictor) -> None:
    """Refuse a model in which trees have a say, as these have no gradients.

    Raises:
        DataError: With what explains such a model.
    """
    model = predictor.model
    if isinstance(model, Mixture) and any(
        isinstance(part, Boosting) for part in model.parts.values()
    ):
        raise DataError(
            f"a part of the model are trees, which have no gradients: "
            f"{option('method', 'ism')} or 'shapley' explains all of it"
        )
