"""Training, validation and test rows: no row in more than one part."""

import dataclasses
from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from jaxtyping import Int64, Num

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.time_to_event import TimeToEvent
from jaxbio.data.dataset import Dataset
from jaxbio.data.recognition import names_individuals
from jaxbio.data.similarity.clusters import clusters
from jaxbio.data.splits.allocate import bins, checked_shares, deal, whole_groups
from jaxbio.errors import DataError, nearest, option

_OF_ENTITIES = ("cold", "scaffold", "label_reversal")
_OF_GROUPS = ("group", "chromosome")
METHODS = (
    *("random", "stratified", *_OF_GROUPS, "column", "similarity"),
    *_OF_ENTITIES,
)
_ENOUGH_UNITS = 20  # for parts that are not far from their shares of rows
_PARTS = {"train": 0, "valid": 1, "dev": 1, "val": 1, "validation": 1, "test": 2}


def split(
    data: Dataset,
    *,
    by: str = "random",
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    seed: int = 0,
    held_out: Sequence[Sequence[Hashable]] | None = None,
) -> tuple[Dataset, ...]:
    """Divide rows into parts, such as training, validation and test.

    Args:
        data: The rows.
        by: How:

            * `"random"`: each row by itself.
            * `"stratified"`: each part has the same share of every class of the first
              target, or of low, middle and high rows (by tenths) if it is a number.
            * `"group"` or `"chromosome"`: rows of one group (`data.groups`) stay
              together.
            * `"column"`: the group of each row, read from a column of the file, names
              its part: `train`, `valid` (or `dev`, `val`, `validation`) or `test`.
              Always gives these three, empty where no row names one; `fractions` and
              `seed` then say nothing.
            * `"similarity"`: similar sequences stay together (clusters of
              `similarity.clusters`; for DNA a sequence and its reverse complement are
              the same). With several sequence inputs `"similarity:NAME"` says which
              one counts; otherwise it is the first.
            * `"cold:NAME"`: rows with one value of an input, such as a drug, stay
              together. With `"cold:drug+protein"` neither the drug nor the protein of a
              part is in another; rows that would tie two parts together are in none
              (see `cold.cold_split`, which says how many).
            * `"scaffold"` or `"scaffold:NAME"`: molecules (SMILES) with one Murcko
              scaffold stay together, common ones are trained on (see
              `cold.scaffold_split`); needs rdkit.
            * `"label_reversal:NAME"`: each tested drug was trained on with the other
              class of the first target only (see `cold.label_reversal`).
        fractions: The share of rows of each part, adding up to 1; the first part is the
            one to train on.
        seed: The same seed gives the same parts.
        held_out: With `"group"` or `"chromosome"`: the groups of the second part, of
            the third, and so on; all other groups are the first. `fractions` then says
            nothing.

    Returns:
        One data set a part; rows keep the order that they had.

    Raises:
        DataError: For fractions that do not add up to 1, too few rows, groups, clusters
            or entities, or a group, input or part that does not exist.
        JaxbioError: For a split by scaffolds without rdkit.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> texts = ["ACGT", "TTGA", "CCCA", "GATT", "GGAT"]
        >>> data = Dataset({"seq": Sequences.from_strings(texts, DNA)})
        >>> [len(part) for part in split(data, fractions=(0.6, 0.4))]
        [3, 2]
    """
    parts = split_indices(
        data, by=by, fractions=fractions, seed=seed, held_out=held_out
    )
    return tuple(data.take(part) for part in parts)


def split_indices(
    data: Dataset,
    *,
    by: str = "random",
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    seed: int = 0,
    held_out: Sequence[Sequence[Hashable]] | None = None,
) -> tuple[Int64[np.ndarray, "_"], ...]:
    """The row numbers of each part of `split`, in increasing order.

    Rows of no part, as splits by two entities have, are those in none of them.

    Args:
        data: The rows.
        by: As in `split`.
        fractions: As in `split`.
        seed: As in `split`.
        held_out: As in `split`.

    Returns:
        One array of row numbers a part.

    Raises:
        DataError: As in `split`.
    """
    method, _ = _method(by)
    if held_out is not None:
        if method not in _OF_GROUPS:
            raise DataError(f"held-out groups go with by='group', not by={by!r}")
        part = _held_out(data, held_out)
        n_parts = len(held_out) + 1
    elif method == "column":
        part, n_parts = _named(data), 3
    else:
        shares = checked_shares(fractions)
        n_parts = len(shares)
        part = _assign(data, by, shares, seed)
    rows = tuple(np.flatnonzero(part == index) for index in range(n_parts))
    if len(rows[0]) < 2:
        raise DataError(
            f"{data.source}: a split of {len(data)} rows leaves {len(rows[0])} to "
            f"train on; two or more are needed"
        )
    return rows


