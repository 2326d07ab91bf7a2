"""Loaders of promoters, splice sites, untranslated regions, binding and mutants."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from jaxbio.data.dataset import Dataset
from jaxbio.data.reading import read

Parts = dict[str, Dataset]

_TSS_FLOOR = 1.0  # activities below it are noise: Urtecho et al. floor them there
_WELL_READ = 100  # reads, as Cuperus et al. ask for in their evaluation
_COLUMNS = ("sequence", "expression")


def yeast_promoter_expression(folder: Path, variant: str) -> Parts:
    """Random, drifted and selected promoters to learn from, native ones to test."""

    def table(kind: str) -> Any:
        frame = pd.read_csv(folder / f"{kind}_{variant}.csv.gz")
        sequences = frame["sequence" if "sequence" in frame else "seq110"]
        return pd.DataFrame(
            {"sequence": sequences, "expression": frame["Measured Expression"]}
        )

    test = table("Native")
    train = pd.concat([table(kind) for kind in ("Random", "Drift", "SSWM")])
    train = train.drop_duplicates("sequence")
    train = train[~train["sequence"].isin(list(test["sequence"]))]
    return {"train": _numbers(train), "test": _numbers(test)}


def _numbers(frame: Any, groups: str | None = None) -> Dataset:
    """Rows of a sequence and a number."""
    columns = [*_COLUMNS, *([groups] if groups else [])]
    return read(
        frame[columns].reset_index(drop=True),
        inputs={"sequence": "dna"},
        targets={"expression": "number"},
        groups=groups,
    )


def ecoli_promoter_mpra(folder: Path, variant: str) -> Parts:
    """Promoters of E. coli, divided by their place in the genome.

    `activity` is not below 1, as its authors have it; `active` is 1 where it is that of
    a promoter. Sequences that both parts have are tested alone.
    """

    def table(part: str) -> Any:
        file = folder / f"tss_{part}_genome_split.tsv.gz"
        return pd.read_csv(file, sep="\t", names=["sequence", "activity"])

    train: Any = table("train")
    test: Any = table("test")
    train = train[~train["sequence"].isin(set(test["sequence"]))]
    if variant == "active":
        file = folder / "tss_all_with_coords_and_active.tsv.gz"
        whole: Any = pd.read_csv(file, sep="\t", header=None)
        # 1 and 0, as the second class is the one that is looked for.
        active = dict(zip(whole[0], (whole[5] == "active").astype(int), strict=True))
        return {
            part: read(
                frame.assign(active=frame["sequence"].map(active))[
                    ["sequence", "active"]
                ].reset_index(drop=True),
                inputs={"sequence": "dna"},
                targets={"active": "class"},
            )
            for part, frame in (("train", train), ("test", test))
        }
    return {
        part: _numbers(frame.assign(expression=frame["activity"].clip(_TSS_FLOOR)))
        for part, frame in (("train", train), ("test", test))
    }


def yeast_utr_native(folder: Path, variant: str) -> Parts:
    """Untranslated regions with more than 100 reads before selection, by gene."""
    frame: Any = pd.read_csv(folder / "Native_UTRs.csv.gz")
    frame = frame[frame["t0"] > _WELL_READ]
    frame = pd.DataFrame(
        {
            "sequence": frame["UTR"],
            "expression": frame["growth_rate"],
            "gene": frame["UTR_name"].str.partition(":")[0],
        }
    )
    return {"all": _numbers(frame, groups="gene")}


def human_utr_snv(folder: Path, variant: str) -> Parts:
    """Human regions and their variants, with their mother sequence as group."""
    frame = pd.read_csv(folder / "snv_phenotype_log_diff.csv.gz")
    frame = pd.DataFrame(
        {
            "sequence": frame["utr"],
            "expression": frame["hrl"],
            "mother": frame["mother"],
        }
    )
    return {"all": _numbers(frame, groups="mother")}


def splice42(folder: Path, variant: str) -> Parts:
    """Donors or acceptors against decoys of one kind, such as `at_don_n3`."""
    species, site, negatives = variant.split("_")
    return {
        "all": _classes(
            {
                site: folder / f"{species}.{site}.fa.gz",
                "decoy": folder / f"{species}.{negatives}{site}.fa.gz",
            }
        )
    }


def splice_celegans_acceptor(folder: Path, variant: str) -> Parts:
    """Acceptors among all AG: chromosomes 1 and 2 to learn from, 5 and 6 to test."""
    files = {
        "train": "C_elegans_acc_100000.fasta.bz2",
        "test": "C_elegans_acc_modsel.fasta.bz2",
    }
    return {
        part: _labelled(folder / name, r"label=(-?1)") for part, name in files.items()
    }


def promoter_cnnprom(folder: Path, variant: str) -> Parts:
    """Promoters against coding fragments."""
    files = {
        "ecoli": ("Ecoli_prom.fa", "Ecoli_non_prom.fa.gz"),
        "bacillus": ("Bacillus_prom.fa", "Bacillus_non_prom.fa"),
        "arabidopsis_tata": ("Arabidopsis_tata.fa.gz", "Arabidopsis_non_prom.fa.gz"),
        "arabidopsis_nontata": (
            "Arabidopsis_non_tata.fa.gz",
            "Arabidopsis_non_prom_big.fa.gz",
        ),
        "mouse_tata": ("Mouse_tata.fa.gz", "Mouse_nonprom.fa.gz"),
    }
    promoters, others = files[variant]
    return {"all": _classes({"promoter": folder / promoters, "other": folder / others})}


def rbp_clip(folder: Path, variant: str) -> Parts:
    """Places that a protein binds on RNA; the published split.

    Sequences that both parts have are tested alone.
    """
    (train,) = folder.glob(f"*_{variant}_hg19.train.fa.gz")
    (test,) = folder.glob(f"*_{variant}_hg19.test.fa.gz")
    parts = {
        "train": _labelled(train, r"class:([01])"),
        "test": _labelled(test, r"class:([01])"),
    }
    tested = parts["test"].inputs["sequence"].hashes()
    new = ~np.isin(parts["train"].inputs["sequence"].hashes(), tested)
    return {"train": parts["train"].take(new), "test": parts["test"]}


def enhancer_ienhancer(folder: Path, variant: str) -> Parts:
    """Enhancers of human cells, and the independent test."""
    return {
        "train": _classes(
            {
                "enhancer": folder / "enhancer.cv.fa.gz",
                "other": folder / "non.cv.fa.gz",
            }
        ),
        "test": _classes(
            {"enhancer": folder / "enhancer.ind.fa", "other": folder / "non.ind.fa"}
        ),
    }


def dms_metl(folder: Path, variant: str) -> Parts:
    """A deep mutational scan, its rows as mutations of the wild type from 0."""
    text = (folder / "datasets.yml").read_text(encoding="utf-8")
    found = re.search(rf"^{variant}:.*?wt_aa: (\S+)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, variant
    (file,) = folder.glob(f"{variant}.tsv*")
    whole = read(
        file,
        inputs={"variant": "mutations"},
        targets={"score": "number"},
        parent=found[1],
        first=0,
    )
    return {"all": whole}


def _classes(files: Mapping[str, Path]) -> Dataset:
    """Records whose class is their file."""
    how: dict[str, Any] = {"inputs": {"sequence": "dna"}, "unknown": "any"}
    return read(files, targets={"label": "class"}, **how)


def _labelled(file: Path, labels: str) -> Dataset:
    """Records whose class is in their header."""
    how: dict[str, Any] = {"inputs": {"sequence": "dna"}, "unknown": "any"}
    return read(file, targets={"label": "class"}, labels=labels, **how)
