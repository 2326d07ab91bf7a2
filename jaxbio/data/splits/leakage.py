"""Leakage between training, validation and test rows, counted before training."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Int64, UInt64

from jaxbio.data.columns.base import Column
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.data.hashing import combine_hashes, hash_text
from jaxbio.data.similarity.clusters import (
    both_strands_count,
    default_k,
    default_threshold,
    is_variant_library,
    near_duplicates,
)
from jaxbio.data.similarity.minhash import MinHash, minhash
from jaxbio.errors import option

_EXAMPLES = 3
_NOT_ONE = ("numeric", "category", "codes", "ordinal")
"""Kinds whose values stand for no thing that recurs."""


@dataclasses.dataclass(frozen=True)
class Overlap:
    """Rows of one part that are also in another.

    Attributes:
        reference: The part looked in, such as `train`.
        part: The part whose rows are counted, such as `test`.
        rows: The number of rows of `part`.
        identical: Rows whose inputs are all equal to those of a row of `reference`.
        reverse_complement: Further rows equal to the other strand of one (DNA).
        near: Further rows that share at least `threshold` of their k-mers with one;
            None where that was not counted.
        shared_inputs: With several inputs, for each the rows whose value also occurs in
            `reference`, such as the proteins of compound-protein pairs.
        shared_groups: Rows of a unit, such as a patient, of which `reference` has rows.
        examples: Up to three pairs of ids (in `part`, in `reference`).
    """

    reference: str
    part: str
    rows: int
    identical: int
    reverse_complement: int = 0
    near: int | None = None
    shared_inputs: Mapping[str, int] = dataclasses.field(default_factory=dict)
    shared_groups: int = 0
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def total(self) -> int:
        """All rows that are a duplicate or near-duplicate."""
        return self.identical + self.reverse_complement + (self.near or 0)


@dataclasses.dataclass(frozen=True)
class Leakage:
    """Duplicates and near-duplicates between the parts of a data set.

    Attributes:
        overlaps: One for each pair of parts.
        repeated: Training rows whose inputs repeat an earlier row's.
        conflicting: Training rows whose inputs stand elsewhere with another class.
        conflict_examples: Up to three groups of ids of such rows.
        k: The length of the k-mers compared; 0 without sequences.
        threshold: The share of k-mers that makes a near-duplicate.
        one_parent: Whether the rows are variants of one parent, which are all
            near-duplicates, so that these were not counted.
        groups: The column that names units of several rows; empty if there is none.
    """

    overlaps: tuple[Overlap, ...]
    repeated: int = 0
    conflicting: int = 0
    conflict_examples: tuple[tuple[str, ...], ...] = ()
    k: int = 0
    threshold: float = 0.0
    one_parent: bool = False
    groups: str = ""

    def to_dict(self) -> dict:
        """The report as JSON values."""
        return dataclasses.asdict(self)

    def overlap(self, reference: str, part: str) -> Overlap:
        """Rows that `part` has in common with `reference`."""
        pair = (reference, part)
        return next(o for o in self.overlaps if (o.reference, o.part) == pair)

    def summary(self) -> list[str]:
        """The report in a few plain lines; the first says whether all is well."""
        lines = [
            _line(overlap, self)
            for overlap in self.overlaps
            if overlap.total > 0 or any(overlap.shared_inputs.values())
        ]
        of_units = [overlap for overlap in self.overlaps if overlap.shared_groups]
        for overlap in of_units:
            lines.append(
                f"leak: {overlap.shared_groups} of {overlap.rows} {overlap.part} rows "
                f"have the {self.groups} of a {overlap.reference} row, so that scores "
                f"are too good: keep them together with "
                f"{option('by', f'group:{self.groups}')}"
            )
        if self.overlaps and not lines:
            checked = "duplicate or near-duplicate" if self.k else "duplicate"
            lines.append(f"no {checked} rows between {_listed(self.overlaps)}")
        if self.one_parent:
            lines.append(
                "all sequences are variants of one parent: each has near-duplicates in "
                "every part, and scores hold for further variants of this parent"
            )
        if self.repeated:
            lines.append(f"train: {self.repeated} rows repeat an earlier row")
        if self.conflicting:
            example = ", ".join(self.conflict_examples[0])
            lines.append(
                f"train: {self.conflicting} rows have equal inputs and different "
                f"classes (such as {example})"
            )
        return lines


def _listed(overlaps: tuple[Overlap, ...]) -> str:
    names = list(dict.fromkeys(n for o in overlaps for n in (o.reference, o.part)))
    return ", ".join(names[:-1]) + " and " + names[-1]


def _line(overlap: Overlap, report: Leakage) -> str:
    share = f"share {report.threshold:.0%} or more of their {report.k}-mers with one"
    kinds = [
        (overlap.identical, f"are identical to a {overlap.reference} row"),
        (
            overlap.reverse_complement,
            f"are the other strand of a {overlap.reference} row",
        ),
        (overlap.near or 0, share),
    ]
    for name, count in overlap.shared_inputs.items():
        kinds.append((count, f"have the {name} of one"))
    counts = ", ".join(f"{count} {what}" for count, what in kinds if count)
    pairs = [f" (such as {a} and {b})" for a, b in overlap.examples[:1]]
    start = f"{overlap.part} against {overlap.reference}: of {overlap.rows} rows"
    return "".join([f"{start} {counts}", *pairs])


def leakage(
    parts: Mapping[str, Dataset],
    *,
    k: int | None = None,
    threshold: float | None = None,
) -> Leakage:
    """Count duplicates and near-duplicates between parts of a data set.

    Rows count once: as identical, else as equal on the other strand (DNA), else as
    near-duplicate. Near-duplicates are counted for data with one sequence input.

    Args:
        parts: Data sets by name, in the order train, valid, test; each is compared with
            those before it. Repeats and conflicts are counted in the first.
        k: The length of a k-mer; chosen from the sequences if not given.
        threshold: The share of k-mers that makes a near-duplicate
            (`similarity.clusters`).

    Returns:
        The report.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> def rows(*texts):
        ...     return Dataset({"seq": Sequences.from_strings(texts, DNA)})
        >>> report = leakage({"train": rows("ACGGT", "TTTTT"), "test": rows("ACCGT")})
        >>> report.overlap("train", "test").reverse_complement
        1
    """
    rows = _Rows.of(list(parts.values()), k, threshold)
    pairs = itertools.combinations(enumerate(parts), 2)
    overlaps = tuple(
        rows.overlap(i, j, reference, part) for (i, reference), (j, part) in pairs
    )
    first = next(iter(parts.values()))
    repeated, conflicting, groups = _within(first, rows.keys[: len(first)])
    return Leakage(
        overlaps,
        repeated,
        conflicting,
        groups,
        k=rows.near.k,
        threshold=rows.near.threshold,
        one_parent=rows.near.one_parent,
        groups=first.provenance.groups,
    )


@dataclasses.dataclass(frozen=True)
class _Rows:
    """The rows of all parts, one after the other.

    Attributes:
        part: The number of each row's part.
        ids: The rows' names.
        keys: One number a row, equal for equal inputs.
        strands: The same for DNA, also equal for the other strand; None otherwise.
        columns: One number a row for each input by itself.
        entities: The inputs whose values stand for something, such as a protein.
        groups: The unit to which each row belongs, such as a patient; None if unknown.
        near: How to look for near-duplicates.
    """

    part: Int64[np.ndarray, "n"]
    ids: np.ndarray
    keys: UInt64[np.ndarray, "n"]
    strands: UInt64[np.ndarray, "n"] | None
    columns: Mapping[str, UInt64[np.ndarray, "n"]]
    entities: frozenset[str]
    groups: UInt64[np.ndarray, "n"] | None
    near: "_Near"

    @classmethod
    def of(
        cls, parts: Sequence[Dataset], k: int | None, threshold: float | None
    ) -> "_Rows":
        alike = [_alike(part, parts[0]) for part in parts]
        columns = {
            name: np.concatenate([_same(part.inputs[name]) for part in alike])
            for name in parts[0].inputs
        }
        single = _single_sequence(alike)
        strands = None
        if single is not None and both_strands_count(single):
            strands = single.hashes(both_strands=True)
        return cls(
            np.repeat(np.arange(len(parts)), [len(part) for part in parts]),
            np.concatenate([np.asarray(part.ids) for part in alike]),
            combine_hashes(list(columns.values())),
            strands,
            columns,
            frozenset(n for n, x in parts[0].inputs.items() if x.kind not in _NOT_ONE),
            _units(parts),
            _Near.of(single, k, threshold),
        )

    def overlap(self, i: int, j: int, reference: str, part: str) -> Overlap:
        """Rows that part `j` has in common with part `i`."""
        references, queries = self.part == i, self.part == j
        identical = _first_equal(self.keys, queries, references)
        turned = np.full(len(self.keys), -1)
        if self.strands is not None:
            turned = _first_equal(self.strands, queries & (identical < 0), references)
        similar = self.near.find(queries & (identical < 0) & (turned < 0), references)
        shared = {
            name: int((_first_equal(hashes, queries, references) >= 0).sum())
            for name, hashes in (self.columns.items() if len(self.columns) > 1 else ())
            if name in self.entities
        }
        units = 0
        if self.groups is not None:
            units = int((_first_equal(self.groups, queries, references) >= 0).sum())
        match = np.maximum(identical, turned)
        if similar is not None:
            match = np.maximum(match, similar)
        rows = np.flatnonzero(match >= 0)[:_EXAMPLES]
        return Overlap(
            reference,
            part,
            rows=int(queries.sum()),
            identical=int((identical >= 0).sum()),
            reverse_complement=int((turned >= 0).sum()),
            near=None if similar is None else int((similar >= 0).sum()),
            shared_inputs=shared,
            shared_groups=units,
            examples=tuple((str(self.ids[r]), str(self.ids[match[r]])) for r in rows),
        )


def row_keys(data: Dataset, names: Sequence[str]) -> UInt64[np.ndarray, "n"]:
    """One number a row, equal where all of some inputs are those of one thing.

    Args:
        data: The rows.
        names: The inputs.

    Example:
        >>> from jaxbio.data import Category
        >>> data = Dataset({"x": Category.from_values(["a", "b", "a"])})
        >>> keys = row_keys(data, ["x"])
        >>> bool(keys[0] == keys[2] != keys[1])
        True
    """
    return combine_hashes([_same(data.input(name)) for name in sorted(names)])


def _same(column: Column) -> UInt64[np.ndarray, "n"]:
    """One number a row; of DNA the strands are compared apart."""
    return column.hashes() if column.kind == "dna" else column.identities()


def _units(parts: Sequence[Dataset]) -> UInt64[np.ndarray, "n"] | None:
    """One number a row for the unit that it belongs to; None if it is not known."""
    if any(part.groups is None for part in parts):
        return None
    names = itertools.chain.from_iterable(
        np.asarray(part.groups).tolist() for part in parts
    )
    return np.array([hash_text(str(name)) for name in names], np.uint64)


def _alike(part: Dataset, first: Dataset) -> Dataset:
    """The inputs of `first` alone, numbers in its order of columns."""
    # A column that the part lacks is missing; encoding will refuse it.
    inputs = {
        name: part.input(name).aligned(like) for name, like in first.inputs.items()
    }
    return Dataset(inputs, ids=part.ids)


def _single_sequence(parts: Sequence[Dataset]) -> Sequences | None:
    """The sequences of all parts, if these are the only input."""
    first, *more = parts[0].inputs.values()
    if more or not isinstance(first, Sequences):
        return None
    (whole,) = concatenate(parts).inputs.values()
    assert isinstance(whole, Sequences)
    return whole


@dataclasses.dataclass(frozen=True)
class _Near:
    """Search for near-duplicates, if there is to be one."""

    column: Sequences | None = None
    sketches: MinHash | None = None
    k: int = 0
    threshold: float = 0.0
    one_parent: bool = False

    @classmethod
    def of(
        cls, column: Sequences | None, k: int | None, threshold: float | None
    ) -> "_Near":
        if column is None:
            return cls()
        if is_variant_library(column):
            return cls(one_parent=True)
        k = default_k(column) if k is None else k
        threshold = default_threshold(column) if threshold is None else threshold
        sketches = minhash(column, k=k, both_strands=both_strands_count(column))
        return cls(column, sketches, k, threshold)

    def find(self, queries: Bool[np.ndarray, "n"], references: Bool[np.ndarray, "n"]):
        """For each query a near-duplicate reference or -1; None if not looked for."""
        if self.column is None or self.sketches is None:
            return None
        return near_duplicates(
            self.column,
            self.sketches,
            queries=queries,
            references=references,
            k=self.k,
            threshold=self.threshold,
        )


def _first_equal(
    keys: UInt64[np.ndarray, "n"],
    queries: Bool[np.ndarray, "n"],
    references: Bool[np.ndarray, "n"],
) -> Int64[np.ndarray, "n"]:
    """For each query the first reference with the same key; -1 where there is none."""
    matches = np.full(len(keys), -1, np.int64)
    among, asking = np.flatnonzero(references), np.flatnonzero(queries)
    if not len(among):
        return matches
    distinct, first = np.unique(keys[among], return_index=True)
    place = np.searchsorted(distinct, keys[asking])
    place[place == len(distinct)] = 0
    equal = distinct[place] == keys[asking]
    matches[asking[equal]] = among[first[place[equal]]]
    return matches


def _within(
    train: Dataset, keys: UInt64[np.ndarray, "n"]
) -> tuple[int, int, tuple[tuple[str, ...], ...]]:
    """Repeated rows, rows with conflicting classes, and ids of the latter."""
    _, code = np.unique(keys, return_inverse=True)
    repeated = len(code) - int(code.max(initial=-1)) - 1
    target = next(iter(train.targets.values()), None)
    if not repeated or not isinstance(target, Category):
        return repeated, 0, ()
    assert train.ids is not None
    labelled = np.array([value is not None for value in target.values])
    rows = np.flatnonzero(labelled)
    _, label = np.unique(target.values[rows].astype(str), return_inverse=True)
    low = np.full(code.max() + 1, len(train), np.int64)
    high = np.full(code.max() + 1, -1, np.int64)
    np.minimum.at(low, code[rows], label)
    np.maximum.at(high, code[rows], label)
    conflict = np.flatnonzero(high > low)
    members = rows[np.isin(code[rows], conflict)]
    equal = [members[code[members] == group] for group in conflict[:_EXAMPLES]]
    groups = tuple(tuple(str(train.ids[r]) for r in rows[:_EXAMPLES]) for rows in equal)
    return repeated, len(members), groups
