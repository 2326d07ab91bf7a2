"""What a method of `jaxbio explain` is: a file of this folder gives one or more."""

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.data import Dataset
from jaxbio.data.schema import Schema
from jaxbio.predict.predictor import Predictor

OfRows = Callable[
    [Predictor, Dataset, np.ndarray, Path, argparse.Namespace], dict[str, np.ndarray]
]
"""Explains rows, each with the name of its explained output, into a folder, and gives
further columns of the table `index.tsv`."""

OfFile = Callable[[Predictor, Path, argparse.Namespace], tuple[int, str]]
"""Explains a file as a whole into a folder; gives the number of its rows, and the name
of the table that was written."""


@dataclasses.dataclass(frozen=True)
class Method:
    """A way to explain predictions.

    Args:
        name: What `--method` calls it.
        help: What it shows, for `--help`.
        rows: What explains chosen rows, one by one; or
        file: what explains the rows of a file together.
        fits: Whether it is the usual one for a model's inputs.
        takes_function: Whether a function of outputs can be explained.
        takes_structure: Whether contributions can be written on a structure.
        check: Raises `DataError` for inputs or flags that it cannot explain, before
            rows are read.
        check_model: Likewise for networks.
        add_arguments: Adds the flags of its own to a group of a parser.
    """

    name: str
    help: str
    rows: OfRows | None = None
    file: OfFile | None = None
    fits: Callable[[Schema], bool] = lambda schema: False
    takes_function: bool = True
    takes_structure: bool = False
    check: Callable[[Schema, argparse.Namespace], Any] = lambda schema, options: None
    check_model: Callable[[Predictor], Any] = lambda predictor: None
    add_arguments: Callable[[Any], None] | None = None


def picture_name(row: int, options: argparse.Namespace) -> str:
    """The file of the picture of a row, counted from 1."""
    return f"{row:05d}.{options.format}"
