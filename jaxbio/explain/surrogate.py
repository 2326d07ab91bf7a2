"""Rules that imitate a model: a shallow decision tree, in words."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError, option
from jaxbio.explain.feature_tables import named_features
from jaxbio.explain.targets import output_names, row_target
from jaxbio.predict.predictor import Predictor


class OneAnswer(DataError):
    """A model that gives all rows the same answer, so that there is nothing to tell."""


_HELD_OUT = 0.3  # of the rows, on which rules are scored
_FEWEST = 20
_RISKS = ("survival", "competing")  # of which a risk is explained


@dataclasses.dataclass(frozen=True)
class Rule:
    """A rule: where its conditions hold, so is the answer.

    Attributes:
        conditions: All of which hold, such as `age > 54`.
        answer: The class or number that the model mostly gives there.
        rows: How many of the rows it is made of are such.
        share: Of classes the share of these that the model answers so; of numbers the
            standard deviation of its answers.
    """

    conditions: tuple[str, ...]
    answer: str
    rows: int
    share: float

    def __str__(self) -> str:
        return f"if {' and '.join(self.conditions) or 'anything'}: {self.answer}"


@dataclasses.dataclass(frozen=True)
class Rules:
    """Rules that stand for a model, and how well.

    Attributes:
        rules: One holds for each row.
        fidelity: How well they tell what the model answers for rows that they were not
            made of: the share of the same answers, or R2 of numbers.
        score: How often they are right there (accuracy, or R2 of numbers); None
            without labels.
        model_score: The same of the model.
        trivial: The fidelity of the most frequent answer, or of the mean.
        is_number: Whether answers are numbers.
        tested: The number of these rows.
        answers: What the rules answer for each of all rows: codes of classes, 0 or 1 of
            a label, or numbers.
    """

    rules: tuple[Rule, ...]
    fidelity: float
    score: float | None
    model_score: float | None
    trivial: float
    is_number: bool
    tested: int
    answers: Shaped[np.ndarray, "n"]

    def __str__(self) -> str:
        what = "R2" if self.is_number else "share of the same answers"
        lines = [str(rule) for rule in self.rules]
        lines.append(
            f"{what} of the rules and the model on {self.tested} other rows: "
            f"{self.fidelity:.3f} ({self.trivial:.3f} without any rule)"
        )
        if self.score is not None and self.model_score is not None:
            right = "R2" if self.is_number else "share of right answers"
            lines.append(
                f"{right} there: rules {self.score:.3f}, model {self.model_score:.3f}"
            )
        return "\n".join(lines)


def rules(
    predictor: Predictor,
    data: Any,
    *,
    target: str | None = None,
    label: str | None = None,
    depth: int = 3,
    seed: int = 0,
) -> Rules:
    """Imitate a model by a shallow decision tree over features with names.

    Args:
        predictor: The model.
        data: What it takes; with labels the rules are scored beside it.
        target: The target; None for the only one.
        label: Of a target with several numbers or labels, which one.
        depth: The most conditions of a rule.
        seed: Which rows the rules are made of.

    Raises:
        DataError: For a model of images, or fewer than 20 rows.
        OneAnswer: For one and the same answer for all rows.

    Source:
        Craven and Shavlik 1996, Extracting tree-structured representations of trained
        networks.

    Example:
        >>> import jaxbio as jb
        >>> x = np.linspace(-1, 1, 60, dtype=np.float32)[:, None]
        >>> kinds = jb.data.Category.from_values(np.where(x[:, 0] > 0, "up", "down"))
        >>> data = jb.Dataset({"x": jb.data.Numeric(x, ("x",))}, {"kind": kinds})
        >>> run = jb.fit(jb.MLP(hidden=()), None, data, epochs=60, members=1)
        >>> found = rules(run.predictor, data, depth=1)
        >>> len(found.rules), found.fidelity > 0.8
        (2, True)
    """
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    if depth < 1:
        raise DataError(f"{option('depth', depth)}: give at least 1 condition")
    spec = row_target(predictor.schema, target)
    rows = data if isinstance(data, Dataset) else predictor.dataset(data)
    if len(rows) < _FEWEST:
        raise DataError(f"{len(rows)} rows: rules need at least {_FEWEST}")
    table, names = named_features(predictor.schema, rows)
    names_of_answers = output_names(spec)
    number = spec.kind in ("number", "count", *_RISKS)
    at = 0 if label is None else _place(names_of_answers, label)
    answers = _answers(predictor, rows, spec, at, number)
    truth = _truth(predictor, rows, spec, at, number)
    order = np.random.default_rng(seed).permutation(len(rows))
    cut = int(len(rows) * (1 - _HELD_OUT))
    made, other = order[:cut], order[cut:]
    if len(np.unique(answers[made])) == 1:
        only = answers[made][0]
        shown = f"{only:.4g}" if number else _named(spec, names_of_answers, int(only))
        raise OneAnswer(f"the model answers {shown} for all rows: no rule tells them")
    kind = DecisionTreeRegressor if number else DecisionTreeClassifier
    least = max(len(made) // 100, 5)
    tree = kind(max_depth=depth, min_samples_leaf=least, random_state=0)
    tree.fit(table[made], answers[made])
    guessed = tree.predict(table[other])
    plain = answers[made].mean() if number else np.bincount(answers[made]).argmax()
    usual = np.full(len(other), plain)
    score = model_score = None
    if truth is not None and (~np.isnan(truth[other])).any():
        known = ~np.isnan(truth[other])
        right = truth[other][known]
        score = _agreement(right, guessed[known], number)
        model_score = _agreement(right, answers[other][known], number)
    return Rules(
        _read(tree, table[made], answers[made], names, spec, names_of_answers, number),
        _agreement(answers[other], guessed, number),
        score,
        model_score,
        _agreement(answers[other], usual, number),
        number,
        len(other),
        tree.predict(table),
    )


def _place(names: Sequence[str], label: str) -> int:
    if label not in names:
        raise DataError(f"no output {label!r}: there are {', '.join(names[:20])}")
    return names.index(label)


def _answers(
    predictor: Predictor, rows: Dataset, spec: Any, at: int, number: bool
) -> np.ndarray:
    """Numbers, risks, or the codes of classes; of one label whether it is given."""
    predicted = np.asarray(predictor(rows).by_target[spec.name])
    if spec.kind in _RISKS:
        risk = predictor.objective.tasks[spec.name].compared(predicted, spec)
        return risk.reshape(len(rows), -1)[:, at]
    if number:
        return predicted.reshape(len(rows), -1)[:, at].astype(np.float64)
    if predicted.ndim == 1:
        return (predicted > 0.5).astype(np.int64)
    if spec.kind == "labels":
        return (predicted[:, at] > 0.5).astype(np.int64)
    return predicted.argmax(axis=1).astype(np.int64)


def _truth(
    predictor: Predictor, rows: Dataset, spec: Any, at: int, number: bool
) -> Float[np.ndarray, "n"] | None:
    """Labels as `_answers` are, NaN where they are missing; None without any.

    A risk is no label: of survival there are none.
    """
    if spec.name not in rows.targets or spec.kind in _RISKS:
        return None
    values = np.asarray(predictor.schema.encode(rows).targets[spec.name], np.float64)
    if values.ndim == 2:
        offset = np.asarray(spec.offset)
        return values[:, at] + (offset[at] if offset.size and number else 0.0)
    return np.where(values < 0, np.nan, values)


def _agreement(truth: np.ndarray, guessed: np.ndarray, number: bool) -> float:
    if not number:
        return float((truth == guessed).mean())
    total = ((truth - truth.mean()) ** 2).sum()
    return float(1 - ((truth - guessed) ** 2).sum() / max(total, 1e-12))


def _named(spec: Any, names: Sequence[str], code: int) -> str:
    if spec.kind == "labels":
        return "yes" if code else "no"
    return str(names[code])


def _read(
    tree: Any,
    table: np.ndarray,
    answers: np.ndarray,
    features: Sequence[str],
    spec: Any,
    names: Sequence[str],
    number: bool,
) -> tuple[Rule, ...]:
    """The leaves of a tree as rules, from left to right."""
    nodes = tree.tree_
    leaves = np.asarray(tree.apply(table))
    found: list[Rule] = []

    def visit(node: int, conditions: tuple[str, ...]) -> None:
        left, right = int(nodes.children_left[node]), int(nodes.children_right[node])
        if left < 0:
            own = answers[leaves == node]
            if number:
                answer, share = f"{own.mean():.4g}", float(own.std())
            else:
                code = int(np.bincount(own).argmax())
                answer = _named(spec, names, code)
                share = float((own == code).mean())
            found.append(Rule(conditions, answer, len(own), share))
            return
        at = int(nodes.feature[node])
        column = table[:, at]
        gap = bool(np.isnan(column).any())
        goes_left = bool(nodes.missing_go_to_left[node])
        below, above = _conditions(features[at], float(nodes.threshold[node]), column)
        missing = f" or no {features[at]}" if gap else ""
        visit(left, (*conditions, below + (missing if goes_left else "")))
        visit(right, (*conditions, above + ("" if goes_left else missing)))

    visit(0, ())
    return tuple(found)


def _conditions(name: str, threshold: float, column: np.ndarray) -> tuple[str, str]:
    """A split in words, for both sides."""
    known = column[~np.isnan(column)]
    if set(np.unique(known)) <= {0.0, 1.0} and (" = " in name or " at " in name):
        return f"not {name}", name
    if (known == np.round(known)).all():  # whole numbers, such as counts
        least = int(np.ceil(threshold))
        return f"{name} < {least}", f"{name} >= {least}"
    return f"{name} <= {threshold:.4g}", f"{name} > {threshold:.4g}"
