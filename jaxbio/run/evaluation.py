"""Scores on labelled rows, beside those of plain baselines."""

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Int64

from jaxbio.baselines.entity_index import are_pairs, entity_codes
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.columns.category import Category
from jaxbio.data.dataset import Dataset
from jaxbio.data.specs import TargetSpec
from jaxbio.data.splits.coverage import unseen_classes
from jaxbio.predict.predictor import Predictor
from jaxbio.run.verdict import Verdict, judge
from jaxbio.tasks import Objective
from jaxbio.tasks.objective import uneven


@runtime_checkable
class Baseline(Protocol):
    """Anything fitted that predicts one target as a network would."""

    def predict(self, rows: Arrays) -> Any:
        """Predictions in the target's units, as `Task.metrics` takes them."""
        ...


_OF_ONE_CLASS = ("auprc", "f1")
_MOST_CLASSES = 12  # of a table that is shown

Baselines = Mapping[str, Mapping[str, Baseline]]
"""For each target, baselines by name."""


class OutOfFold(NamedTuple):
    """Predictions of rows by what did not learn from them.

    Attributes:
        rows: The numbers of the rows.
        predictions: By `model` and the names of baselines, and by target.
    """

    rows: Int64[np.ndarray, "n"]
    predictions: Mapping[str, Mapping[str, np.ndarray]]


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Metrics of a network and of baselines on the same rows.

    Attributes:
        rows: The number of rows.
        scores: For each target, metrics of `model` and of each baseline by name.
        primary_metrics: For each target, the metric that is looked at first.
        verdicts: For each target with a value a row or a position, the network against
            each baseline.
        classes: For each target of classes, their names.
        unanswered: The rows that are not scored, as they have none of the inputs.
        seen: The rows with the inputs of rows that the network was trained on.
        unseen: For each target of classes the number of rows of each class that no
            training row has; they are not scored.
    """

    rows: int
    scores: Mapping[str, Mapping[str, dict]]
    primary_metrics: Mapping[str, str]
    verdicts: Mapping[str, tuple[Verdict, ...]] = dataclasses.field(
        default_factory=dict
    )
    classes: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    unanswered: int = 0
    seen: int = 0
    unseen: Mapping[str, Mapping[str, int]] = dataclasses.field(default_factory=dict)

    @property
    def primary_metric(self) -> float | None:
        """The first target's main metric; None without targets."""
        if not self.primary_metrics:
            return None
        name, metric = next(iter(self.primary_metrics.items()))
        return self.scores[name]["model"].get(metric)

    def to_dict(self) -> dict:
        """The evaluation as JSON values."""
        return {
            "rows": self.rows,
            **({"unanswered": self.unanswered} if self.unanswered else {}),
            **({"seen": self.seen} if self.seen else {}),
            **({"unseen": self.unseen} if self.unseen else {}),
            "primary_metrics": dict(self.primary_metrics),
            "scores": {name: dict(by_model) for name, by_model in self.scores.items()},
            "verdicts": {
                name: [dataclasses.asdict(each) for each in verdicts]
                for name, verdicts in self.verdicts.items()
            },
        }

    def lines(self) -> list[str]:
        r"""The evaluation as a table in plain text.

        Example:
            >>> scores = {"y": {"model": {"auroc": 0.9}, "trivial": {"auroc": 0.5}}}
            >>> print("\n".join(Evaluation(10, scores, {"y": "auroc"}).lines()))
            y (10 rows)  auroc
            model        0.900
            trivial      0.500
        """
        text = []
        for target, by_model in self.scores.items():
            metrics = [
                name
                for name, value in by_model["model"].items()
                if name != "n" and (isinstance(value, int | float) or value is None)
            ]
            title = f"{target} ({self.rows} rows)"
            width = max(len(title), *(len(name) for name in by_model))
            text.append(f"{title:<{width}}  " + "  ".join(metrics))
            for name, scores in by_model.items():
                cells = [_cell(scores.get(key), len(key)) for key in metrics]
                text.append(f"{name:<{width}}  " + "  ".join(cells))
            classes = self.classes.get(target, ())
            of_one = [name for name in _OF_ONE_CLASS if name in metrics]
            if len(classes) == 2 and "auprc" in of_one:
                text.append(f"{' and '.join(of_one)} are those of {classes[1]}")
            text += _confusion(by_model["model"], classes)
        if self.unanswered:
            text.append(
                f"{self.unanswered} rows have none of the inputs and are not scored"
            )
        if self.seen:
            text.append(
                f"{self.seen:,} of {self.rows:,} rows have the inputs of training rows:"
                f" scores on those say nothing about new ones"
            )
        text += [unseen_classes(name, each) for name, each in self.unseen.items()]
        return [line.rstrip() for line in text]

    def __str__(self) -> str:
        return "\n".join(self.lines())


def _confusion(scores: Mapping[str, Any], classes: tuple[str, ...]) -> list[str]:
    """The rows of each true class by predicted class, and what is found of each."""
    table = np.array(scores.get("confusion") or [])
    if table.shape != (len(classes),) * 2 or not 1 < len(classes) <= _MOST_CLASSES:
        return []
    with np.errstate(invalid="ignore"):
        recall = np.diag(table) / table.sum(axis=1)
        precision = np.diag(table) / table.sum(axis=0)
    heads = ["true \\ predicted", *classes, "recall", "precision"]
    rows = [
        [name, *map(str, counts), *(f"{x:.3f}" if x == x else "–" for x in (r, p))]
        for name, counts, r, p in zip(
            classes, table.tolist(), recall, precision, strict=True
        )
    ]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    return [
        "  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True))
        for row in (heads, *rows)
    ]


