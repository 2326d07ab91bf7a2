"""Loaders of the public data sets: from their files to data sets of rows.

Sets with a published split give `train`, `test` and sometimes `valid`; the others give
`all`.
"""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from Bio.Seq import Seq

from jaxbio.alphabet import DNA, PROTEIN, Alphabet
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.datasets import catalog, chains, drugs, medicine, regulation, survival
from jaxbio.errors import DataError

Parts = dict[str, Dataset]
"""Data sets by part."""


def load(name: str, variant: str = "") -> Parts:
    """The rows of a public data set that is on this machine.

    Args:
        name: The name of the set (`catalog.names`).
        variant: For a set of several, which one (`catalog.info(name).variants`); the
            first if not given.

    Returns:
        Data sets by part: `train`, `test` and perhaps `valid`, or `all`.

    Raises:
        DataError: If the set or variant is not known, or not on this machine.
    """
    choice = catalog.choose_variant(name, variant)
    if name not in _LOADERS:
        folder = catalog.path(name)
        raise DataError(f"data set {name} has no loader: read the files in {folder}")
    return _LOADERS[name](catalog.path(name), choice)


def _strings(texts: Any, alphabet: Alphabet, where: str) -> Sequences:
    return Sequences.from_strings(texts.tolist(), alphabet, where=where)


def _number(values: Any) -> Numeric:
    return Numeric(values.to_numpy(np.float32)[:, None], (str(values.name),))


def _rows(
    frame: Any, alphabet: Alphabet, target: Category | Numeric, source: Path
) -> Dataset:
    """Rows with one sequence and one target, named by their place in the file."""
    return Dataset(
        {"sequence": _strings(frame["sequence"], alphabet, source.name)},
        {str(target.names[0]) if isinstance(target, Numeric) else "label": target},
        ids=frame.index.to_numpy().astype(str).astype(object),
        source=source.name,
    )


def _gue(folder: Path, task: str) -> Parts:
    """Promoters and transcription-factor binding; the published split."""
    parts = {}
    for part, suffix in (("train", "train"), ("valid", "dev"), ("test", "test")):
        file = folder / f"{task}_{suffix}.csv.gz"
        frame = pd.read_csv(file)
        parts[part] = _rows(frame, DNA, Category.from_values(frame["label"]), file)
    return parts


def _crispr_guides(folder: Path, variant: str) -> Parts:
    """Guides and indel rates; the Azimuth guides have their gene as group."""
    if variant == "azimuth":
        file = folder / "azimuth_FC_plus_RES_withPredictions.csv.gz"
        frame = pd.read_csv(file)
        data = Dataset(
            {"sequence": _strings(frame["30mer"], DNA, file.name)},
            {"score_drug_gene_rank": _number(frame["score_drug_gene_rank"])},
            groups=frame["Target gene"].to_numpy(object),
            source=file.name,
        )
        return {"all": data}
    file = next(iter(sorted(folder.glob(f"{variant}.csv*"))))
    frame = pd.read_csv(file).rename(columns={"sgRNA": "sequence"})
    return {"all": _rows(frame, DNA, _number(frame["indel"]), file)}


def _splice_uci_primate(folder: Path, variant: str) -> Parts:
    """Junctions, donors, acceptors; equal sequences are one group."""
    file = folder / "splice.arff.gz"
    with gzip.open(file, "rt", encoding="latin-1") as handle:
        lines = [line.strip() for line in handle]
    start = next(at for at, line in enumerate(lines) if line.lower() == "@data")
    cells = [
        [cell.strip() for cell in line.split(",")]
        for line in lines[start + 1 :]
        if line and not line.startswith("%")
    ]
    texts = pd.Series(["".join(row[1:-1]) for row in cells])
    data = Dataset(
        {"sequence": _strings(texts, DNA, file.name)},
        {"class": Category.from_values([row[-1] for row in cells])},
        ids=np.array([row[0] for row in cells], dtype=object),
        groups=texts.to_numpy(object),
        source=file.name,
    )
    return {"all": data}


def _gfp_fluorescence(folder: Path, variant: str) -> Parts:
    """Variants of avGFP with stops kept as `*`; the split of TAPE."""
    file = folder / "amino_acid_genotypes_to_brightness.tsv.gz"
    frame = pd.read_csv(file, sep="\t", keep_default_na=False)
    texts = pd.read_csv(folder / "fluorescence.valid.csv.gz")["seq"]
    wild_type = _commonest(texts[texts.str.len() == texts.str.len().max()])
    changes = [text.split(":") if text else [] for text in frame["aaMutations"]]
    frame["sequence"] = [_mutated(wild_type, change) for change in changes]
    frame["brightness"] = frame["medianBrightness"].astype(float)
    many = np.array([len(change) for change in changes]) >= 4
    # The published validation rows are written without the stops.
    valid = frame["sequence"].str.replace("*", "").isin(set(texts)).to_numpy()
    masks = {"train": ~many & ~valid, "valid": ~many & valid, "test": many}
    return {
        part: _rows(frame[mask], PROTEIN, _number(frame["brightness"][mask]), file)
        for part, mask in masks.items()
    }


