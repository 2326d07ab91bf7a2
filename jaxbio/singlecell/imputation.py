"""Genes that were not measured, inferred from a panel of genes that were.

A reference in which all genes were measured teaches a network to give the others from
the panel, as for the landmark genes of L1000 (Chen et al. 2016, Bioinformatics 32,
1832). Of the counts of a reference the targets are log(1 + counts in 10,000) by all
counts of a cell, those of the panel and of the rest together; inputs are raw counts of
the panel, whose own library size and logarithms the network takes inside.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64, Shaped

from jaxbio.baselines.solvers import ridge
from jaxbio.data.columns.base import Column
from jaxbio.data.columns.counts import CountsSpec, SparseCounts
from jaxbio.data.columns.numeric import Numeric, NumericSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.expression import TOTAL, Expression, Match, match_genes, take_genes
from jaxbio.data.splits.random_grouped import split
from jaxbio.errors import DataError
from jaxbio.metrics.multi_output import correlations
from jaxbio.models import MLP, Encoder, Network
from jaxbio.predict.predictor import Predictor
from jaxbio.run.fitting import Run, fit
from jaxbio.run.folder import RunDirectory
from jaxbio.tasks import Regression

COUNTS, VALUES, TARGET = "counts", "panel", "unmeasured"
_FRACTIONS = 0.7, 0.1, 0.2
_LEAST_ROWS = 30
_LEAST_SHARED = 5
_LEAST_SHARE = 0.5  # of the panel
_LEAST_SEEN = 3  # training cells with a count of a gene that is to be inferred
_MOST_VALUES = 1 << 30
_ROWS = 2048
_OTHER_SCALE = 3.0  # standard deviations by which the means of most genes are off

Report = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A network and how it is trained; validation rows choose among several."""

    model: Network | Encoder
    settings: Mapping[str, Any]


def _hidden(input_dropout: float) -> Candidate:
    encoder = MLP(hidden=(), input_dropout=input_dropout)
    model = Network(encoder, hidden=(256,), skip=False, dropout=0.5)
    return Candidate(model, {"learning_rate": 2e-3})


CANDIDATES = {
    "one hidden layer that sees half the panel at a time": _hidden(0.5),
    "one hidden layer that sees a fifth of the panel at a time": _hidden(0.8),
    # The decay takes the random weights away that few rows leave as they were.
    "linear": Candidate(
        Network(MLP(hidden=(), input_dropout=0.5), hidden=()),
        {"learning_rate": 3e-4, "weight_decay": 20.0},
    ),
}
"""Candidates that validation rows of public sets of counts and arrays preferred."""


@dataclasses.dataclass(frozen=True)
class Imputation:
    """A network that infers genes, and how well it does.

    Attributes:
        run: The network; its predictor takes the panel.
        measured: The genes of the panel that it takes, as the reference spells them.
        inferred: The genes that it gives.
        scores: Columns by name: `gene`; `pearson`, the correlation of what was inferred
            with what was measured over held-out rows of the reference; `ridge`, that of
            a ridge regression on the same rows; NaN where a gene does not vary there.
        rows: How many rows of the reference were held out.
        network: Which of the candidates was chosen.
        notes: What was left out and noticed, in sentences.
    """

    run: Run
    measured: tuple[str, ...]
    inferred: tuple[str, ...]
    scores: Mapping[str, np.ndarray]
    rows: int
    network: str
    notes: tuple[str, ...]


