"""Search: from starts and a method to proposals."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from jaxbio.design.archive import Archive
from jaxbio.design.constraints import NO_RULES, Constraints
from jaxbio.design.evolution import Evolution
from jaxbio.design.known import Known
from jaxbio.design.mutagenesis import BeamSearch
from jaxbio.design.objective import Term, codes_of, sequence_input, slopes_of
from jaxbio.design.policy import PolicyGradient
from jaxbio.design.ppo import PPO
from jaxbio.design.proposals import (
    Proposals,
    check_judge,
    check_numbers,
    scores_of,
    tabulate,
)
from jaxbio.design.random_search import RandomSearch
from jaxbio.design.selection import Scored
from jaxbio.design.straight_through import StraightThrough
from jaxbio.errors import DataError, nearest, option
from jaxbio.predict.predictor import Predictor

Method = Callable[[Archive, np.random.Generator], None]
"""A search: it scores choices in an archive until its calls are used."""

METHODS: Mapping[str, Callable[[], Method]] = {
    "evolution": Evolution,
    "policy": PolicyGradient,
    "ppo": PPO,
    "straight": StraightThrough,
    "beam": BeamSearch,
    "greedy": lambda: BeamSearch(width=1),
    "random": RandomSearch,
}
"""The methods by name."""


def design(
    predictor: Predictor,
    starts: Mapping[str, str],
    terms: Sequence[Term],
    *,
    constraints: Constraints = NO_RULES,
    method: str | Method = "evolution",
    n: int = 10,
    calls: int = 2000,
    optimism: str = "mean",
    min_distance: int = 1,
    diversity: float = 0.0,
    pareto: bool = False,
    known: Known | None = None,
    judge: Predictor | None = None,
    seed: int = 0,
) -> Proposals:
    """Propose sequences that a model predicts to be as wanted.

    Args:
        predictor: A model whose only input is a sequence.
        starts: Sequences by name, from each of which the search begins.
        terms: What is wanted; several are added up.
        constraints: What every proposal keeps.
        method: One of `METHODS`, or a search of your own.
        n: The most proposals.
        calls: Sequences that may be scored, divided among the starts, and among the
            searches where there are several from each.
        optimism: How the disagreement of an ensemble counts; see `optimistic`.
        min_distance: Letters in which proposals of one length differ at least.
        diversity: How much it counts that proposals are unlike each other; see
            `select`.
        pareto: Whether several terms are not added up: proposals are then those of
            which none is better in all terms (column `front`).
        known: Sequences that were measured and are not proposed again; the table says
            how many letters away the nearest one is.
        judge: A model that was trained apart, which the search does not see.
        seed: Of all draws.

    Raises:
        DataError: For rules that exclude each other, starts of another alphabet, or
            outputs that the model does not have.

    Example:
        >>> import jaxbio as jb
        >>> rows = jb.data.Sequences.from_strings(["MAKW", "MGKW"] * 20, jb.PROTEIN)
        >>> y = jb.data.Numeric(np.array([[0.0], [1.0]] * 20, np.float32), ("y",))
        >>> data = jb.Dataset({"seq": rows}, {"y": y})
        >>> model = jb.Network(jb.MLP(hidden=()), hidden=())
        >>> run = jb.fit(model, None, data, epochs=1, members=1, batch_size=8)
        >>> rules = Constraints(fixed=(1,), max_edits=1)
        >>> found = design(
        ...     run.predictor, {"wild": "MAKW"}, [Term("y")], constraints=rules,
        ...     n=3, calls=60)
        >>> [text[0] for text in found.sequences], found.table["edits"].tolist()
        (['M', 'M', 'M'], [1, 1, 1])
    """
    check_numbers(n=n, min_distance=min_distance)
    if not starts:
        raise DataError("there is no start: give at least one sequence")
    search = _method(method)
    alphabet = sequence_input(predictor).alphabet
    check_judge(judge, alphabet, terms)
    constraints.check(alphabet)
    rng = np.random.default_rng(seed)
    coded = {name: codes_of(text, name, alphabet) for name, text in starts.items()}
    scores = scores_of(
        predictor, terms, optimism, pareto, known, list(coded.values()), rng
    )
    share = calls // (len(starts) * len(scores))
    if share < 2:
        raise DataError(
            f"{option('calls', calls)}: {len(starts)} starts need {2 * len(scores)} "
            f"calls each at least"
        )
    slopes = None
    if isinstance(search, StraightThrough):
        slopes = slopes_of(predictor, terms)
    ready = []
    for name, codes in coded.items():  # all mistakes come before any search
        try:
            space = constraints.space(codes, alphabet)
            first = constraints.first(space, alphabet, rng)
        except DataError as error:
            if len(coded) == 1:
                raise
            raise DataError(f"start {name}: {error}") from None
        ready.append((name, space, first))
    given = {codes.tobytes() for codes in coded.values()}
    given |= set() if known is None else known.keys()
    opinions, used = [], 0
    for score in scores:
        found: list[Scored] = []
        for name, space, first in ready:
            archive = Archive(
                space, alphabet, constraints, score, calls=share, first=first,
                slopes=slopes,
            )  # fmt: skip
            search(archive, rng)
            used += archive.used
            for row, value in zip(*archive.ranked(), strict=True):
                if row.tobytes() not in given:
                    found.append(Scored(float(value), row, name))
        found.sort(key=lambda each: -each.score)
        opinions.append(found)
    if not any(opinions):
        raise DataError(
            f"no sequence other than the starts and those that are known was found in "
            f"{used} calls: loosen a rule or raise {option('calls', calls)}"
        )
    how = {"min_distance": min_distance, "diversity": diversity, "pareto": pareto}
    columns = tabulate(
        predictor, opinions, coded, terms, n=n, known=known, judge=judge, **how
    )
    return Proposals(columns, used)


def _method(method: str | Method) -> Method:
    if not isinstance(method, str):
        return method
    if method not in METHODS:
        raise DataError(f"no method {method!r}: {nearest(method, METHODS)}")
    return METHODS[method]()
