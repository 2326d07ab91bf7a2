"""Molecules, and pairs of drugs and proteins or cell lines."""

import dataclasses
from collections.abc import Iterator

import numpy as np

import jaxbio as jb
from benchmarks.accuracy.problems import Parts, Problem, folds, of_family, parts
from jaxbio.data import Dataset

_DAVIS = ".261 (DeepDTA), .229 (GraphDTA), both selected by test rows"
_DEALT, _TESTED = 10, 3  # folds of cell lines or rows, and how many are tested


def _molecules(name: str) -> Dataset:
    """The molecules that RDKit can read."""
    from jaxbio.data.molecules.smiles import invalid_smiles
    from jaxbio.datasets.drugs import datasets, tables

    found = tables("moleculenet", name)
    bad = invalid_smiles(found.rows["smiles"].tolist())
    kept = found.rows.drop(index=found.rows.index[list(bad)])
    found = dataclasses.replace(found, rows=kept.reset_index(drop=True))
    return datasets(found)["all"]


def _davis() -> Parts:
    """The folds of DeepDTA: the first of the training rows decides."""
    from jaxbio.datasets.drugs import datasets, davis_folds, tables

    found = tables("davis")
    pairs, test = davis_folds(found)
    rows = found.rows.drop(columns=["part", "fold"], errors="ignore")
    (data,) = datasets(dataclasses.replace(found, rows=rows)).values()
    chosen = {"train": pairs[0][0], "valid": pairs[0][1], "test": test}
    return {name: data.take(some) for name, some in chosen.items()}


def _reversal(seed: int) -> Iterator[Parts]:
    """GPCR: every tested ligand was trained on with the other label only."""
    found = of_family("gpcr_label_reversal")()
    train, valid = jb.split(
        found["train"], by="label_reversal:drug", fractions=(0.85, 0.15), seed=seed
    )
    yield {"train": train, "valid": valid, "test": found["test"]}


def _response(split: str):
    """GDSC2: a tenth of the rows, or of the cell lines, is tested and one decides."""

    def runs(seed: int) -> Iterator[Parts]:
        from jaxbio.datasets.drugs import datasets, tables

        found = tables("gdsc2_response")
        (data,) = datasets(found).values()
        rng = np.random.default_rng(0)
        cells = rng.permutation(len(found.entities["cell"])) % _DEALT
        fold = rng.permutation(len(found.rows)) % _DEALT
        if split == "cell-out":
            fold = cells[found.rows["cell"].to_numpy()]
        test, valid = seed % _TESTED, seed % _TESTED + _TESTED
        yield {
            "train": data.take((fold != test) & (fold != valid)),
            "valid": data.take(fold == valid),
            "test": data.take(fold == test),
        }

    return runs


def _of_molecules(name: str, metric: str, most: int = 0) -> Problem:
    how = f"{most} of 5 folds" if most else "5 folds"
    return Problem(folds(lambda: _molecules(name), 5, most=most), metric, how=how)


PROBLEMS = {
    "moleculenet/esol": _of_molecules("esol", "rmse"),
    "moleculenet/freesolv": _of_molecules("freesolv", "rmse"),
    "moleculenet/lipophilicity": _of_molecules("lipophilicity", "rmse", 1),
    "moleculenet/bbbp": _of_molecules("bbbp", "auroc", 1),
    "moleculenet/tox21": _of_molecules("tox21", "auroc", 1),
    "davis": Problem(parts(_davis), "mse", _DAVIS, how="published split"),
    "gpcr_label_reversal": Problem(
        _reversal, "auroc", ".842", "TransformerCPI", 3, "published split"
    ),
    "human_dti/cold": Problem(
        parts(of_family("human_dti", "cold")), "auroc", seeds=3,
        how="no drug and no protein of the test rows in training",
    ),
    "gdsc2_response/random": Problem(
        _response("random"), "rmse", how="1 of 10 folds of rows"
    ),
    "gdsc2_response/cell-out": Problem(
        _response("cell-out"), "rmse", how="1 of 10 folds of cell lines"
    ),
}  # fmt: skip