def fit_imputation(
    reference: Expression,
    panel: Sequence[str],
    *,
    counts: bool = True,
    top_genes: int | None = None,
    groups: np.ndarray | None = None,
    candidates: Mapping[str, Candidate] = CANDIDATES,
    epochs: int | None = None,
    members: int = 3,
    seed: int = 0,
    out: str | Path | None = None,
    report: Report | None = None,
) -> Imputation:
    """Train a network that infers the genes that a panel lacks.

    A fifth of the reference is held out for scores alone, a tenth says when to stop and
    which network to take.

    Args:
        reference: All genes of many cells or samples.
        panel: The names of the genes that will be measured.
        counts: Whether the values are raw counts; else they are taken as they are, and
            the panel has to be on the same scale.
        top_genes: Infer only so many genes, the most variable ones.
        groups: The group of each row (such as its donor); rows of one stay together.
        candidates: Networks among which validation rows choose.
        epochs: The most passes over the training rows; None to choose by their number.
        members: Networks whose predictions are averaged.
        seed: From which everything random follows.
        out: The folder of the run; None to save nothing.
        report: Called with what goes on.

    Returns:
        The network and its scores by gene.

    Raises:
        DataError: If too few genes are shared, none is left to infer, there are too few
            rows, or the targets would not go into memory.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> rates = rng.gamma(1.0, 2.0, (80, 1)) * np.ones(12)
        >>> names = tuple(f"g{at}" for at in range(12))
        >>> cells = tuple(map(str, range(80)))
        >>> table = Expression(rng.normal(rates).astype("f4"), names, cells)
        >>> found = fit_imputation(table, names[:8], counts=False, epochs=2, members=1)
        >>> found.inferred, len(found.scores["pearson"])
        (('g8', 'g9', 'g10', 'g11'), 4)
    """
    tell = report or (lambda line: None)
    match = match_genes(reference.genes, panel)
    _check_match(match, reference, panel)
    if out is not None:
        RunDirectory(out).check(resume=False)
    train, valid, test = divide(reference, groups=groups, seed=seed)
    values = _logs(reference.values) if counts else _dense(reference.values)
    columns = match.positions[match.present]
    places, notes = _to_infer(reference, values, columns, train, counts, top_genes)
    if len(reference) * len(places) > _MOST_VALUES:
        raise DataError(
            f"{reference.source}: {len(places):,} genes to infer of {len(reference):,} "
            f"rows are too many for memory: infer fewer (top_genes), or use fewer rows"
        )
    measured = tuple(reference.genes[at] for at in columns)
    inferred = tuple(reference.genes[at] for at in places)
    targets = _dense(values[:, places])
    panel_of = (
        SparseCounts(reference.values[:, columns].tocsr(), measured)
        if counts
        else Numeric(values[:, columns], measured)
    )
    data = Dataset(
        {COUNTS if counts else VALUES: panel_of},
        {TARGET: Numeric(targets, inferred)},
        ids=np.array(reference.ids, object),
        source=reference.source,
    )
    rows = data.take(train), data.take(valid)
    name = _choose(candidates, rows, epochs, seed, tell)
    run = _fit(candidates[name], rows, epochs, seed, members=members, out=out)
    is_table = isinstance(panel_of, Numeric)
    features = panel_of.values if is_table else _dense(_logs(panel_of.matrix))
    plain = ridge(features, targets, train, valid, test)
    outputs = run.predictor(data.take(test)).values
    scores = {
        "gene": np.array(inferred, object),
        "pearson": correlations(targets[test], outputs),
        "ridge": correlations(targets[test], plain),
    }
    return Imputation(run, measured, inferred, scores, len(test), name, notes)


def divide(
    reference: Expression, *, groups: np.ndarray | None = None, seed: int = 0
) -> tuple[Int64[np.ndarray, "n"], ...]:
    """The rows that train, those that choose, and those that are held out for scores.

    Args:
        reference: The rows.
        groups: The group of each; rows of one stay together.
        seed: The same seed gives the same parts.

    Raises:
        DataError: For too few rows or groups.
    """
    if len(reference) < _LEAST_ROWS:
        raise DataError(
            f"{reference.source}: {len(reference)} rows; at least {_LEAST_ROWS} are "
            f"needed to train and to say how well genes are inferred, and hundreds are "
            f"advisable"
        )
    number = np.arange(len(reference))
    row = {"row": Numeric(number[:, None].astype(np.float32), ("row",))}
    parts = split(
        Dataset(row, ids=number, groups=groups, source=reference.source),
        by="random" if groups is None else "group",
        fractions=_FRACTIONS,
        seed=seed,
    )
    return tuple(np.asarray(part.ids, np.int64) for part in parts)


def impute_genes(
    predictor: Predictor, panel: Expression, *, rows: int = _ROWS
) -> Iterator[dict[str, np.ndarray]]:
    """Infer the genes of new cells or samples, some rows at a time.

    Args:
        predictor: Of a run of `fit_imputation`; `jaxbio.load` reads it.
        panel: The measured genes; others are left out, and missing ones are filled.
        rows: The most rows of a part.

    Yields:
        Columns for `write_table`: `id`, and for each gene log(1 + counts in 10,000),
        or values on the scale of the reference.

    Raises:
        DataError: If too few of the genes that the network takes were measured.
    """
    (spec,) = predictor.schema.inputs
    names = predictor.schema.target(TARGET).columns
    for start in range(0, len(panel), rows):
        part = panel.take(np.arange(start, min(start + rows, len(panel))))
        if isinstance(spec, CountsSpec):
            column: Column = SparseCounts(part.values, part.genes)
        else:
            assert isinstance(spec, NumericSpec)  # as `fit_imputation` trained it
            match = match_genes(part.genes, spec.columns)
            match.check(source=part.source)
            column = Numeric(take_genes(_dense(part.values), match), spec.columns)
        ids = np.array(part.ids, object)
        data = Dataset({spec.name: column}, ids=ids, source=part.source)
        yield {"id": ids, **dict(zip(names, predictor(data).values.T, strict=True))}


