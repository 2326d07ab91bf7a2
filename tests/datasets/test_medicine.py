"""Loaders of sets of medicine: what is refused."""

import pandas as pd
import pytest

from jaxbio.data.columns.numeric import Numeric
from jaxbio.datasets.medicine import breast_tcga
from jaxbio.errors import DataError


def write(folder, part, blocks):
    ids = pd.Index(["a", "b"], name="sample")
    labels = pd.DataFrame({"subtype": ["Basal", "LumA"]}, ids)
    labels.to_csv(folder / f"{part}_labels.csv")
    for block, genes in blocks.items():
        table = pd.DataFrame([range(len(genes))] * 2, ids, list(genes))
        table.to_csv(folder / f"{part}_{block}.csv.gz")


def test_test_columns_are_those_of_training(tmp_path):
    blocks = {"mrna": "XYZ", "mirna": "MN", "protein": "P"}
    write(tmp_path, "train", blocks)
    write(tmp_path, "test", {"mrna": "XYZ", "mirna": "MN"})
    parts = breast_tcga(tmp_path, "")
    column = parts["test"].inputs["mrna"]
    assert isinstance(column, Numeric) and column.names == ("X", "Y", "Z")
    for genes, message in (
        ("XZY", "value 2 is of Z, that of the training rows of Y: both must have"),
        ("XY", "value 3 is of no gene, that of the training rows of Z"),
    ):
        write(tmp_path, "test", {"mrna": genes})
        with pytest.raises(DataError, match=rf"test_mrna\.csv\.gz: {message}"):
            breast_tcga(tmp_path, "")