def folds(
    data: Dataset, *, by: str = "random", n: int = 5, seed: int = 0
) -> list[tuple[Int64[np.ndarray, "train"], Int64[np.ndarray, "test"]]]:
    """Row numbers for cross-validation: every row is tested once.

    Args:
        data: The rows.
        by: As in `split`, but for a column and label reversal. By two entities a row is
            tested if both are in one fold; scaffolds go to folds in random order.
        n: The number of folds, at least 2.
        seed: The same seed gives the same folds.

    Returns:
        For each fold the row numbers to train on and those to test on.

    Raises:
        DataError: For too few rows, groups or clusters.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> texts = ["ACGT", "TTGA", "CCCA", "GATT"]
        >>> data = Dataset({"seq": Sequences.from_strings(texts, DNA)})
        >>> [(len(train), len(test)) for train, test in folds(data, n=2)]
        [(2, 2), (2, 2)]
    """
    if n < 2:
        raise DataError(f"cross-validation needs 2 folds or more, not {n}")
    method, name = _method(by)
    if method == "column":
        raise DataError("by='column' names one split, not folds: use by='group'")
    if method in _OF_ENTITIES:
        from jaxbio.data.splits.entities import entity_folds  # few need it

        pairs = entity_folds(data, method, name, n=n, seed=seed)
    else:
        part = _assign(data, by, np.full(n, 1 / n), seed)
        among = range(n)
        pairs = [(np.flatnonzero(part != i), np.flatnonzero(part == i)) for i in among]
    if min(len(train) for train, _ in pairs) < 2:
        raise DataError(f"{data.source}: {len(data)} rows are too few for {n} folds")
    return pairs


def by_column(data: Dataset) -> dict[str, Dataset]:
    """Parts by name, as `split` by column divides the rows; without empty ones."""
    parts = zip(("train", "valid", "test"), split(data, by="column"), strict=True)
    # What names the parts says nothing of what rows belong together.
    return {
        name: dataclasses.replace(part, groups=None)
        for name, part in parts
        if len(part)
    }


def natural_split(data: Dataset) -> str:
    """The split of rows where none is asked for.

    Returns:
        `group` where rows belong to enough patients, donors or animals, which should
        not be known from other rows; `stratified` where the first target is one class a
        row, each with a row for every part, or survival; else `random`.
    """
    units = set() if data.groups is None else set(map(str, data.groups))
    if len(units) >= _ENOUGH_UNITS and names_individuals(data.provenance.groups):
        return "group"
    column = next(iter(data.targets.values()), None)
    if isinstance(column, TimeToEvent):
        return "stratified"
    if not isinstance(column, Category) or column.per_position:
        return "random"
    present = [value for value in column.values if value is not None]
    counts = Counter(present)
    few = len(counts) <= len(present) / 2
    return "stratified" if counts and few and len(counts) > 1 else "random"


def _named(data: Dataset) -> Int64[np.ndarray, "n"]:
    """The part that the group of each row names."""
    names = [name.strip().lower() for name in _group_names(data)]
    for row, name in enumerate(names):
        if name not in _PARTS:
            together = f"group:{data.provenance.groups or 'COLUMN'}"
            raise DataError(
                f"{data.source}, row {_id(data, row)}: no part {name!r}: a split "
                f"column says train, valid or test; {option('by', together)} keeps the "
                f"rows of each value in one part"
            )
    return np.array([_PARTS[name] for name in names], np.int64)


def _method(by: str) -> tuple[str, str]:
    method, _, name = by.partition(":")
    if method not in METHODS:
        raise DataError(f"no split by {by!r}: {nearest(method, METHODS)}")
    return method, name


def _assign(
    data: Dataset, by: str, shares: Num[np.ndarray, "parts"], seed: int
) -> Int64[np.ndarray, "n"]:
    """The part of each row; -1 for one that is in none."""
    method, name = _method(by)
    if len(data) < len(shares):
        raise DataError(
            f"{data.source}: {len(data)} rows are too few for {len(shares)} parts"
        )
    if method in _OF_ENTITIES:
        from jaxbio.data.splits.entities import entity_parts  # few need it

        return entity_parts(data, method, name, shares, seed=seed)
    rng = np.random.default_rng(seed)
    if method == "random":
        return deal(np.zeros(len(data), np.int64), shares, rng)
    if method == "stratified":
        strata = _strata(data)
        part = deal(strata, shares, rng)
        return _with_each_in_first(part, strata, np.arange(len(data)))
    if method == "similarity":
        return _by_similarity(data, name, shares, rng)
    _, codes = np.unique(_group_names(data), return_inverse=True)
    codes = codes.astype(np.int64)
    part = whole_groups(codes, shares, rng, f"{data.source}: groups")
    column = next(iter(data.targets.values()), None)
    if isinstance(column, Category) and not column.per_position:
        return _with_each_in_first(part, _classes(column), codes)
    return part


