"""The kinds of inputs and targets, as people write them."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from jaxbio.alphabet import ALPHABETS, Alphabet
from jaxbio.data.io.frames import Frame
from jaxbio.errors import DataError, nearest

InputKind = str | Alphabet | Sequence[str]
"""Kind of an input: `dna`, `rna`, `protein`, `smiles`, `numeric`, `category`, `image`
(`image=28x28x1` to bring all to that height, width and channels), `counts` of genes,
`morgan` for the fingerprints of molecules in a column of SMILES,
`symbols=HPX` for an alphabet of one's own, an `Alphabet`, or a list of columns that
make one numeric vector."""

TARGET_KINDS = (
    "number",
    "count",
    "class",
    "labels",
    "positions_class",
    "positions_number",
)
"""Kind of a target; `labels` are zeros and ones of which several may hold, the last
two have one class (a letter) or number a position."""

_OWN = "symbols="
_SIZED = "image="
MORGAN = "morgan"
_PLAIN = ("numeric", "category", "image", "counts", MORGAN)


def image_size(kind: str) -> tuple[tuple[int, int] | None, int | None]:
    """The height and width, and the channels, to which images are brought.

    Raises:
        DataError: For a size that is none.

    Example:
        >>> image_size("image"), image_size("image=28x28"), image_size("image=8x9x1")
        ((None, None), ((28, 28), None), ((8, 9), 1))
    """
    if kind == "image":
        return None, None
    parts = kind.removeprefix(_SIZED).split("x")
    if len(parts) not in (2, 3) or not all(part.isdigit() for part in parts):
        raise DataError(
            f"input kind {kind!r}: write image=HEIGHTxWIDTH or "
            f"image=HEIGHTxWIDTHxCHANNELS, for example image=64x64x3"
        )
    height, width, *channels = map(int, parts)
    return (height, width), channels[0] if channels else None


def is_molecules(kind: InputKind) -> bool:
    """Check that a column has to hold molecules, as SMILES.

    Example:
        >>> is_molecules("smiles"), is_molecules("morgan"), is_molecules("dna")
        (True, True, False)
    """
    alphabet = alphabet_of(kind)
    return kind == MORGAN or (alphabet is not None and alphabet.name == "smiles")


def is_image(kind: InputKind) -> bool:
    """Check that an input kind is that of images."""
    return isinstance(kind, str) and (kind == "image" or kind.startswith(_SIZED))


def alphabet_of(kind: InputKind) -> Alphabet | None:
    """The alphabet of an input kind; None for numbers and categories.

    Raises:
        DataError: For a kind that is not known.

    Example:
        >>> alphabet_of("dna").name, alphabet_of("symbols=HPX").symbols
        ('dna', 'HPX')
    """
    if isinstance(kind, Alphabet):
        return kind
    if not isinstance(kind, str) or kind in _PLAIN or kind.startswith(_SIZED):
        return None
    if kind.startswith(_OWN):
        return Alphabet(kind, kind.removeprefix(_OWN))
    if kind not in ALPHABETS:
        kinds = [*ALPHABETS, *_PLAIN, "symbols=…"]
        raise DataError(f"no input kind {kind!r}: {nearest(kind, kinds)}")
    return ALPHABETS[kind]


def vector_columns(kind: InputKind) -> tuple[str, ...]:
    """The columns that an input kind lists; empty if it is not a list of columns."""
    return () if isinstance(kind, str | Alphabet) else tuple(kind)


def is_pattern(name: str) -> bool:
    """Check that a name has glob characters, as `gene_*` has."""
    return any(mark in name for mark in "*?[")


def matching(
    frame: Frame, name: str, used: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """The columns that a name or glob stands for.

    Args:
        frame: The rows.
        name: A column, an array of an npz file, or a glob such as `gene_*`.
        used: Columns that a glob leaves out, because they are used otherwise.

    Raises:
        DataError: If there are none.

    Example:
        >>> import pandas as pd
        >>> frame = Frame.from_table(pd.DataFrame({"g_1": [0], "g_2": [0], "y": [1]}))
        >>> matching(frame, "g_*")
        ('g_1', 'g_2')
    """
    columns = list(frame.columns)
    if name in columns:
        return (name,)
    if name in frame.vectors:
        return frame.vectors[name]
    if not is_pattern(name):
        frame.column(name)  # says that there is none and which is nearest
    matches = [c for c in columns if fnmatchcase(c, name) and c not in used]
    if not matches:
        raise DataError(
            f"{frame.source}: no column matches {name!r}: {nearest(name, columns)}"
        )
    return tuple(matches)


def check_target_kinds(targets: Mapping[str, str]) -> None:
    """Refuse a target kind that is not known."""
    for name, kind in targets.items():
        if kind not in TARGET_KINDS:
            raise DataError(
                f"target {name}: no target kind {kind!r}: {nearest(kind, TARGET_KINDS)}"
            )
