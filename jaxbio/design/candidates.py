"""Candidates: the best of listed sequences."""

from collections.abc import Mapping, Sequence

import numpy as np

from jaxbio.alphabet import Alphabet
from jaxbio.design.archive import of_each_length
from jaxbio.design.constraints import NO_RULES, Constraints
from jaxbio.design.known import Known
from jaxbio.design.objective import Term, codes_of, sequence_input
from jaxbio.design.proposals import (
    Proposals,
    check_judge,
    check_numbers,
    scores_of,
    tabulate,
)
from jaxbio.design.selection import Scored, distances
from jaxbio.errors import DataError, option
from jaxbio.predict.predictor import Predictor


def choose(
    predictor: Predictor,
    candidates: Mapping[str, str],
    terms: Sequence[Term],
    *,
    starts: Mapping[str, str] | None = None,
    constraints: Constraints = NO_RULES,
    n: int = 10,
    optimism: str = "mean",
    min_distance: int = 1,
    diversity: float = 0.0,
    pareto: bool = False,
    known: Known | None = None,
    judge: Predictor | None = None,
    seed: int = 0,
) -> Proposals:
    """Propose the best of listed sequences, such as those of a library.

    Args:
        predictor: As for `design`, like all that is not said here.
        candidates: The sequences by name.
        terms: What is wanted.
        starts: Sequences that candidates are compared with: each with the one that has
            its length and the fewest other letters; None for none.
        constraints: Candidates that break a rule are left out. Rules about positions
            and edits need a start.
        n: The most proposals.
        optimism: How the disagreement of an ensemble counts.
        min_distance: Letters in which proposals of one length differ at least.
        diversity: How much it counts that proposals are unlike each other.
        pareto: Whether several terms are not added up.
        known: Sequences that were measured and are not proposed again.
        judge: A model that was trained apart.
        seed: Of all draws.

    Raises:
        DataError: As `design`, and if no candidate is left.

    Example:
        >>> import jaxbio as jb
        >>> rows = jb.data.Sequences.from_strings(["MAKW", "MGKW"] * 20, jb.PROTEIN)
        >>> y = jb.data.Numeric(np.array([[0.0], [1.0]] * 20, np.float32), ("y",))
        >>> data = jb.Dataset({"seq": rows}, {"y": y})
        >>> model = jb.Network(jb.MLP(hidden=()), hidden=())
        >>> run = jb.fit(model, None, data, epochs=9, members=1, learning_rate=0.1)
        >>> library = {"a": "MAKW", "b": "MGKW", "c": "MGKK"}
        >>> choose(run.predictor, library, [Term("y")], n=1).sequences[0][:2]
        'MG'
    """
    check_numbers(n=n, min_distance=min_distance)
    if not candidates:
        raise DataError("there is no candidate: give at least one sequence")
    alphabet = sequence_input(predictor).alphabet
    check_judge(judge, alphabet, terms)
    constraints.check(alphabet)
    rng = np.random.default_rng(seed)
    coded = {x: codes_of(text, x, alphabet) for x, text in (starts or {}).items()}
    rows = {
        name: codes_of(text, name, alphabet, what="candidate")
        for name, text in candidates.items()
    }
    scores = scores_of(
        predictor, terms, optimism, pareto, known, list(coded.values()), rng
    )
    given = {codes.tobytes() for codes in coded.values()}
    given |= set() if known is None else known.keys()
    nearest_to = _Starts(coded, constraints, alphabet)
    left: list[Scored] = []
    for name, row in rows.items():
        start = nearest_to(row) if row.tobytes() not in given else None
        given.add(row.tobytes())  # each sequence once
        if start is not None:
            left.append(Scored(0.0, row, start, name))
    if left:
        kept = of_each_length(
            lambda codes: constraints.kept(codes, alphabet), [x.codes for x in left]
        )
        left = [each for each, good in zip(left, kept, strict=True) if good]
    if not left:
        raise DataError(
            f"none of the {len(rows):,} candidates keeps the rules and is not known: "
            f"loosen a rule or give others"
        )
    opinions = []
    for score in scores:
        values = of_each_length(score, [each.codes for each in left])
        scored = [
            each._replace(score=float(value))
            for each, value in zip(left, values, strict=True)
        ]
        opinions.append(sorted(scored, key=lambda each: -each.score))
    how = {"min_distance": min_distance, "diversity": diversity, "pareto": pareto}
    columns = tabulate(
        predictor, opinions, coded, terms, n=n, known=known, judge=judge, **how
    )
    return Proposals(columns, len(left) * len(scores))


class _Starts:
    """The start of a candidate, if rules about positions and edits allow it."""

    def __init__(
        self, coded: Mapping[str, np.ndarray], rules: Constraints, alphabet: Alphabet
    ):
        wanted = [
            name
            for name in ("fixed", "free", "max_edits")
            if getattr(rules, name) != getattr(NO_RULES, name)
        ]
        if rules.synonymous:
            raise DataError("synonymous codons are for a search: leave it out")
        if wanted and not coded:
            raise DataError(
                f"{wanted[0]} compares candidates with a start, and there is none: "
                f"give {option('start', 'FILE')}"
            )
        self._coded = {
            name: (codes, rules.space(codes, alphabet)) for name, codes in coded.items()
        }
        self._strict = bool(wanted)

    def __call__(self, row: np.ndarray) -> str | None:
        names = list(self._coded)
        if not names:
            return ""
        away = distances(row, [self._coded[name][0] for name in names])
        at = int(away.argmin())
        if not np.isfinite(away[at]):
            return None if self._strict else ""
        codes, space = self._coded[names[at]]
        changed = np.flatnonzero(row != codes)
        outside = self._strict and not np.isin(changed, space.free).all()
        return None if outside or away[at] > space.max_edits else names[at]