def _with_each_in_first(
    part: Int64[np.ndarray, "n"],
    strata: Int64[np.ndarray, "n"],
    groups: Int64[np.ndarray, "n"],
) -> Int64[np.ndarray, "n"]:
    """The parts, so that the first has a row of each class: it cannot be learned else.

    Args:
        part: Of each row.
        strata: The class of each row.
        groups: What each row belongs to; it moves with all of that.

    Example:
        >>> part, strata = np.array([0, 1, 1, 2]), np.array([0, 0, 1, 2])
        >>> _with_each_in_first(part, strata, np.arange(4)).tolist()
        [0, 1, 0, 2]
    """
    part = part.copy()
    for each in np.setdiff1d(strata, strata[part == 0]):
        row = int(np.flatnonzero(strata == each)[0])
        own = groups == groups[row]
        if (part == part[row]).sum() > own.sum():  # no part is left empty for it
            part[own] = 0
    return part


def _classes(column: Category) -> Int64[np.ndarray, "n"]:
    """The class of each row as a number."""
    values = np.array([value or "" for value in column.values], dtype=object)
    return np.unique(values.astype(str), return_inverse=True)[1].astype(np.int64)


def _strata(data: Dataset) -> Int64[np.ndarray, "n"]:
    if not data.targets:
        raise DataError(f"{data.source}: a stratified split needs a target")
    name, column = next(iter(data.targets.items()))
    if isinstance(column, Category):
        codes = _classes(column)
    elif isinstance(column, Numeric):
        codes = bins(column.values[:, 0].astype(np.float64))
    elif isinstance(column, TimeToEvent):
        events = column.values[:, 1]
        missing = float(np.nanmax(events, initial=1)) + 1
        codes = np.nan_to_num(events, nan=missing).astype(np.int64)
    else:
        raise DataError(
            f"{data.source}: target {name} has a value a position; use a random, group "
            f"or similarity split"
        )
    if codes.max() + 1 > max(len(data) / 2, 2):
        raise DataError(
            f"{data.source}: target {name} has {codes.max() + 1} classes in "
            f"{len(data)} rows, too many for a stratified split; use a random one"
        )
    return codes


def _group_names(data: Dataset) -> list[str]:
    if data.groups is None:
        raise DataError(
            f"{data.source}: a split by group needs a group for each row; name the "
            f"column that holds them"
        )
    missing = [row for row, group in enumerate(data.groups) if _missing(group)]
    if missing:
        raise DataError(
            f"{data.source}, row {_id(data, missing[0])}: no group ({len(missing)} "
            f"rows without one): fill it in or remove the row"
        )
    return [str(group) for group in data.groups]


def _id(data: Dataset, row: int) -> str:
    return str(row if data.ids is None else data.ids[row])


def _missing(group) -> bool:
    return group is None or group == "" or group != group


def _held_out(
    data: Dataset, held_out: Sequence[Sequence[Hashable]]
) -> Int64[np.ndarray, "n"]:
    names = np.array(_group_names(data))
    known = sorted(set(names.tolist()))
    part = np.zeros(len(data), np.int64)
    taken: set[str] = set()
    for index, wanted in enumerate(held_out, start=1):
        # A bare string would be read letter by letter.
        chosen = [wanted] if isinstance(wanted, str) else [str(name) for name in wanted]
        for name in chosen:
            if name not in known:
                hint = nearest(name, known)
                raise DataError(f"{data.source}: no group {name!r} to hold out: {hint}")
            if name in taken:
                raise DataError(f"group {name!r} is held out twice")
            taken.add(name)
        if not chosen:
            raise DataError(f"no group is held out for part {index + 1}")
        part[np.isin(names, chosen)] = index
    if (part > 0).all():
        raise DataError(
            f"{data.source}: all {len(known)} groups are held out; none is left to "
            f"train on"
        )
    return part


def _by_similarity(
    data: Dataset,
    name: str,
    shares: Num[np.ndarray, "parts"],
    rng: np.random.Generator,
) -> Int64[np.ndarray, "n"]:
    column = _sequence_input(data, name)
    codes = clusters(column)
    sizes = np.bincount(codes)
    largest = int(sizes.max())
    wanted_elsewhere = (1 - shares.max()) * len(data)
    if len(sizes) < len(shares) or len(data) - largest < wanted_elsewhere / 2:
        found = "1 cluster" if len(sizes) == 1 else f"{len(sizes)} clusters"
        raise DataError(
            f"{data.source}: the {len(data)} sequences form {found} by similarity, the "
            f"largest with {largest} rows: near-identical variants cannot be kept "
            f"apart; split at random, or by a group column such as the mutated site"
        )
    return whole_groups(
        codes, shares, rng, f"{data.source}: clusters of similar sequences"
    )


def _sequence_input(data: Dataset, name: str) -> Sequences:
    if name:
        column = data.input(name)
        if not isinstance(column, Sequences):
            raise DataError(
                f"{data.source}: input {name} is {column.kind}; a similarity split "
                f"needs sequences"
            )
        return column
    found = [column for column in data.inputs.values() if isinstance(column, Sequences)]
    if not found:
        raise DataError(
            f"{data.source}: a similarity split needs a sequence input; use random, "
            f"stratified or group"
        )
    return found[0]
