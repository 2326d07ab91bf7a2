"""What designed sequences are wanted to be predicted as."""

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.data.batching.buckets import bucket_lengths
from jaxbio.data.columns.sequences import Sequences, SequenceSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.specs import TargetSpec
from jaxbio.design.archive import Score, Slopes
from jaxbio.errors import AlphabetError, DataError, nearest, option
from jaxbio.explain.positions import check_gradients
from jaxbio.explain.targets import log_odds, output_names, row_target
from jaxbio.predict.predictions import Predictions
from jaxbio.predict.predictor import Predictor


@dataclasses.dataclass(frozen=True)
class Term:
    """One wish about one output.

    Attributes:
        target: The target.
        direction: `raise`, `lower`, or `target` for a value.
        value: The value; of classes and labels a probability.
        label: The class, label or column; None for the only number, or the second of
            two classes.
    """

    target: str
    direction: Literal["raise", "lower", "target"] = "raise"
    value: float | None = None
    label: str | None = None


def sequence_input(predictor: Predictor) -> SequenceSpec:
    """The only input of a model, which is designed.

    Raises:
        DataError: For a model with another input.
    """
    first, *others = predictor.schema.own
    if others or not isinstance(first, SequenceSpec) or first.alphabet.tokens:
        listed = ", ".join(f"{x.name} ({x.kind})" for x in predictor.schema.own)
        raise DataError(
            f"design needs a model whose only input is a sequence of DNA, RNA or "
            f"protein; this one takes {listed}"
        )
    return first


def predict_codes(predictor: Predictor, rows: Sequence[np.ndarray]) -> Predictions:
    """Predict sequences that are given by their codes.

    Args:
        predictor: A model whose only input is a sequence.
        rows: The uint8 codes of each, `[len]`.
    """
    spec = sequence_input(predictor)
    offsets = np.cumsum([0, *(len(row) for row in rows)])
    column = Sequences(np.concatenate(rows), offsets, spec.alphabet)
    return predictor(Dataset({spec.name: column}, source="designs"))


def resolve(predictor: Predictor, term: Term) -> tuple[TargetSpec, int]:
    """The target of a term and the number of its output.

    Raises:
        DataError: For a target or label that is not there, or a value that is none.
    """
    spec = row_target(predictor.schema, term.target)
    names = output_names(spec)
    label = term.label
    if label is None and (len(names) == 1 or (spec.classes and len(names) == 2)):
        label = names[-1]
    if label is None:
        raise DataError(
            f"target {spec.name} has several outputs ({', '.join(names[:8])}): say "
            f"which one is wanted ({option('label', names[0])})"
        )
    if label not in names:
        raise DataError(f"target {spec.name} has no {label!r}: {nearest(label, names)}")
    if (term.direction == "target") != (term.value is not None):
        raise DataError(f"target {spec.name}: give a value to reach one, and only then")
    shares = spec.kind in ("class", "labels")
    if term.value is not None and shares and not 0 < term.value < 1:
        raise DataError(
            f"target {spec.name}: {term.value} is no probability: give one between 0 "
            f"and 1"
        )
    return spec, names.index(label)


def outputs(
    predictions: Predictions, spec: TargetSpec, code: int
) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"] | None]:
    """A number or probability for each row, and its spread over the members."""
    values = np.asarray(predictions.by_target[spec.name])
    spread = predictions.spread.get(spec.name)
    both = spec.classes and values.ndim == 1  # of two classes only one is predicted
    if both:
        mean = values if code == 1 else 1 - values
        return mean, None if spread is None else np.asarray(spread)
    column = values.reshape(len(values), -1)[:, code]
    if spread is None:
        return column, None
    wide = np.asarray(spread).reshape(len(values), -1)
    return column, wide[:, min(code, wide.shape[1] - 1)]


def worth(predictions: Predictions, spec: TargetSpec, code: int, term: Term) -> Any:
    """How well predictions fulfil a term, larger is better.

    Numbers count in standard deviations of the training rows, classes in log-odds.
    """
    values = log_odds(jnp.asarray(predictions.by_target[spec.name]), code, spec)
    return _fulfilment(np.asarray(values, np.float64), spec, code, term)


def _fulfilment(values: Any, spec: TargetSpec, code: int, term: Term) -> Any:
    wanted, unit = term.value, 1.0
    if spec.kind in ("number", "count"):
        unit = float(spec.scale[code]) if len(spec.scale) > code else 1.0
    elif wanted is not None:
        wanted = float(np.log(wanted / (1 - wanted)))
    if wanted is not None:
        return -abs(values - wanted) / unit
    return (values if term.direction == "raise" else -values) / unit


