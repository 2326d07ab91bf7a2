"""Hidden symbols of the genes of E. coli, and mutations planted in them.

    python -m benchmarks.accuracy.masked             trains, scores and detects
    python -m benchmarks.accuracy.masked --table     the table of the results
    python -m benchmarks.accuracy.masked --write     into the documentation

A network learns from protein-coding genes of E. coli K-12 MG1655, without labels, with
what `jaxbio pretrain` chooses by itself: a bidirectional LSTM. Genes are held out by
similarity: 80 % to learn from, 10 % decide when to stop, 10 % are scored once. Every
base of these is hidden in one of eight passes. Beside it stand what needs no network,
fitted to the same training genes: frequencies of bases, a Markov chain of order 5 by
the bases before, the same chain by those on both sides, and codon usage, which is told
the reading frame. These see all other bases.

For detection, reads of 300 bases of the held-out genes get one substitution each,
synonymous, missense or nonsense. The score of a place is the log-probability of the
likeliest base less that of the one that stands there; the AUROC is that of the planted
places against all other places of the same reads. Intervals draw genes anew.

The genome (U00096.2) is looked for in the folder that the environment variable
`JAXBIO_DATA` names, as genomics/genome_ecoli_k12/. A line of JSON each goes to
`benchmarks/results/masked.jsonl`.
"""

import argparse
import dataclasses
import gzip
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import jax
import numpy as np
from scipy.stats import rankdata

import jaxbio as jb
from benchmarks.accuracy.progress import Told
from benchmarks.report import keep, read, write
from jaxbio.baselines.symbols import SymbolChain
from jaxbio.data import Dataset, Sequences
from jaxbio.data.batching.layouts import Ragged
from jaxbio.data.cut import cut_windows
from jaxbio.predict.detection import surprises
from jaxbio.predict.symbols import symbol_model

RESULTS = Path(__file__).parents[1] / "results" / "masked.jsonl"
PAGE = RESULTS.parents[2] / "docs" / "benchmarks" / "sequences.md"
MARKS = ("<!-- masked -->", "<!-- /masked -->")
RUNS = Path(__file__).parent / "runs"
LENGTH = 300
"""Bases of a read."""

READS = 4
"""Reads of a gene and kind of mutation, at most."""

_STARTS = ("ATG", "GTG", "TTG", "CTG")
_AMINO = "KNKNTTTTRSRSIIMIQHQHPPPPRRRRLLLLEDEDAAAAGGGGVVVV*Y*YSSSS*CWCLFLF"
CODE = {
    a + b + c: _AMINO[16 * i + 4 * j + k]
    for i, a in enumerate("ACGT")
    for j, b in enumerate("ACGT")
    for k, c in enumerate("ACGT")
}
"""The genetic code of bacteria."""

KINDS = ("synonymous", "missense", "nonsense")
_DRAWS = 200


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, score and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--genes", type=int, help="only so many, for a trial")
    parser.add_argument("--table", action="store_true", help="print the table only")
    parser.add_argument("--write", action="store_true", help="into the documentation")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    if not (options.table or options.write):
        for line in lines(options):
            print(json.dumps(line), flush=True)
            keep(line, options.results)
    print(table(options.results))
    if options.write:
        write(PAGE, table(options.results), MARKS)
    return 0


def lines(options: argparse.Namespace) -> Iterator[dict]:
    """A line for the perplexity of held-out genes, and for each kind of mutation."""
    data = genes(options.genes)
    train, valid, test = jb.split(data, by="similarity", seed=options.seed)
    began = time.perf_counter()
    name = f"masked-{options.genes or 'all'}-{options.seed}"
    run = jb.fit(
        jb.Masked(),
        None,
        cut_windows(train),
        cut_windows(valid),
        out=RUNS / name,
        resume=True,
        seed=options.seed,
        callbacks=[Told("masked")],
    )
    about = {
        "seed": options.seed,
        "epochs": sum(r["epoch"] > 0 for r in run.history[0]),
        "train_genes": len(train),
        "test_genes": len(test),
        "minutes": round((time.perf_counter() - began) / 60, 1),
        "jax": jax.__version__,
        "device": jax.devices()[0].platform,
    }
    tellers = Tellers.fitted(run, train)
    for part, rows in (("valid", valid), ("test", test)):
        texts = texts_of(rows)
        tables = tellers(texts, [0] * len(texts))
        scores = {name: perplexity(each, texts) for name, each in tables.items()}
        yield {"set": "ecoli genes", "metric": f"{part} perplexity", **about, **scores}
    for kind in KINDS:
        reads, places, frames, owners = planted(texts_of(test), kind, options.seed)
        tables = tellers(reads, frames)
        scores = {
            name: auroc(each, reads, places, owners) for name, each in tables.items()
        }
        found = {"reads": len(reads), **about, **scores}
        yield {"set": "ecoli genes", "metric": f"{kind} auroc", **found}


