"""The kinds of inputs and targets, as people write them, and the types they name."""

from collections.abc import Callable, Mapping
from typing import Any

from jaxbio.data.columns.base import Column
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.code_lists import CodeLists
from jaxbio.data.columns.competing_events import CompetingEvents
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.descriptors import Descriptors
from jaxbio.data.columns.fingerprints import Fingerprints
from jaxbio.data.columns.fragments import Fragments
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.label_lists import LabelLists
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.ordinal import Ordinal
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.time_to_event import TimeToEvent
from jaxbio.data.columns.track import Track
from jaxbio.data.columns.words import Words
from jaxbio.data.specs import InputKind, InputSpec
from jaxbio.errors import DataError, nearest
from jaxbio.plugins import load_plugins, register

for _type in (
    *(Sequences, Numeric, LabelLists, CodeLists, Category, Ordinal, Images),
    *(SparseCounts, Fingerprints, Track, Words, Fragments, Descriptors),
    *(TimeToEvent, CompetingEvents),
):
    register(_type)


def column_type(kind: InputKind) -> type[Column]:
    """The type of column that an input kind names.

    Raises:
        DataError: For a kind that is not known.

    Example:
        >>> column_type("dna").name, column_type(("age", "weight")).name
        ('sequence', 'numeric')
    """
    found = _first(lambda column: bool(column.spec) and column.accepts(kind))
    if found is None:
        types = [column for _, column in Column.registry.items() if column.spec]
        known = [text for column in types for text in column.kinds or (column.name,)]
        raise DataError(f"no input kind {kind!r}: {nearest(str(kind), known)}")
    return found


def target_kinds() -> list[str]:
    """The kinds of targets: those that `read` takes.

    Of `labels`, zeros and ones, several may hold; those of `positions_…` have one class
    (a letter) or number a position.

    Example:
        >>> target_kinds()[:3]
        ['number', 'count', 'labels']
    """
    types = (column for _, column in Column.registry.items())
    return [kind for column in types for kind in column.target_kinds]


def target_type(name: str, kind: str) -> type[Column]:
    """The type of column that a target kind names.

    Args:
        name: The target, for messages.
        kind: The kind.

    Raises:
        DataError: For a kind that is not known.
    """
    found = _first(lambda column: kind in column.target_kinds)
    if found is None:
        hint = nearest(kind, target_kinds())
        raise DataError(f"target {name}: no target kind {kind!r}: {hint}")
    return found


def kinds_of_arrays(arrays: Mapping[str, Any]) -> dict[str, InputKind]:
    """The kinds of the arrays of a file that are no text, by name."""
    types = [column for _, column in Column.registry.items()]
    return {
        name: column.name
        for name, array in arrays.items()
        for column in types
        if column.holds(array)
    }


def spec_type(spec: InputSpec) -> str:
    """The name of the type of column of which a specification was learned.

    Example:
        >>> from jaxbio.data.columns.images import ImageSpec
        >>> spec_type(ImageSpec("scan", "image"))
        'image'
    """
    types = Column.registry.items()
    return next(name for name, column in types if column.spec is type(spec))


def _first(test: Callable[[type[Column]], bool]) -> type[Column] | None:
    """The first type that passes a test; installed plugins are asked last."""
    for load in (lambda: None, load_plugins):
        load()
        for _, column in Column.registry.items():
            if test(column):
                return column
    return None