def _commonest(texts: Any) -> str:
    """The commonest letter of each position."""
    table = np.array([list(text) for text in texts])
    columns = (np.unique(column, return_counts=True) for column in table.T)
    return "".join(str(letters[count.argmax()]) for letters, count in columns)


def _mutated(wild_type: str, changes: list[str]) -> str:
    """The parent with changes such as `SA108D`: A to D at 108, counted from 0."""
    letters = list(wild_type)
    for change in changes:
        before, at, after = change[1], int(change[2:-1]), change[-1]
        if letters[at] != before:
            raise DataError(f"{change}: the parent has {letters[at]} at {at}")
        letters[at] = after
    return "".join(letters)


def _flip_gb1(folder: Path, variant: str) -> Parts:
    """Four-site variants; the early-stopping rows of the split are `valid`."""
    file = folder / f"{variant}.csv.gz"
    frame = pd.read_csv(file).rename(columns={"target": "fitness"})
    test = (frame["set"] == "test").to_numpy()
    valid = ~test & (frame["validation"].astype(str) == "True").to_numpy()
    masks = {"train": ~test & ~valid, "valid": valid, "test": test}
    return {
        part: _rows(frame[mask], PROTEIN, _number(frame["fitness"][mask]), file)
        for part, mask in masks.items()
    }


def _golub(folder: Path, variant: str) -> Parts:
    """Expression profiles; training and independent samples."""
    with gzip.open(folder / "x.npy.gz") as handle:
        values = np.load(handle, allow_pickle=False).astype(np.float32)
    labels = pd.read_csv(folder / "labels.csv")
    genes = tuple(pd.read_csv(folder / "genes.csv")["probe"].astype(str))
    data = Dataset(
        {"expression": Numeric(values, genes)},
        {"label": Category.from_values(labels["label"])},
        ids=labels["sample"].to_numpy().astype(str).astype(object),
        source="golub",
    )
    part_of = labels["set"].to_numpy()
    return {part: data.take(part_of == part) for part in ("train", "test")}


def _ars1(folder: Path, variant: str) -> Parts:
    """Variants of a replication origin: seen after selection or not."""
    file = folder / "ars_sequences.txt.gz"
    frame = pd.read_csv(file, sep="\t", comment="#")
    data = Dataset(
        {"sequence": _strings(frame["sequence"], DNA, file.name)},
        {"selected": Category.from_values((frame["selected_ct"] > 0).astype(int))},
        ids=frame.index.to_numpy().astype(str).astype(object),
        source=file.name,
    )
    return {"all": data}


def ars1_wild_type() -> str:
    """Wild type of ARS1 on the strand of the reads, the other one than in its file.

    Raises:
        DataError: If the set `ars1` is not here.
    """
    text = (catalog.path("ars1") / "ars_wt_sequence.txt").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines() if line[:1] != "#")
    return str(Seq("".join(lines)).reverse_complement())


_LOADERS: dict[str, Callable[[Path, str], Parts]] = {
    "ars1": _ars1,
    "breast_tcga": medicine.breast_tcga,
    "casp_rsa_ss8": chains.casp_rsa_ss8,
    "cgdms_structures": chains.cgdms_structures,
    "chezod_disorder": chains.chezod_disorder,
    "crispr_guides": _crispr_guides,
    "davis": drugs.load("davis"),
    "dms_metl": regulation.dms_metl,
    "ecoli_promoter_mpra": regulation.ecoli_promoter_mpra,
    "enhancer_ienhancer": regulation.enhancer_ienhancer,
    "flip_gb1": _flip_gb1,
    "flip_secondary_structure": chains.flip_secondary_structure,
    "gdsc2_response": drugs.load("gdsc2_response"),
    "gbsg_trial": survival.gbsg_trial,
    "gfp_fluorescence": _gfp_fluorescence,
    "golub": _golub,
    "gpcr_label_reversal": drugs.load("gpcr_label_reversal"),
    "gue": _gue,
    "human_dti": drugs.load("human_dti"),
    "human_utr_snv": regulation.human_utr_snv,
    "moleculenet": drugs.load("moleculenet"),
    "pfam40_pdb": chains.pdb_folder,
    "pneumoniamnist": medicine.medmnist,
    "promoter_cnnprom": regulation.promoter_cnnprom,
    "rbp_clip": regulation.rbp_clip,
    "retinamnist": medicine.medmnist,
    "rotterdam": survival.rotterdam,
    "splice42": regulation.splice42,
    "splice_celegans_acceptor": regulation.splice_celegans_acceptor,
    "splice_uci_primate": _splice_uci_primate,
    "ss_test_sets": chains.ss_test_sets,
    "ts50_pdb_dssp": chains.pdb_folder,
    "yeast_promoter_expression": regulation.yeast_promoter_expression,
    "yeast_utr_native": regulation.yeast_utr_native,
}
