"""Contributions of columns to predictions, as a table and pictures."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.cli.explain.method import picture_name
from jaxbio.data import Dataset, write_table
from jaxbio.explain import Contributions
from jaxbio.explain.players import Player, cells
from jaxbio.plot import beeswarm, importance_bars, save, waterfall


def write_contributions(
    found: Contributions,
    players: list[Player],
    data: Dataset,
    folder: Path,
    options: argparse.Namespace,
) -> dict[str, np.ndarray]:
    """Write contributions; gives columns of the table `index.tsv`.

    Args:
        found: What the columns of each row contribute.
        players: The columns.
        data: The rows.
        folder: Where `contributions.tsv` and the pictures go: a waterfall a row, where
            contributions add up, else bars, and a beeswarm of all rows.
        options: Of the command.
    """
    texts = cells(players, data)
    table = found.frame()
    places = {name: at for at, name in enumerate(found.columns)}
    rows = np.repeat(np.arange(len(data)), len(found.columns))
    held = [
        texts[row, places[name]]
        for row, name in zip(rows, table["column"], strict=True)
    ]
    table.insert(3, "value", held)
    write_frame(table, folder / "contributions.tsv")
    names = [picture_name(row, options) for row in range(1, len(data) + 1)]
    base = found.base
    for at, name in enumerate(names):
        title = f"{found.ids[at]}, {found.explained[at]}"
        if np.isnan(base[at]):
            labels = [
                f"{column} = {text}" if text else column
                for column, text in zip(found.columns, texts[at], strict=True)
            ]
            page = importance_bars(
                labels, found.values[at], unit=found.unit, title=title
            )
        else:
            page = waterfall(
                found.columns, found.values[at], float(base[at]),
                texts=texts[at].tolist(), unit=found.unit, title=title,
            )  # fmt: skip
        save(page, folder / name)
    if len(data) > 1:
        numbers = np.array([[_number(x) for x in row] for row in texts])
        page = beeswarm(found.columns, found.values, numbers, unit=found.unit)
        save(page, folder / f"beeswarm.{options.format}")
    sizes = found.importance
    first = [f"{found.columns[at]} {sizes[at]:.3g}" for at in sizes.argsort()[::-1][:3]]
    unit = f" ({found.unit})" if found.unit else ""
    print(f"mean size of contributions{unit}: {', '.join(first)}")
    strongest = np.abs(found.values).argmax(axis=1)
    index = {
        "picture": np.array(names, object),
        "strongest": np.array(found.columns, object)[strongest],
        "contribution": found.values[np.arange(len(data)), strongest].astype("f4"),
    }
    if not np.isnan(base).all():
        index["usual"] = base.astype("f4")
    return index


def write_frame(table: Any, path: Path) -> None:
    """Write a table, its numbers with as many digits as mean something."""
    columns = {str(name): table[name].to_numpy() for name in table.columns}
    short = {
        name: values.astype(np.float32) if values.dtype == float else values
        for name, values in columns.items()
    }
    write_table([short], path)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