def scorer(predictor: Predictor, terms: Sequence[Term]) -> Score:
    """The sum of all terms as a function of codes.

    Args:
        predictor: A model whose only input is a sequence.
        terms: What is wanted.

    Raises:
        DataError: For a model with another input, or a term that it cannot fulfil.

    Example:
        >>> import jaxbio as jb
        >>> rows = jb.data.Sequences.from_strings(["MAKW", "MGKW"] * 20, jb.PROTEIN)
        >>> y = jb.data.Numeric(np.array([[0.0], [1.0]] * 20, np.float32), ("y",))
        >>> data = jb.Dataset({"seq": rows}, {"y": y})
        >>> model = jb.Network(jb.MLP(hidden=()), hidden=())
        >>> run = jb.fit(model, None, data, epochs=1, members=1, batch_size=8)
        >>> up = scorer(run.predictor, [Term("y")])
        >>> down = scorer(run.predictor, [Term("y", "lower")])
        >>> codes = jb.PROTEIN.encode("MAKW")[None]
        >>> bool(up(codes) == -down(codes))
        True
    """
    sequence_input(predictor)
    if not terms:
        raise DataError("nothing is wanted: give a target to raise, lower or reach")
    found = [(*resolve(predictor, term), term) for term in terms]

    def score(codes: UInt8[np.ndarray, "n len"]) -> Float[np.ndarray, "n"]:
        predictions = predict_codes(predictor, list(codes))
        return sum(
            (worth(predictions, spec, code, term) for spec, code, term in found),
            np.zeros(len(codes)),
        )

    return score


def slopes_of(predictor: Predictor, terms: Sequence[Term]) -> Slopes:
    """The slopes of `scorer` for the weight of each symbol at each position.

    Args:
        predictor: A model whose only input is a sequence.
        terms: What is wanted.

    Raises:
        DataError: For a model with trees, which have no slopes.

    Example:
        >>> import jaxbio as jb
        >>> rows = jb.data.Sequences.from_strings(["MAKW", "MGKW"] * 20, jb.PROTEIN)
        >>> y = jb.data.Numeric(np.array([[0.0], [1.0]] * 20, np.float32), ("y",))
        >>> data = jb.Dataset({"seq": rows}, {"y": y})
        >>> model = jb.Network(jb.MLP(hidden=()), hidden=())
        >>> run = jb.fit(model, None, data, epochs=1, members=1, batch_size=8)
        >>> slopes = slopes_of(run.predictor, [Term("y")])
        >>> slopes(jb.PROTEIN.encode("MAKW")[None])[:, :, :20].shape
        (1, 4, 20)
    """
    check_gradients(predictor)
    spec = sequence_input(predictor)
    found = [(*resolve(predictor, term), term) for term in terms]
    predict, params = predictor.function(inputs="one_hot")

    def total(hot: Any, params: Any) -> Any:
        outputs = predict(params, {spec.name: hot})
        each = [
            _fulfilment(log_odds(outputs[target.name], code, target), target, code, x)
            for target, code, x in found
        ]
        return jnp.stack(each).sum()

    gradient = jax.jit(jax.grad(total))

    def slopes(
        codes: UInt8[np.ndarray, "n len"],
    ) -> Float[np.ndarray, "n len symbols"]:
        hot = spec.alphabet.profile[codes]
        count, length = codes.shape
        padded = int(bucket_lengths(np.array([length]), predictor.schema.buckets)[0])
        rows = 1 << (count - 1).bit_length()  # each size is compiled anew
        more = ((0, rows - count), (0, max(padded - length, 0)), (0, 0))
        values = gradient(np.pad(hot.astype(np.float32), more), params)
        return np.asarray(values, np.float64)[:count, :length]

    return slopes


def codes_of(
    text: str, name: str, alphabet: Alphabet, *, what: str = "start"
) -> UInt8[np.ndarray, "len"]:
    """The codes of a start or candidate.

    Raises:
        DataError: For letters of another alphabet, or that stand for several.
    """
    try:
        codes = alphabet.encode(text)
    except AlphabetError as error:
        raise DataError(
            f"{what} {name}: {error}: the model was trained on {alphabet.name}; give "
            f"one of that alphabet"
        ) from None
    unclear = np.flatnonzero(codes >= alphabet.size)
    if not len(codes):
        raise DataError(f"{what} {name} is empty")
    if unclear.size:
        at = int(unclear[0])
        raise DataError(
            f"{what} {name}: {text[at]!r} at position {at + 1} is no single letter of "
            f"{alphabet.name}: replace it"
        )
    return codes