def scale_note(predictor: Predictor, panel: Expression) -> str:
    """A sentence if the values of a panel are on another scale than the reference's."""
    (spec,) = predictor.schema.inputs
    if not isinstance(spec, NumericSpec):
        return ""
    match = match_genes(panel.genes, spec.columns)
    values = _dense(panel.values)[:, match.positions[match.present]]
    mean, scale = (np.array(x)[match.present] for x in (spec.mean, spec.scale))
    with np.errstate(invalid="ignore"):
        off = float(np.nanmedian(np.abs(np.nanmean(values, axis=0) - mean) / scale))
    if not off > _OTHER_SCALE:
        return ""
    return (
        f"{panel.source}: the mean of most genes is {off:.1f} standard deviations from "
        f"that of the reference: bring both to the same scale, or trust nothing here"
    )


def _check_match(match: Match, reference: Expression, panel: Sequence[str]) -> None:
    shared = int(match.present.sum())
    # `have` is the reference here.
    if shared < _LEAST_SHARED or match.share < _LEAST_SHARE:
        kinds = (
            f"; the panel has {match.want_kind}, the reference {match.have_kind}: "
            f"convert them to one kind"
            if match.want_kind != match.have_kind
            else ": check that species and names of genes are the same"
        )
        raise DataError(
            f"{reference.source} has {shared} of the {len(panel)} genes of the panel "
            f"(missing {', '.join(map(repr, match.missing[:3]))}), at least half of "
            f"them and {_LEAST_SHARED} are needed{kinds}"
        )
    if not match.unknown:
        raise DataError(
            f"{reference.source}: the panel has all {len(reference.genes)} genes of "
            f"the reference: there is none to infer"
        )


def _to_infer(
    reference: Expression,
    values: Any,
    measured: np.ndarray,
    train: np.ndarray,
    counts: bool,
    top_genes: int | None,
) -> tuple[Int64[np.ndarray, "genes"], tuple[str, ...]]:
    """The columns to infer: those that vary, or the most variable, and notes."""
    others = np.setdiff1d(np.arange(len(reference.genes)), measured)
    part = values[train][:, others]
    if counts:
        cells = np.asarray((part > 0).sum(axis=0)).ravel()
        mean = np.asarray(part.mean(axis=0)).ravel()
        square = np.asarray(part.multiply(part).mean(axis=0)).ravel()
        spread = np.where(cells >= _LEAST_SEEN, np.maximum(square - mean**2, 0), 0)
    else:
        present = ~np.isnan(part).all(axis=0)
        spread = np.zeros(len(others))
        spread[present] = np.nanvar(part[:, present], axis=0)
    good = others[spread > 1e-12]
    if not len(good):
        raise DataError(
            f"{reference.source}: none of the {len(others)} genes that the panel lacks "
            f"varies among the training rows: there is none to infer"
        )
    notes = ()
    if len(good) < len(others):
        why = f" or are seen in fewer than {_LEAST_SEEN}" if counts else ""
        notes = (
            f"{len(others) - len(good):,} genes are not inferred: they do not vary "
            f"among the training rows{why}",
        )
    if top_genes is not None and top_genes < len(good):
        order = np.argsort(-spread[spread > 1e-12], kind="stable")
        good = np.sort(good[order[:top_genes]])
    return good, notes


def _choose(
    candidates: Mapping[str, Candidate],
    rows: tuple[Dataset, Dataset],
    epochs: int | None,
    seed: int,
    tell: Report,
) -> str:
    """The candidate with the smallest loss of validation rows."""
    if len(candidates) == 1:
        return next(iter(candidates))
    losses = {}
    for name, candidate in candidates.items():
        run = _fit(candidate, rows, epochs, seed, members=1)
        losses[name] = min(record["valid_loss"] for record in run.history[0])
        tell(f"{name}: validation loss {losses[name]:.4f}")
    return min(losses, key=lambda name: losses[name])


def _fit(
    candidate: Candidate,
    rows: tuple[Dataset, Dataset],
    epochs: int | None,
    seed: int,
    **more: Any,
) -> Run:
    train, valid = rows
    few = len(train) < 200
    # About as many steps, whatever the number of rows.
    usual = 100 if few else int(np.clip(300_000 // len(train), 10, 60))
    settings = {
        "epochs": epochs or usual,
        "batch_size": min(16 if few else 64, len(train)),
        "patience": 10,
        **candidate.settings,
    }
    return fit(
        candidate.model, Regression(), train, valid, baselines=False, seed=seed,
        **settings, **more,
    )  # fmt: skip


def _logs(counts: Any) -> Any:
    """log(1 + counts in 10,000), as sparse as the counts."""
    from scipy import sparse

    library = np.asarray(counts.sum(axis=1)).ravel()
    factors = TOTAL / np.where(library > 0, library, 1)
    levelled = (sparse.diags(factors) @ counts).tocsr()
    levelled.data = np.log1p(levelled.data)
    return levelled.astype(np.float32)


def _dense(values: Any) -> Shaped[np.ndarray, "rows genes"]:
    if isinstance(values, np.ndarray):
        return values
    return np.asarray(values.toarray(), np.float32)
