"""Tables, bars and lines of effects: their means, errors and signs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.data import write_table
from jaxbio.plot import importance_bars

_TOLD = 5  # of the greatest effects


def moments(effects: np.ndarray, of: str = "backgrounds") -> dict[str, Any]:
    """The mean of effects, its standard error, and the share of those above 0."""
    n = len(effects)
    error = effects.std(ddof=1) / np.sqrt(n) if n > 1 else np.nan
    return {
        of: n,
        "effect": float(effects.mean()),
        "error": float(error),
        "raised": float((effects > 0).mean()),
    }


def write_rows(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write lines, of which each has the same fields, as a table."""
    write_table([{k: _column([row[k] for row in rows]) for k in rows[0]}], path)


def _column(values: list[Any]) -> np.ndarray:
    if isinstance(values[0], float):
        return np.array(values, np.float32)
    return np.array(values, object if isinstance(values[0], str) else int)


def bars(names: list[str], groups: list[np.ndarray], label: str) -> Any:
    """Bars of the mean effect of each group, with two standard errors."""
    lines = [moments(each) for each in groups]
    means = np.array([each["effect"] for each in lines])
    errors = np.nan_to_num([2 * each["error"] for each in lines])
    return importance_bars(
        names, means, low=means - errors, high=means + errors, unit=label
    )


def tell(summary: Sequence[dict[str, Any]]) -> None:
    """Print the greatest effects, with their errors."""
    for each in sorted(summary, key=lambda x: -abs(x["effect"]))[:_TOLD]:
        where = f" at {each['position']}" if "position" in each else ""
        error = "" if np.isnan(each["error"]) else f" ± {each['error']:.2g}"
        print(f"{each['motif']}{where}: {each['effect']:+.3g}{error}")