# ---- genes


def genes(limit: int | None = None) -> Dataset:
    """The protein-coding genes, in the direction in which they are read."""
    folder = Path(os.environ["JAXBIO_DATA"]) / "genomics" / "genome_ecoli_k12"
    with gzip.open(folder / "U00096.2.fa.gz", "rt") as file:
        genome = "".join(line.strip() for line in file if not line.startswith(">"))
    names, texts = [], []
    for line in (folder / "U00096.2_genes.bed").read_text().splitlines():
        _, start, end, name, _, strand, *_ = line.split("\t")
        text = genome[int(start) : int(end)]
        if strand == "-":
            text = text[::-1].translate(str.maketrans("ACGT", "TGCA"))
        if is_coding(text):
            names.append(name)
            texts.append(text)
    column = Sequences.from_strings(texts[:limit], jb.DNA)
    return Dataset({"dna": column}, ids=np.array(names[:limit], object))


def is_coding(text: str) -> bool:
    """Check that a gene is read from a start to its first stop.

    Example:
        >>> is_coding("ATG" + "AAA" * 30 + "TAA"), is_coding("ATGTAA" * 20)
        (True, False)
    """
    codons = [text[at : at + 3] for at in range(0, len(text), 3)]
    stops = [CODE.get(codon) == "*" for codon in codons]
    whole = len(text) % 3 == 0 and len(text) >= 90
    return whole and codons[0] in _STARTS and stops[-1] and not any(stops[:-1])


def texts_of(rows: Dataset) -> list[str]:
    """The sequences as text."""
    return rows.inputs["dna"].strings()


# ---- what tells a base by the others


@dataclasses.dataclass(frozen=True)
class Tellers:
    """What gives the log-probability of each base at each place, by the others.

    Attributes:
        model: The network.
        chain: A Markov chain of order 5.
        usage: The share of each codon.
    """

    model: object
    chain: SymbolChain
    usage: np.ndarray

    @classmethod
    def fitted(cls, run: jb.Run, train: Dataset) -> "Tellers":
        """The network of a run, and the others fitted to the same genes."""
        rows = ragged(texts_of(train))
        chain = SymbolChain.fit(rows, symbols=4, order=5)
        codons = rows.values.reshape(-1, 3).astype(np.int64)  # genes are whole codons
        usage = np.ones((4, 4, 4))
        np.add.at(usage, tuple(codons.T), 1)
        return cls(symbol_model(run), chain, usage / usage.sum())

    def __call__(
        self, texts: Sequence[str], frames: Sequence[int]
    ) -> dict[str, np.ndarray]:
        """Tables `[places 4]` over all places of all texts, by name.

        Args:
            texts: Sequences of bases.
            frames: The place of the first whole codon of each.
        """
        rows = ragged(texts)
        places = np.arange(len(rows.values))
        return {
            "LSTM": surprises(self.model, texts).log_probabilities,
            "frequencies": self.chain.cut(0).given_before(rows, places),
            "Markov": self.chain.given_before(rows, places),
            "Markov, both sides": self.chain.given_rest(rows, places),
            "codon usage": self._by_codons(rows, frames),
        }

    def _by_codons(self, rows: Ragged, frames: Sequence[int]) -> np.ndarray:
        """By the other bases of its codon; of one that is cut off, of all such."""
        lengths, starts = rows.lengths, rows.offsets[:-1]
        owner = np.repeat(np.arange(len(lengths)), lengths)
        at = np.arange(len(rows.values)) - starts[owner]
        slot = (at - np.asarray(frames)[owner]) % 3
        found = np.empty((len(at), 4))
        for place in range(3):
            here = np.flatnonzero(slot == place)
            whole = (at[here] >= place) & (at[here] + 2 - place < lengths[owner[here]])
            codons = np.moveaxis(self.usage, place, -1)
            found[here] = codons.sum(axis=(0, 1))
            inside = here[whole]
            others = [inside + step - place for step in range(3) if step != place]
            found[inside] = codons[tuple(rows.values[x] for x in others)]
        return np.log(found / found.sum(axis=1, keepdims=True))


