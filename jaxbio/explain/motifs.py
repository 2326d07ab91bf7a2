"""Motifs: of the filters of a network, in MEME files, and beside known ones."""

import dataclasses
import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from flax import nnx
from jaxtyping import Float

from jaxbio._atomic import replacing
from jaxbio.alphabet import DNA, RNA, Alphabet
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.sequences import Sequences
from jaxbio.errors import DataError, JaxbioError
from jaxbio.explain.mutagenesis import sequence_input
from jaxbio.nn.tokens import TokenConv
from jaxbio.predict.predictor import Predictor

_SHARE = 0.5  # of the largest activation, from which on a window is a site
_AT_ONCE = 1 << 22  # numbers of activations that are held
_MEME_NAMES = {"dna": "ACGT", "rna": "ACGU", "protein": "ACDEFGHIKLMNPQRSTVWY"}


@dataclasses.dataclass(frozen=True)
class Motif:
    """How often each symbol stands at each place of a pattern.

    Attributes:
        name: What it is called.
        frequencies: `[len symbols]`; each row adds up to 1.
        sites: How many it was counted on; 0 where that is not known.
        alphabet: Whose symbols the columns are.
    """

    name: str
    frequencies: Float[np.ndarray, "len symbols"]
    sites: int = 0
    alphabet: Alphabet = DNA

    @property
    def information(self) -> Float[np.ndarray, "len"]:
        """Bits of each place: how far it is from all symbols alike.

        Example:
            >>> Motif("m", np.array([[1.0, 0, 0, 0], [0.25] * 4])).information.tolist()
            [2.0, 0.0]
        """
        p = np.maximum(self.frequencies, 1e-12)
        return np.log2(p.shape[1]) + (self.frequencies * np.log2(p)).sum(axis=1)

    @property
    def consensus(self) -> str:
        """The most frequent symbol of each place; in lower case where below half."""
        symbols = self.alphabet.spelt
        return "".join(
            symbols[row.argmax()] if row.max() >= 0.5 else symbols[row.argmax()].lower()
            for row in self.frequencies
        )


def motif_of_sites(name: str, sites: Sequence[np.ndarray], alphabet: Alphabet) -> Motif:
    """The motif of windows of one length.

    Args:
        name: What it is called.
        sites: Codes of each; other letters than symbols count for all alike.
        alphabet: What the codes mean.

    Example:
        >>> motif_of_sites("m", [DNA.encode("AC"), DNA.encode("AG")], DNA).consensus
        'AC'
    """
    table = alphabet.profile[np.stack(sites)].sum(axis=0).astype(np.float64)
    total = np.maximum(table.sum(axis=1, keepdims=True), 1e-9)
    return Motif(name, table / total, len(sites), alphabet)


def filter_motifs(predictor: Predictor, data: Any) -> list[Motif]:
    """What the filters of the first convolution over a sequence look for.

    A window of the sequences counts for a filter where its activation is more than half
    of the largest one there is (Alipanahi et al. 2015; Kelley et al. 2016). Filters
    that no window activates have no motif.

    Args:
        predictor: A network whose only input is a sequence.
        data: Sequences, best some hundreds or more.

    Raises:
        DataError: For a network without such convolutions, or with other inputs.

    Example:
        >>> import jaxbio as jb
        >>> texts = ["ACGTACGTAC", "ACGAACGAAC"] * 20
        >>> rows = jb.data.Sequences.from_strings(texts, jb.DNA)
        >>> kinds = jb.data.Category.from_values(["a", "b"] * 20)
        >>> data = jb.Dataset({"seq": rows}, {"kind": kinds})
        >>> encoder = jb.CNN(channels=(2,), kernel_sizes=(3,))
        >>> run = jb.fit(encoder, None, data, epochs=1, members=1, batch_size=8)
        >>> {len(motif.consensus) for motif in filter_motifs(run.predictor, texts)}
        {3}
    """
    name = sequence_input(predictor.schema.inputs).name
    column = plain(predictor.dataset(data).input(name))
    assert isinstance(column, Sequences)  # as the predictor took them
    found = []
    for member, values in enumerate(predictor.members, 1):
        for part, layer in _convolutions(predictor.network(values)):
            kernel = np.asarray(layer.project.kernel[...], np.float64)
            kernel = kernel.reshape(layer.kernel_size, column.alphabet.size, -1)
            lead = f"network{member}" + (f"_{part}" if part else "")
            found += _of_filters(kernel, column, lead)
    if not found:
        raise DataError(
            "the model has no convolution over the letters of a sequence, or none that "
            "any of these activates: contributions of positions have seqlets"
        )
    return found


