"""Genes of one file found among those of another, by name."""

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64

from jaxbio.data.expression.table import quoted
from jaxbio.errors import DataError

# Which of these patterns the names follow; what follows none is a symbol.
_KINDS = {
    "Ensembl gene identifiers": r"ENS[A-Z]{0,4}G\d{11}(?:\.\d+)?",
    "Ensembl transcript identifiers": r"ENS[A-Z]{0,4}T\d{11}(?:\.\d+)?",
    "Entrez gene numbers": r"(?:ENTREZ:?|GENE(?:ID)?:)?\d+",
    "RefSeq identifiers": r"[NX][MR]_\d+(?:\.\d+)?",
    "Affymetrix probes": r"\S+_at",
}
_PATTERNS = {kind: re.compile(text, re.IGNORECASE) for kind, text in _KINDS.items()}
SYMBOLS = "gene symbols"
_VERSION = re.compile(r"((?:ENS[A-Z]{0,4}[GTP]\d{11})|(?:[NX][MRP]_\d+))\.\d+", re.I)
_LOOKED_AT = 2000


def gene_kind(names: Sequence[str]) -> str:
    """Kind of identifiers that most of the names are.

    Args:
        names: Names of genes.

    Returns:
        `Ensembl gene identifiers`, `Ensembl transcript identifiers`, `Entrez gene
        numbers`, `RefSeq identifiers`, `Affymetrix probes`, or else `gene symbols`.

    Example:
        >>> gene_kind(["ENSG00000141510.18", "ENSMUSG00000059552"])
        'Ensembl gene identifiers'
        >>> gene_kind(["TP53", "Myc", "7157"])
        'gene symbols'
    """
    step = max(1, len(names) // _LOOKED_AT)
    kinds = Counter(
        next((kind for kind, p in _PATTERNS.items() if p.fullmatch(name)), SYMBOLS)
        for name in map(str.strip, names[::step])
    )
    return kinds.most_common(1)[0][0] if kinds else SYMBOLS


@dataclasses.dataclass(frozen=True)
class Match:
    """Places of the wanted genes among those at hand.

    Attributes:
        positions: For each wanted gene its column in the file, or -1.
        missing: The wanted genes that the file lacks.
        unknown: The genes of the file that nobody wants.
        respelt: How many were found only under another case.
        have_kind: What kind of identifiers the file has.
        want_kind: What kind of identifiers are wanted.
    """

    positions: Int64[np.ndarray, "want"]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    respelt: int
    have_kind: str
    want_kind: str

    @property
    def present(self) -> Bool[np.ndarray, "want"]:
        """Mask of the wanted genes that the file has."""
        return self.positions >= 0

    @property
    def share(self) -> float:
        """The share of the wanted genes that the file has."""
        return float(self.present.mean()) if len(self.positions) else 1.0

    @property
    def summary(self) -> str:
        """A sentence on what was found."""
        want, count = len(self.positions), int(self.present.sum())
        text = f"{count:,} of {want:,} genes found ({_percent(self.share)})"
        if self.missing:
            text += f", {len(self.missing):,} missing ({quoted(self.missing)})"
        if self.unknown:
            text += f", {len(self.unknown):,} unknown ({quoted(self.unknown)})"
        if self.respelt:
            text += (
                f"; {self.respelt:,} only under another case, as between human and "
                f"mouse symbols"
            )
        return text

    def check(self, *, least: float = 0.5, source: str = "the file") -> None:
        """Refuse a file that has too few of the wanted genes.

        Args:
            least: The smallest share of them that will do.
            source: What messages call the file.

        Raises:
            DataError: If there are fewer; it says whether the identifiers are of
                another kind.

        Example:
            >>> match_genes(["7157", "4609"], ["TP53", "MYC"]).check(source="x.csv")
            Traceback (most recent call last):
            jaxbio.errors.DataError: x.csv has Entrez gene numbers ('7157', '4609'), ...
        """
        if self.share >= least and self.present.any():
            return
        if self.have_kind != self.want_kind:
            raise DataError(
                f"{source} has {self.have_kind} ({quoted(self.unknown)}), the model "
                f"{self.want_kind} ({quoted(self.missing)}): convert them; "
                f"{self.summary}"
            )
        raise DataError(
            f"{source}: {self.summary}; at least {_percent(least)} are needed: check "
            f"that species and names of genes are those of the training data"
        )


def _percent(share: float) -> str:
    # 99.97 % is not all of them.
    text = f"{100 * share:.1f}".removesuffix(".0")
    return f"{'99.9' if text == '100' and share < 1 else text} %"


def match_genes(have: Sequence[str], want: Sequence[str]) -> Match:
    """Find genes by name.

    A name is first looked for as it is, then without the version of its identifier
    (`ENSG00000141510.18`), then in any case. A name that fits several genes at one of
    these steps is not found there.

    Args:
        have: The names of the columns of a file, each once.
        want: The names that a model knows, each once.

    Returns:
        The column of each wanted gene, and what is missing and unknown.

    Example:
        >>> match = match_genes(["tp53", "MYC", "LINC01"], ["MYC", "TP53", "KRAS"])
        >>> match.positions.tolist(), match.missing, match.unknown
        ([1, 0, -1], ('KRAS',), ('LINC01',))
        >>> match.summary
        "2 of 3 genes found (66.7 %), 1 missing ('KRAS'), 1 unknown ('LINC01'); ..."
    """
    positions = np.full(len(want), -1, np.int64)
    used = np.zeros(len(have), bool)
    respelt = 0
    for spell in (str.strip, _plain, _folded):
        open_want = np.flatnonzero(positions < 0).tolist()
        open_have = np.flatnonzero(~used).tolist()
        columns = _unique([spell(have[at]) for at in open_have], open_have)
        places = _unique([spell(want[at]) for at in open_want], open_want)
        for name, at in places.items():
            column = columns.get(name, -1)
            if at >= 0 and column >= 0:
                positions[at], used[column] = column, True
                respelt += spell is _folded
    missing = tuple(want[at] for at in np.flatnonzero(positions < 0).tolist())
    unknown = tuple(have[at] for at in np.flatnonzero(~used).tolist())
    kinds = gene_kind(have), gene_kind(want)
    return Match(positions, missing, unknown, respelt, *kinds)


def _plain(name: str) -> str:
    name = name.strip()
    versioned = _VERSION.fullmatch(name)
    return versioned[1] if versioned else name


def _folded(name: str) -> str:
    return _plain(name).casefold()


def _unique(names: list[str], places: list[int]) -> dict[str, int]:
    """The place of each name, -1 for one that occurs more than once."""
    index: dict[str, int] = {}
    for name, at in zip(names, places, strict=True):
        index[name] = -1 if name in index else at
    return index


def take_genes(values: Any, match: Match) -> Any:
    """The wanted columns of a matrix, in the wanted order.

    Args:
        values: `scipy.sparse.csr_matrix` or dense `[cells have]`.
        match: Where they stand.

    Returns:
        `[cells want]`, as sparse as `values`. A missing gene is NaN if dense; sparse it
        has no entries, and `match.present` tells it from one that is 0.

    Example:
        >>> match = match_genes(["MYC", "TP53"], ["TP53", "KRAS"])
        >>> take_genes(np.array([[1, 2]], np.float32), match).tolist()
        [[2.0, nan]]
    """
    if isinstance(values, np.ndarray):
        result = np.full((len(values), len(match.positions)), np.nan, np.float32)
        result[:, match.present] = values[:, match.positions[match.present]]
        return result
    from scipy import sparse

    part = values[:, match.positions[match.present]]
    columns = np.flatnonzero(match.present).astype(part.indices.dtype)
    result = sparse.csr_matrix(
        (part.data, columns[part.indices], part.indptr),
        shape=(values.shape[0], len(match.positions)),
    )
    result.sort_indices()
    return result
