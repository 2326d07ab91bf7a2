"""The parent of mutations, by its letters or a file, and the column of its mutants."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from jaxbio.data.io.frames import Frame, thinned
from jaxbio.data.parent import MUTATIONS, Parent, mutation_column
from jaxbio.data.sequence_files import read_sequences
from jaxbio.data.specs import InputKind
from jaxbio.errors import DataError, option


def parent_of(
    given: Parent | Mapping[str, Any] | str | Path | None,
    first: int,
    inputs: Mapping[str, InputKind | None] | None,
    opened: Callable[[], Iterable[Frame]],
) -> tuple[Parent | None, Mapping[str, InputKind | None] | None]:
    """The parent with the column of its mutations, and the inputs with its kind.

    Args:
        given: The parent, its fields, its letters, or a file with it; None for none.
        first: The number of its first letter in the names of mutations.
        inputs: Kinds by column, `mutations` for what changes the parent.
        opened: Gives the rows, from the start each time.

    Raises:
        DataError: For mutations without a parent, several columns of them, or none.
    """
    named = [name for name, kind in (inputs or {}).items() if kind == MUTATIONS]
    if given is None and not named:
        return None, inputs
    if given is None:
        raise DataError(
            f"column {named[0]} has mutations: of which sequence? Give it, or the file "
            f"in which it stands, as in {option('parent', 'wild.fa')}"
        )
    if len(named) > 1:
        raise DataError(f"{' and '.join(named)} cannot both be mutations of one parent")
    if isinstance(given, Mapping):
        parent = Parent(**given)
    elif isinstance(given, Parent):
        parent = given
    else:
        parent = read_parent(given, first=first)
    if named or not parent.column:
        column = named[0] if named else mutation_column(thinned(opened()), parent)
        parent = dataclasses.replace(parent, column=column)
    if inputs is not None and parent.column in inputs:
        inputs = {**inputs, parent.column: parent.kind}
    return parent, inputs


def read_parent(given: str | Path, *, first: int = 1) -> Parent:
    """The sequence that mutations change.

    Args:
        given: Its letters, or a file with one sequence.
        first: The number of its first letter in the names of mutations.

    Raises:
        DataError: For neither, or a file with several sequences.

    Example:
        >>> read_parent("MAKW").kind
        'protein'
    """
    letters = isinstance(given, str) and given.isalpha() and not Path(given).exists()
    if letters:
        return Parent.of(str(given), first=first)
    found = list(read_sequences(given))
    if len(found) != 1:
        raise DataError(
            f"{given} has {len(found):,} sequences: the parent of mutations is one"
        )
    return Parent.of(found[0][1], first=first, where=str(given))
