"""Proposals: the best sequences of a search, with what is known of each."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from jaxbio.design.archive import Archive
from jaxbio.design.constraints import Constraints
from jaxbio.design.evolution import Evolution
from jaxbio.design.mutagenesis import BeamSearch
from jaxbio.design.objective import (
    Term,
    codes_of,
    outputs,
    predict_codes,
    resolve,
    scorer,
    sequence_input,
)
from jaxbio.design.policy import PolicyGradient
from jaxbio.design.random_search import RandomSearch
from jaxbio.errors import DataError, nearest, option
from jaxbio.predict.predictor import Predictor

Method = Callable[[Archive, np.random.Generator], None]
"""A search: it scores choices in an archive until its calls are used."""

METHODS: Mapping[str, Callable[[], Method]] = {
    "evolution": Evolution,
    "policy": PolicyGradient,
    "beam": BeamSearch,
    "greedy": lambda: BeamSearch(width=1),
    "random": RandomSearch,
}
"""The methods by name."""

NO_RULES = Constraints()
"""Any letter at any position."""


@dataclasses.dataclass(frozen=True)
class Proposals:
    """Designed sequences, the best first.

    Attributes:
        table: Columns by name: `id`, `sequence`, `start`, `edits`, `mutations`,
            `score`; for each output its prediction, that of the start and the spread
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


def design(
    predictor: Predictor,
    starts: Mapping[str, str],
    terms: Sequence[Term],
    *,
    constraints: Constraints = NO_RULES,
    method: str | Method = "evolution",
    n: int = 10,
    calls: int = 2000,
    min_distance: int = 1,
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
        calls: Sequences that may be scored, divided among the starts.
        min_distance: Letters in which proposals of one length differ at least.
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
    for name, value in (("n", n), ("min_distance", min_distance)):
        if value < 1:
            raise DataError(f"{option(name, value)}: give at least 1")
    if not starts:
        raise DataError("there is no start: give at least one sequence")
    share = calls // len(starts)
    if share < 2:
        raise DataError(
            f"{option('calls', calls)}: {len(starts)} starts need 2 calls each at least"
        )
    search = _method(method)
    alphabet = sequence_input(predictor).alphabet
    score = scorer(predictor, terms)
    if judge is not None:
        own = sequence_input(judge).alphabet
        if own != alphabet:
            raise DataError(f"the judge takes {own.name}, the model {alphabet.name}")
        for term in terms:
            resolve(judge, term)
    constraints.check(alphabet)
    rng = np.random.default_rng(seed)
    found, used = [], 0
    known = {name: codes_of(text, name, alphabet) for name, text in starts.items()}
    ready = []
    for name, codes in known.items():  # all mistakes come before any search
        space = constraints.space(codes, alphabet)
        ready.append((name, space, constraints.first(space, alphabet, rng)))
    given = {codes.tobytes() for codes in known.values()}
    for name, space, first in ready:
        archive = Archive(space, alphabet, constraints, score, calls=share, first=first)
        search(archive, rng)
        used += archive.used
        for row, value in zip(*archive.ranked(), strict=True):
            if row.tobytes() not in given:
                found.append((float(value), row, name))
    found.sort(key=lambda each: -each[0])
    held = _apart(found, n, min_distance)
    if not held:
        raise DataError(
            f"no sequence other than the starts was found in {used} calls: loosen a "
            f"rule or raise {option('calls', calls)}"
        )
    rows = [row for _, row, _ in held]
    own = [known[name] for _, _, name in held]
    columns: dict[str, np.ndarray] = {
        "id": np.array([f"design_{at + 1}" for at in range(len(held))], object),
        "sequence": np.array([alphabet.decode(row) for row in rows], object),
        "start": np.array([name for _, _, name in held], object),
        "edits": np.array(
            [int((a != b).sum()) for a, b in zip(rows, own, strict=True)]
        ),
        "mutations": np.array(
            [
                _mutations(alphabet.decode(a), alphabet.decode(b))
                for a, b in zip(own, rows, strict=True)
            ],
            object,
        ),
        "score": np.array([value for value, _, _ in held]),
    }
    columns |= _predicted(predictor, rows, own, terms, "")
    if judge is not None:
        columns |= _predicted(judge, rows, own, terms, "judge_")
    return Proposals(columns, used)


def _method(method: str | Method) -> Method:
    if not isinstance(method, str):
        return method
    if method not in METHODS:
        raise DataError(f"no method {method!r}: {nearest(method, METHODS)}")
    return METHODS[method]()


def _apart(
    found: list[tuple[float, np.ndarray, str]], n: int, least: int
) -> list[tuple[float, np.ndarray, str]]:
    """The best that differ enough from all better ones."""
    held: list[tuple[float, np.ndarray, str]] = []
    for each in found:
        same = (row for _, row, _ in held if len(row) == len(each[1]))
        if all(int((row != each[1]).sum()) >= least for row in same):
            held.append(each)
        if len(held) == n:
            break
    return held


def _mutations(before: str, after: str) -> str:
    pairs = enumerate(zip(before, after, strict=True), 1)
    return ":".join(f"{a}{at}{b}" for at, (a, b) in pairs if a != b)


def _predicted(
    predictor: Predictor,
    rows: Sequence[np.ndarray],
    own: Sequence[np.ndarray],
    terms: Sequence[Term],
    prefix: str,
) -> dict[str, np.ndarray]:
    """Predictions of proposals and of their starts, by name."""
    here, there = predict_codes(predictor, rows), predict_codes(predictor, own)
    columns = {}
    for term in terms:
        spec, code = resolve(predictor, term)
        name = prefix + spec.name
        if term.label is not None:
            name += f":{term.label}"
        mean, spread = outputs(here, spec, code)
        columns[name] = mean
        columns[f"{name}_start"] = outputs(there, spec, code)[0]
        if spread is not None:
            columns[f"{name}_spread"] = spread
    return columns
