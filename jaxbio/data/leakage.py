"""What training, validation and test rows have in common, counted before training."""

import dataclasses
import itertools
from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Int64, UInt64

from jaxbio.data.columns import Category, Numeric, Sequences
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.data.kmers import random_factors, row_hashes
from jaxbio.data.similarity import (
    default_k,
    default_threshold,
    near_duplicates,
    sketch,
    strands,
    variants_of_one_parent,
)

_EXAMPLES = 3


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
        examples: Up to three pairs of ids (in `part`, in `reference`).
    """

    reference: str
    part: str
    rows: int
    identical: int
    reverse_complement: int = 0
    near: int | None = None
    shared_inputs: Mapping[str, int] = dataclasses.field(default_factory=dict)
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
    """

    overlaps: tuple[Overlap, ...]
    repeated: int = 0
    conflicting: int = 0
    conflict_examples: tuple[tuple[str, ...], ...] = ()
    k: int = 0
    threshold: float = 0.0
    one_parent: bool = False

    def to_dict(self) -> dict:
        """The report as JSON values."""
        return dataclasses.asdict(self)

    def overlap(self, reference: str, part: str) -> Overlap:
        """What `part` has in common with `reference`."""
        pair = (reference, part)
        return next(o for o in self.overlaps if (o.reference, o.part) == pair)

    def summary(self) -> list[str]:
        """The report in a few plain lines; the first says whether all is well."""
        lines = [_line(overlap, self) for overlap in self.overlaps if _worth(overlap)]
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


def _worth(overlap: Overlap) -> bool:
    return overlap.total > 0 or any(overlap.shared_inputs.values())


def _listed(overlaps: tuple[Overlap, ...]) -> str:
    names = list(dict.fromkeys(n for o in overlaps for n in (o.reference, o.part)))
    return ", ".join(names[:-1]) + " and " + names[-1]