def _convolutions(network: Any) -> Iterator[tuple[str, TokenConv]]:
    """First convolutions of a network, with the name of the part of a mixture."""
    for path, node in nnx.iter_graph(network):
        if isinstance(node, TokenConv):
            names = [str(x) for x in path]
            yield names[names.index("parts") + 1] if "parts" in names else "", node


def _of_filters(
    kernel: Float[np.ndarray, "taps symbols filters"], column: Sequences, lead: str
) -> list[Motif]:
    taps, _, filters = kernel.shape
    alphabet = column.alphabet
    starts = _starts(column, taps)
    if not len(starts):
        return []
    each = max(_AT_ONCE // (taps * filters), 1)
    scores = np.empty((len(starts), filters), np.float32)
    flat = kernel.reshape(-1, filters)
    for begin in range(0, len(starts), each):
        some = starts[begin : begin + each, None] + np.arange(taps)
        windows = alphabet.profile[column.codes[some]].reshape(len(some), -1)
        scores[begin : begin + each] = windows @ flat
    found = []
    for at in range(filters):
        most = scores[:, at].max()
        # An activation is counted from the mean, as the bias is any.
        rise = scores[:, at] - scores[:, at].mean()
        where = np.flatnonzero(rise > _SHARE * (most - scores[:, at].mean()))
        if most <= scores[:, at].min() or not len(where):
            continue
        sites = column.codes[starts[where][:, None] + np.arange(taps)]
        found.append(motif_of_sites(f"{lead}_filter{at + 1}", list(sites), alphabet))
    return found


def _starts(column: Sequences, taps: int) -> np.ndarray:
    """The first position of each window that lies within a sequence."""
    parts = [
        np.arange(begin, end - taps + 1)
        for begin, end in zip(column.offsets[:-1], column.offsets[1:], strict=True)
        if end - begin >= taps
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def write_meme(motifs: Sequence[Motif], path: str | Path) -> None:
    """Write motifs in the minimal format of the MEME suite.

    Args:
        motifs: Of one alphabet: DNA, RNA or protein.
        path: The file.

    Raises:
        JaxbioError: For no motifs, or other alphabets.
    """
    if not motifs:
        raise JaxbioError("no motifs to write")
    alphabet = motifs[0].alphabet
    symbols = _MEME_NAMES.get(alphabet.name)
    if symbols is None:
        raise JaxbioError(f"MEME files have no alphabet {alphabet.name}")
    order = [alphabet.spelt.index(symbol) for symbol in symbols]
    even = " ".join(f"{x} {1 / len(symbols):.4f}" for x in symbols)
    lines = ["MEME version 4", "", f"ALPHABET= {symbols}", ""]
    if alphabet.name == "dna":
        lines += ["strands: + -", ""]
    lines += ["Background letter frequencies", even, ""]
    for motif in motifs:
        sites = motif.sites or 20  # what the suite assumes where it is not known
        size = f"alength= {len(symbols)} w= {len(motif.frequencies)}"
        lines += [
            f"MOTIF {motif.name}",
            f"letter-probability matrix: {size} nsites= {sites} E= 0",
            *(" ".join(f"{x:.6f}" for x in row) for row in motif.frequencies[:, order]),
            "",
        ]
    with replacing(path) as temporary:
        temporary.write_text("\n".join(lines))


def read_motifs(path: str | Path, alphabet: Alphabet = DNA) -> list[Motif]:
    """Read motifs of a MEME file, or of one of JASPAR.

    Args:
        path: The file.
        alphabet: Of the motifs.

    Raises:
        DataError: For a file that holds none, or of another alphabet.
    """
    text = Path(path).read_text(encoding="utf-8", errors="replace")
    found = _of_meme(text, path, alphabet) if "MEME version" in text else (
        _of_jaspar(path, alphabet)
    )  # fmt: skip
    if not found:
        raise DataError(f"{path}: no motif in it: files of MEME and JASPAR are read")
    return found


def _of_meme(text: str, path: str | Path, alphabet: Alphabet) -> list[Motif]:
    found: list[Motif] = []
    symbols, name, rows, wanted, sites = "", "", [], 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if line.startswith("ALPHABET="):
            symbols = words[-1] if len(words) > 1 else line.partition("=")[2].strip()
        elif words[:1] == ["MOTIF"]:
            name = "_".join(words[1:3]) if len(words) > 2 else words[1]
        elif line.startswith("letter-probability matrix"):
            fields = line.replace("= ", "=").split()
            values = dict(x.split("=", 1) for x in fields if "=" in x)
            wanted, rows = int(values.get("w", 0)), []
            sites = int(float(values.get("nsites", 0)))
        elif wanted and words:
            try:
                rows.append([float(x) for x in words])
            except ValueError:
                raise DataError(
                    f"{path}, line {number}: {line.strip()[:40]!r} where a row of "
                    f"numbers of motif {name} is expected"
                ) from None
            if len(rows) == wanted:
                wanted = 0
                found.append(_ordered(name, rows, symbols, sites, path, alphabet))
    return found


def _of_jaspar(path: str | Path, alphabet: Alphabet) -> list[Motif]:
    from Bio import motifs  # slow to import

    with Path(path).open() as handle:
        try:
            parsed = list(motifs.parse(handle, "jaspar"))
        except Exception as error:
            raise DataError(f"{path} is no file of MEME or JASPAR: {error}") from None
    found = []
    for each in parsed:
        table = np.array([each.counts[x] for x in "ACGT"], np.float64).T
        name = "_".join(x for x in (each.matrix_id, each.name) if x)
        sites = int(table.sum(axis=1).max())
        table /= np.maximum(table.sum(axis=1, keepdims=True), 1e-9)
        found.append(_ordered(name, table.tolist(), "ACGT", sites, path, alphabet))
    return found


def _ordered(
    name: str,
    rows: list[list[float]],
    symbols: str,
    sites: int,
    path: str | Path,
    alphabet: Alphabet,
) -> Motif:
    table = np.array(rows, np.float64)
    own = alphabet.spelt[: alphabet.size]
    symbols = symbols or (_MEME_NAMES["dna"] if table.shape[1] == 4 else "")
    if alphabet is RNA:
        symbols = symbols.replace("T", "U")
    if len(symbols) != table.shape[1] or not set(symbols) <= set(own):
        raise DataError(
            f"{path}: motif {name} is of the alphabet {symbols or '?'}, the sequences "
            f"are {alphabet.name}"
        )
    placed = np.zeros((len(table), alphabet.size))
    placed[:, [own.index(symbol) for symbol in symbols]] = table
    total = np.maximum(placed.sum(axis=1, keepdims=True), 1e-9)
    return Motif(name, placed / total, sites, alphabet)


@dataclasses.dataclass(frozen=True)
class Match:
    """The nearest known motif.

    Attributes:
        name: Of the known motif.
        p: The chance of such a match.
        strand: `+` or `-`.
    """

    name: str
    p: float
    strand: str


def compare_motifs(motifs: Sequence[Motif], known: Sequence[Motif]) -> list[Match]:
    """The nearest of some known motifs of DNA to each motif, by TOMTOM.

    Args:
        motifs: Those that are compared.
        known: Those that they are compared with; p values need 25 or more.

    Raises:
        JaxbioError: Without the library memelite.

    Source:
        Gupta et al. 2007, Quantifying similarity between motifs, Genome Biology 8:R24.
    """
    try:
        tomtom = importlib.import_module("memelite").tomtom
    except ImportError:
        raise JaxbioError(
            "motifs are compared by memelite: pip install memelite"
        ) from None
    p, _, _, _, strands = tomtom(
        [motif.frequencies.T for motif in motifs],
        [motif.frequencies.T for motif in known],
        n_jobs=1,
    )
    p, strands = np.asarray(p), np.asarray(strands)
    best = p.argmin(axis=1)
    return [
        Match(known[at].name, float(p[row, at]), "+-"[int(strands[row, at])])
        for row, at in enumerate(best.tolist())
    ]


def has_meme_alphabet(alphabet: Alphabet) -> bool:
    """Check that motifs of an alphabet can be written as MEME files.

    Example:
        >>> has_meme_alphabet(DNA)
        True
    """
    return alphabet.name in _MEME_NAMES