def _cell(value: float | None, width: int) -> str:
    return f"{'–' if value is None else f'{value:.3f}':<{width}}"


def evaluate(
    predictor: Predictor, data: Dataset, *, baselines: Baselines | None = None
) -> Evaluation:
    """Score a predictor on labelled rows.

    Args:
        predictor: The network.
        data: Rows with all targets of the model.
        baselines: What to score beside it.

    Returns:
        The metrics of each target's task, for the network and for each baseline.
    """
    arrays = predictor.schema.encode(data)
    predictions = predictor(data).by_target
    scores = measure(predictor.objective, arrays, predictions, baselines=baselines)
    return dataclasses.replace(scores, unseen=_unseen(predictor, data))


def _unseen(predictor: Predictor, data: Dataset) -> dict[str, dict[str, int]]:
    """The rows of classes that are not known, by target."""
    specs = predictor.objective.specs
    columns = {name: data.targets.get(name) for name in predictor.objective.tasks}
    counts = {
        name: dict(column.unseen(specs[name].classes))
        for name, column in columns.items()
        if isinstance(column, Category) and specs[name].classes
        if not specs[name].per_position
    }
    return {name: count for name, count in counts.items() if count}


def measure(
    objective: Objective,
    rows: Arrays,
    predictions: Mapping[str, Any],
    *,
    baselines: Baselines | None = None,
) -> Evaluation:
    """Score predictions of encoded rows; see `evaluate`.

    Args:
        objective: The tasks.
        rows: The encoded rows, with targets.
        predictions: Those of the network, by target.
        baselines: What to score beside it.

    Returns:
        The metrics of each target's task, and for a number where rows are pairs, as of
        drugs and proteins, those of `metrics.pairs.pair_metrics`.
    """
    scores, verdicts = {}, {}
    entities = entity_codes(rows)
    if not are_pairs(rows, entities):
        entities = {}
    unanswered = 0
    for name, task in objective.tasks.items():
        spec = objective.specs[name]
        truth: Any = rows.targets[name]
        predicted: Any = predictions[name]
        weights = np.asarray(rows.weights)
        groups = None
        if task.over == "pair":
            truth = np.split(truth.values, truth.offsets[1:-1])
        elif task.over == "position":
            weights = np.repeat(weights, truth.lengths)
            groups = np.repeat(np.arange(len(rows)), truth.lengths)
            truth, predicted = truth.values, np.concatenate(predicted)
        truth = _shifted(truth, spec)
        guesses = {"model": predicted}
        for label, baseline in (baselines or {}).get(name, {}).items():
            guesses[label] = _shifted(baseline.predict(rows), spec)
        counted = weights > 0
        if task.over == "row":
            answered = ~np.isnan(np.reshape(predicted, (len(rows), -1))).any(axis=1)
            unanswered = max(unanswered, int((~answered).sum()))
            counted &= answered
        if not counted.all():
            truth = _chosen(truth, counted)
            guesses = {label: _chosen(x, counted) for label, x in guesses.items()}
        weights = uneven(weights[counted])
        codes = {
            key: values[counted]
            for key, values in (entities if task.over == "row" else {}).items()
        }
        scores[name] = {
            label: objective.score(name, truth, guess, weights)
            | _of_pairs(spec, truth, guess, codes)
            for label, guess in guesses.items()
        }
        if task.over != "pair":
            verdicts[name] = judge(
                task.primary_metric,
                truth,
                {label: task.compared(x, spec) for label, x in guesses.items()},
                weights=weights,
                groups=None if groups is None else groups[counted],
                scores={k: x.get(task.primary_metric) for k, x in scores[name].items()},
            )
    primary_metrics = {
        name: task.primary_metric for name, task in objective.tasks.items()
    }
    classes = {
        name: objective.specs[name].classes
        for name in objective.tasks
        if objective.specs[name].classes
    }
    return Evaluation(len(rows), scores, primary_metrics, verdicts, classes, unanswered)


@dataclasses.dataclass(frozen=True)
class _Known:
    """Predictions that stand for a baseline."""

    values: np.ndarray

    def predict(self, rows: Arrays) -> np.ndarray:
        """The predictions, whatever the rows."""
        return self.values


def measure_apart(objective: Objective, rows: Arrays, apart: OutOfFold) -> Evaluation:
    """Score predictions of training rows by what did not learn from each of them.

    Args:
        objective: The tasks.
        rows: The encoded training rows, with targets.
        apart: The rows that were predicted, and the predictions of them all.
    """
    model = apart.predictions["model"]
    others = {name: x for name, x in apart.predictions.items() if name != "model"}
    baselines: Any = {
        target: {name: _Known(each[target]) for name, each in others.items()}
        for target in objective.tasks
    }
    return measure(objective, rows.take(apart.rows), model, baselines=baselines)


def _chosen(values: Any, counted: np.ndarray) -> Any:
    """The rows that count, of an array or of a list by row."""
    if isinstance(values, np.ndarray):
        return values[counted]
    return [value for value, counts in zip(values, counted, strict=True) if counts]


def _shifted(values: Any, spec: TargetSpec) -> Any:
    """Values with the offset that the target was learned without."""
    return values + np.asarray(spec.offset) if spec.offset else values


def _of_pairs(
    spec: TargetSpec, truth: Any, predicted: Any, entities: Mapping[str, np.ndarray]
) -> dict:
    """For one number a row the metrics of pairs, if rows are such."""
    if not entities or spec.kind != "number" or len(spec.columns) > 1:
        return {}
    from jaxbio.metrics.affinity import pair_metrics  # few need it

    values = np.reshape(truth, -1), np.reshape(predicted, -1)
    return pair_metrics(*values, entities)