def _line(overlap: Overlap, report: Leakage) -> str:
    found = [(overlap.identical, "identical")]
    found.append((overlap.reverse_complement, "equal on the other strand"))
    share = f"{report.threshold:.0%} of {report.k}-mers shared"
    found.append((overlap.near or 0, f"near-duplicates ({share})"))
    for name, count in overlap.shared_inputs.items():
        found.append((count, f"with a {name} that is in {overlap.reference} too"))
    counts = ", ".join(f"{count} {what}" for count, what in found if count)
    line = f"{overlap.part} rows also in {overlap.reference}: {counts} of {overlap.rows}"
    if overlap.examples:
        line += " (such as {} and {})".format(*overlap.examples[0])
    return line


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
        >>> report.summary()
        ['test rows also in train: 1 equal on the other strand of 1 (such as 0 and 0)']
    """
    whole = concatenate([dataclasses.replace(d, weights=None, groups=None, targets={})
                         for d in parts.values()])  # fmt: skip
    sizes = [len(part) for part in parts.values()]
    part_of = np.repeat(np.arange(len(sizes)), sizes)
    near = _Near.of(whole, k, threshold)
    hashes = {name: _column_hashes(column) for name, column in whole.inputs.items()}
    keys = _combine(hashes)
    other_strand = _other_strand(whole)
    overlaps = []
    for (i, reference), (j, part) in itertools.combinations(enumerate(parts), 2):
        query, known = part_of == j, part_of == i
        match = _first_equal(keys, query, known)
        identical = match >= 0
        if other_strand is not None:
            turned = _first_equal(other_strand, query & ~identical, known)
            match = np.where(identical, match, turned)
        turned_count = int((match >= 0).sum() - identical.sum())
        similar = near.find(query & (match < 0), known)
        shared = {}
        if len(hashes) > 1:
            shared = {
                name: int((_first_equal(column, query, known) >= 0).sum())
                for name, column in hashes.items()
            }
        if similar is not None:
            match = np.where(match >= 0, match, similar)
        overlaps.append(
            Overlap(
                reference,
                part,
                int(query.sum()),
                int(identical.sum()),
                turned_count,
                None if similar is None else int((similar >= 0).sum()),
                shared,
                _examples(match, whole.ids),
            )
        )
    first = next(iter(parts.values()))
    repeated, conflicting, groups = _within(first, keys[: sizes[0]])
    return Leakage(
        tuple(overlaps), repeated, conflicting, groups, near.k, near.threshold,
        near.one_parent,
    )  # fmt: skip


def _examples(match: Int64[np.ndarray, "n"], ids) -> tuple[tuple[str, str], ...]:
    rows = np.flatnonzero(match >= 0)[:_EXAMPLES]
    return tuple((str(ids[row]), str(ids[match[row]])) for row in rows)


@dataclasses.dataclass(frozen=True)
class _Near:
    """How to look for near-duplicates, if at all."""

    column: Sequences | None = None
    sketches: object = None
    k: int = 0
    threshold: float = 0.0
    one_parent: bool = False

    @classmethod
    def of(cls, whole: Dataset, k: int | None, threshold: float | None) -> "_Near":
        columns = list(whole.inputs.values())
        if len(columns) != 1 or not isinstance(columns[0], Sequences):
            return cls()
        column = columns[0]
        if variants_of_one_parent(column):
            return cls(one_parent=True)
        k = default_k(column) if k is None else k
        threshold = default_threshold(column) if threshold is None else threshold
        return cls(column, sketch(column, k=k), k, threshold)

    def find(self, queries: Bool[np.ndarray, "n"], references: Bool[np.ndarray, "n"]):
        """For each query a near-duplicate reference or -1; None if not looked for."""
        if self.column is None:
            return None
        return near_duplicates(
            self.column, self.sketches, queries=queries, references=references,
            k=self.k, threshold=self.threshold,
        )  # fmt: skip


def _column_hashes(column) -> UInt64[np.ndarray, "n"]:
    """One number a row; equal values have equal numbers."""
    match column:
        case Sequences():
            return row_hashes(column)
        case Numeric():
            # Adding 0 makes -0 and 0 the same bytes; missing values are one NaN.
            values = np.ascontiguousarray(column.values, np.float32) + np.float32(0)
            values[np.isnan(values)] = np.nan
            factors = random_factors(values.shape[1])
            hashes = np.zeros(len(values), np.uint64)
            step = max((1 << 20) // max(values.shape[1], 1), 1)
            for start in range(0, len(values), step):
                part = values[start : start + step].view(np.uint32).astype(np.uint64)
                hashes[start : start + step] = (part * factors).sum(axis=1)
            return hashes ^ (hashes >> np.uint64(29))
        case Category():
            texts = ["" if value is None else f"={value}" for value in column.values]
            known = {text: code for code, text in enumerate(dict.fromkeys(texts))}
            codes = np.array([known[text] for text in texts], np.uint64)
            return codes * random_factors(1)[0]
    raise TypeError(f"no input is a {type(column).__name__}")


def _combine(hashes: Mapping[str, UInt64[np.ndarray, "n"]]) -> UInt64[np.ndarray, "n"]:
    total = np.uint64(0)
    factors = random_factors(len(hashes))
    for factor, column in zip(factors, hashes.values(), strict=True):
        total = total + (column ^ (column >> np.uint64(31))) * factor
    return total


def _other_strand(whole: Dataset) -> UInt64[np.ndarray, "n"] | None:
    columns = list(whole.inputs.values())
    if len(columns) != 1 or not isinstance(columns[0], Sequences):
        return None
    if not strands(columns[0]):
        return None
    return row_hashes(columns[0], both_strands=True)


def _first_equal(
    keys: UInt64[np.ndarray, "n"],
    queries: Bool[np.ndarray, "n"],
    references: Bool[np.ndarray, "n"],
) -> Int64[np.ndarray, "n"]:
    """For each query the first reference with the same key; -1 where there is none."""
    found = np.full(len(keys), -1, np.int64)
    among, asking = np.flatnonzero(references), np.flatnonzero(queries)
    if not len(among):
        return found
    distinct, first = np.unique(keys[among], return_index=True)
    place = np.searchsorted(distinct, keys[asking])
    place[place == len(distinct)] = 0
    equal = distinct[place] == keys[asking]
    found[asking[equal]] = among[first[place[equal]]]
    return found


def _within(
    train: Dataset, keys: UInt64[np.ndarray, "n"]
) -> tuple[int, int, tuple[tuple[str, ...], ...]]:
    """Repeated rows, rows with conflicting classes, and ids of the latter."""
    _, code = np.unique(keys, return_inverse=True)
    repeated = len(code) - int(code.max(initial=-1)) - 1
    target = next(iter(train.targets.values()), None)
    if not repeated or not isinstance(target, Category):
        return repeated, 0, ()
    known = np.array([value is not None for value in target.values])
    rows = np.flatnonzero(known)
    _, label = np.unique(target.values[rows].astype(str), return_inverse=True)
    low = np.full(code.max() + 1, len(train), np.int64)
    high = np.full(code.max() + 1, -1, np.int64)
    np.minimum.at(low, code[rows], label)
    np.maximum.at(high, code[rows], label)
    conflict = np.flatnonzero(high > low)
    members = rows[np.isin(code[rows], conflict)]
    groups = tuple(
        tuple(str(train.ids[row]) for row in members[code[members] == group][:_EXAMPLES])
        for group in conflict[:_EXAMPLES]
    )
    return repeated, len(members), groups