def ragged(texts: Sequence[str]) -> Ragged:
    """The codes of texts."""
    codes, offsets = jb.DNA.encode_rows(texts)
    return Ragged(codes, offsets, jb.DNA.pad)


# ---- scores


def perplexity(table: np.ndarray, texts: Sequence[str]) -> dict[str, float | list]:
    """The perplexity of all bases, with an interval over genes, and the accuracy."""
    rows = ragged(texts)
    codes = rows.values.astype(np.int64)
    surprise = -table[np.arange(len(codes)), codes]
    sums = np.add.reduceat(surprise, rows.offsets[:-1])
    draws = np.random.default_rng(0).integers(0, len(sums), (_DRAWS, len(sums)))
    means = sums[draws].sum(axis=1) / rows.lengths[draws].sum(axis=1)
    return {
        "score": round(float(np.exp(surprise.mean())), 4),
        "interval": np.exp(np.quantile(means, (0.025, 0.975))).round(4).tolist(),
        "accuracy": round(float((table.argmax(axis=1) == codes).mean()), 4),
    }


def planted(
    texts: Sequence[str], kind: str, seed: int
) -> tuple[list[str], list[int], list[int], list[int]]:
    """Reads of genes with a substitution of a kind in each.

    Returns:
        The reads, the place of the substitution, that of the first whole codon, and the
        number of the gene.
    """
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    reads, places, frames, owners = [], [], [], []
    for owner, text in enumerate(texts):
        for _ in range(READS):
            start = int(rng.integers(0, max(len(text) - LENGTH, 0) + 1))
            read = text[start : start + LENGTH]
            frame = -start % 3
            choices = [
                (at, base)
                for at in range(frame, len(read) - (len(read) - frame) % 3)
                for base in "ACGT"
                if kind_of(read, at, base, frame) == kind
            ]
            if choices:
                at, base = choices[rng.integers(len(choices))]
                reads.append(read[:at] + base + read[at + 1 :])
                places.append(at)
                frames.append(frame)
                owners.append(owner)
    return reads, places, frames, owners


def kind_of(read: str, at: int, base: str, frame: int) -> str:
    """What a substitution does to the protein; empty for none, and in stop codons.

    Example:
        >>> kind_of("AAATAC", 2, "G", 0), kind_of("AAATAC", 5, "A", 0)
        ('synonymous', 'nonsense')
    """
    start = at - (at - frame) % 3
    before = read[start : start + 3]
    after = read[start:at] + base + read[at + 1 : start + 3]
    if before == after or CODE[before] == "*":
        return ""
    if CODE[before] == CODE[after]:
        return "synonymous"
    return "nonsense" if CODE[after] == "*" else "missense"


def auroc(
    table: np.ndarray,
    reads: Sequence[str],
    places: Sequence[int],
    owners: Sequence[int],
) -> dict[str, float | list]:
    """How well planted places stand out, with an interval over genes."""
    rows = ragged(reads)
    codes = rows.values.astype(np.int64)
    score = table.max(axis=1) - table[np.arange(len(codes)), codes]
    planted_at = rows.offsets[:-1] + np.asarray(places)
    # The share of the other places below each planted one, ties half.
    ranks = rankdata(score)
    among = rankdata(score[planted_at])
    others = len(codes) - len(places)
    below = (ranks[planted_at] - among) / others
    genes_of = np.asarray(owners)
    names = np.unique(genes_of)
    sums = np.array([below[genes_of == name].sum() for name in names])
    counts = np.array([(genes_of == name).sum() for name in names])
    draws = np.random.default_rng(0).integers(0, len(names), (_DRAWS, len(names)))
    means = sums[draws].sum(axis=1) / counts[draws].sum(axis=1)
    return {
        "score": round(float(below.mean()), 4),
        "interval": np.quantile(means, (0.025, 0.975)).round(4).tolist(),
    }


# ---- the table

TOLD = ("LSTM", "Markov, both sides", "codon usage", "Markov", "frequencies")


def table(path: Path) -> str:
    """The lines of a file as a table in Markdown."""
    found = {line["metric"]: line for line in read(path)}
    rows = ["| measure | " + " | ".join(TOLD) + " |", "|---" * (len(TOLD) + 1) + "|"]
    for metric, line in found.items():
        if not metric.startswith("valid"):
            cells = [_cell(line[name]) for name in TOLD]
            rows.append(f"| {metric.removeprefix('test ')} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _cell(score: Mapping) -> str:
    low, high = score["interval"]
    return f"{score['score']:.3f} ({low:.3f}–{high:.3f})"


if __name__ == "__main__":
    raise SystemExit(main())
