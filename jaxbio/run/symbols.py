"""Networks that know symbols: their scores beside plain ones, and from files."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int64

from jaxbio.baselines.symbols import CHAIN, SymbolChain, runs_of, usual_order
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.batches import in_order, plan_rows
from jaxbio.data.cut import cut_windows
from jaxbio.data.dataset import Dataset
from jaxbio.data.formats import read_frames
from jaxbio.data.io.parse import texts
from jaxbio.data.schema import Schema
from jaxbio.data.splits.random_grouped import split
from jaxbio.errors import DataError, nearest
from jaxbio.models.masked import EMBEDDING, SYMBOLS, Masked
from jaxbio.predict.predictor import Predictor
from jaxbio.predict.symbols import SymbolModel, symbol_model
from jaxbio.run.evaluation import Evaluation

_BATCH = 64
_LEAST_SEQUENCES = 2  # of a part
_USUAL = ("mutant", "mutation", "mutations", "variant")


def fit_chain(schema: Schema, rows: Arrays) -> dict[str, dict[str, Any]]:
    """The Markov chain of training rows, as the baselines of a run.

    Args:
        schema: The input, one of sequences.
        rows: Encoded rows.
    """
    size = schema.sequences[0].alphabet.size
    chain = SymbolChain.fit(runs_of(rows), symbols=size, order=usual_order(size))
    return {EMBEDDING: {CHAIN: chain}}


def measure_symbols(
    predictor: Predictor, rows: Arrays, baselines: Mapping[str, Mapping[str, Any]]
) -> Evaluation:
    """Score a network that was trained on hidden symbols, as in validation.

    Several networks are averaged as probabilities.

    Args:
        predictor: The network.
        rows: Encoded rows.
        baselines: What `fit_chain` gave, or none.

    Returns:
        Perplexity and accuracy of the hidden symbols. The baselines see all other
        symbols of the row, those that are hidden from the network, too:
        `frequencies`, the Markov chain by the symbols before (`markov`) and by those on
        both sides (`markov, both sides`).
    """
    masked = predictor.model
    assert isinstance(masked, Masked)
    runs = runs_of(rows)
    chosen, found = _found(predictor, masked, rows)
    counted = np.repeat(rows.weights > 0, runs.lengths)
    places = np.flatnonzero(np.concatenate(chosen) & counted)
    truth = runs.values[places].astype(np.int64)
    tables = {"model": np.concatenate(found)[places]}
    chain = baselines.get(EMBEDDING, {}).get(CHAIN)
    if chain is not None:
        tables["frequencies"] = chain.cut(0).given_before(runs, places)
        tables["markov"] = chain.given_before(runs, places)
        tables["markov, both sides"] = chain.given_rest(runs, places)
    scores = {name: _scores(table, truth) for name, table in tables.items()}
    return Evaluation(len(rows), {SYMBOLS: scores}, {SYMBOLS: "perplexity"})


def _scores(
    table: Float[np.ndarray, "n symbols"], truth: Int64[np.ndarray, "n"]
) -> dict[str, Any]:
    if not len(truth):
        return {"perplexity": None, "accuracy": None, "n": 0}
    log_p = table[np.arange(len(truth)), truth].astype(np.float64)
    return {
        "perplexity": float(np.exp(-log_p.mean())),
        "accuracy": float((table.argmax(axis=1) == truth).mean()),
        "n": len(truth),
    }


def _found(
    predictor: Predictor, masked: Masked, rows: Arrays
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """For each row which symbols are hidden, and what is said of each place."""

    @jax.jit
    def run(members: Any, batch: Any) -> tuple[Any, Any]:
        found = []
        for member in members:
            network = predictor.network(member)
            tokens = network.tokens(batch["inputs"])
            seen, chosen = masked.fixed(tokens, batch["index"], network.alphabet)
            found.append(network.log_probabilities(seen))
        mean = jax.nn.logsumexp(jnp.stack(found), axis=0) - jnp.log(len(found))
        return chosen, mean

    outputs = []
    for plan in plan_rows(rows.lengths, predictor.schema.buckets, _BATCH):
        batch = rows.batch(plan.rows, plan.length)
        outputs.append((plan, jax.device_get(run(predictor.members, batch))))
    lengths = rows.lengths
    chosen = in_order([(plan, out[0]) for plan, out in outputs], lengths)
    return chosen, in_order([(plan, out[1]) for plan, out in outputs], lengths)


def divide_windows(
    whole: Dataset, length: int, shares: Sequence[float], *, seed: int = 0
) -> dict[str, Dataset]:
    """Sequences without labels divided into parts, long ones cut into windows.

    Sequences are divided at random, and cut after that. Of so few that a part would get
    fewer than two, blocks of windows are divided.

    Args:
        whole: Rows with one input, of sequences.
        length: The most symbols of a window.
        shares: Those of `train`, `valid` and perhaps `test`.
        seed: Of the draws.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> from jaxbio.data import Sequences
        >>> genome = Dataset({"dna": Sequences.from_strings(["ACGT" * 4000], DNA)})
        >>> parts = divide_windows(genome, 50, (0.9, 0.1))
        >>> {name: len(part) for name, part in parts.items()}
        {'train': 288, 'valid': 32}
    """
    names = ("train", "valid", "test")[: len(shares)]
    by = "random"
    if len(whole) * min(shares) < _LEAST_SEQUENCES:
        some = cut_windows(whole, length, blocks=True)
        if some is not whole:  # there are long ones
            count = len(set(some.groups if some.groups is not None else ()))
            note = f"{whole.source}: few sequences: {count:,} blocks are divided"
            whole = dataclasses.replace(some, notes=(*some.notes, note))
            by = "group"
    parts = split(whole, by=by, fractions=tuple(shares), seed=seed)
    found = dict(zip(names, parts, strict=True))
    return {name: cut_windows(part, length) for name, part in found.items()}


def open_symbols(model: str | Path, *, window: int | None = None) -> SymbolModel:
    """What a run's folder or a pretrained model says of symbols.

    Args:
        model: The folder of a run of `Masked`, or what `jaxbio.pretrained` takes.
        window: The most symbols that it sees at once.

    Raises:
        JaxbioError: For neither, or a model that gives no probabilities of symbols.
    """
    from jaxbio.run.fitting import load  # which needs this module

    if is_run(model):
        return symbol_model(load(model), window=window)
    return symbol_model(str(model), window=window)


def is_run(path: str | Path) -> bool:
    """Check that a path is the folder of a run, and not of a pretrained model."""
    file = Path(str(path)) / "config.json"
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(values, dict) and {"format", "schema"} <= set(values)


class Mutants(NamedTuple):
    """Mutants of a table.

    Attributes:
        mutants: As they are written.
        where: The file and row of each, for messages.
        kept: All columns of the table.
    """

    mutants: list[str]
    where: list[str]
    kept: dict[str, np.ndarray]


def read_mutations(path: str | Path, column: str | None = None) -> Mutants:
    """The mutants of a table.

    Args:
        path: The table.
        column: The one with the mutants; None for the usual names.

    Raises:
        DataError: If there is no such column, or no row.
    """
    frames = list(read_frames(path))
    mutants, where, kept = [], [], {}
    for frame in frames:
        name = column or next((x for x in _USUAL if x in frame.columns), None)
        if name is None or name not in frame.columns:
            asked = name or _USUAL[0]
            raise DataError(
                f"{path}: which column has the mutants? There is no {asked!r}: "
                f"{nearest(asked, frame.columns)}"
            )
        mutants += texts(frame, name)
        where += [f"{frame.source}, row {row}" for row in frame.rows]
        for each in frame.columns:
            kept.setdefault(each, []).extend(texts(frame, each))
    if not mutants:
        raise DataError(f"{path} has no rows")
    kept.pop("score", None)
    columns = {name: np.array(values, object) for name, values in kept.items()}
    return Mutants(mutants, where, columns)
