"""Proposals: the best sequences of a search, with what is known of each."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from jaxbio.alphabet import Alphabet
from jaxbio.design.archive import Score, of_each_length
from jaxbio.design.columns import predicted_columns, proposal_columns
from jaxbio.design.known import Known
from jaxbio.design.objective import Term, resolve, scorer, sequence_input
from jaxbio.design.optimism import Optimism, optimistic
from jaxbio.design.pareto import select_fronts, weighted
from jaxbio.design.selection import Scored, select
from jaxbio.errors import DataError, option
from jaxbio.predict.predictor import Predictor


@dataclasses.dataclass(frozen=True)
class Proposals:
    """Designed sequences, the best first.

    Attributes:
        table: Columns by name: `id`, `sequence`, `start`, `edits`, `mutations`,
            `score`; `front` of several objectives, `training_distance` from known
            sequences; for each output its prediction, that of the start and the spread
            over members; and the same under the judge.
        calls: How many sequences the predictor scored.
    """

    table: Mapping[str, np.ndarray]
    calls: int

    def __len__(self) -> int:
        return len(self.table["id"])

    @property
    def sequences(self) -> list[str]:
        """The letters of each."""
        return self.table["sequence"].tolist()


def scores_of(
    predictor: Predictor,
    terms: Sequence[Term],
    optimism: str,
    pareto: bool,
    known: Known | None,
    starts: Sequence[np.ndarray],
    rng: np.random.Generator,
) -> list[Score]:
    """What sequences are worth, once for each opinion or weighting."""
    if pareto:
        if len(terms) < 2:
            raise DataError(
                f"{option('pareto', True)} is for several wishes: give two or more"
            )
        if Optimism.parse(optimism).kind != "mean":
            raise DataError(
                f"{option('pareto', True)} does not go with "
                f"{option('optimism', optimism)}: leave one of them out"
            )
        scorer(predictor, terms)  # which looks at all of them
        return weighted(predictor, terms, rng)

    def best() -> float:
        """What was measured; else what is predicted of the best start."""
        if known is not None and known.best is not None:
            return known.best
        score = scorer(predictor, terms)
        return max((float(score(row[None])[0]) for row in starts), default=0.0)

    return optimistic(predictor, terms, optimism, best=best)


def tabulate(
    predictor: Predictor,
    opinions: Sequence[Sequence[Scored]],
    starts: Mapping[str, np.ndarray],
    terms: Sequence[Term],
    *,
    n: int,
    known: Known | None,
    judge: Predictor | None,
    min_distance: int,
    diversity: float,
    pareto: bool,
) -> dict[str, np.ndarray]:
    """Select proposals, and tell what is known of them."""
    extra: dict[str, np.ndarray] = {}
    if pareto:
        every = {each.codes.tobytes(): each for some in opinions for each in some}
        each_term = [scorer(predictor, [term]) for term in terms]

        def of_terms(codes: np.ndarray) -> np.ndarray:
            return np.stack([score(codes) for score in each_term], axis=1)

        def values(rows: Sequence[np.ndarray]) -> np.ndarray:
            return of_each_length(of_terms, rows)

        held, extra["front"] = select_fronts(
            list(every.values()), n, values, min_distance=min_distance
        )
        sums = values([each.codes for each in held]).sum(axis=1)
        held = [
            each._replace(score=float(total))
            for each, total in zip(held, sums, strict=True)
        ]
    else:
        how = {"min_distance": min_distance, "diversity": diversity}
        held = select(opinions, n, **how)
    rows = [each.codes for each in held]
    columns = proposal_columns(held, starts, sequence_input(predictor).alphabet) | extra
    if known is not None:
        columns["training_distance"] = known.nearest(rows)
    own = None
    if starts and all(each.start for each in held):
        own = [starts[each.start] for each in held]
    columns |= predicted_columns(predictor, rows, own, terms)
    if judge is not None:
        columns |= predicted_columns(judge, rows, own, terms, "judge_")
    return columns


def check_numbers(**numbers: int) -> None:
    """Refuse counts below 1.

    Raises:
        DataError: With the name of the option.
    """
    for name, value in numbers.items():
        if value < 1:
            raise DataError(f"{option(name, value)}: give at least 1")


def check_judge(
    judge: Predictor | None, alphabet: Alphabet, terms: Sequence[Term]
) -> None:
    """Refuse a judge that cannot judge.

    Raises:
        DataError: For one of another alphabet, or without the targets.
    """
    if judge is None:
        return
    own = sequence_input(judge).alphabet
    if own != alphabet:
        raise DataError(f"the judge takes {own.name}, the model {alphabet.name}")
    for term in terms:
        resolve(judge, term)
