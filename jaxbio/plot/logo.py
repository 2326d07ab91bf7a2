"""What each position of a sequence contributes, as letters of that height."""

from pathlib import Path

import numpy as np
from jaxtyping import Float

from jaxbio._atomic import replacing
from jaxbio.alphabet import Alphabet


def contribution_logo(
    effects: Float[np.ndarray, "len alphabet"],
    sequence: str,
    alphabet: Alphabet,
    path: str | Path,
    *,
    title: str = "",
    marked: tuple[int, int] | None = None,
    marked_name: str = "",
    unit: str = "log-odds",
) -> None:
    """Draw what each position of a sequence contributes to a prediction.

    A letter is as tall as the prediction falls, on average, when it is replaced.

    Args:
        effects: The changes by substitution, as `jaxbio.explain.ism` gives them.
        sequence: The sequence itself.
        alphabet: Whose symbols the columns are.
        path: Where to write; `.png`, `.pdf` or `.svg`.
        title: Above the picture.
        marked: The first position to mark and the one after the last.
        marked_name: What is written there.
        unit: That of the prediction.
    """
    import logomaker
    import pandas as pd
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    heights = contributions(effects)
    table = np.zeros_like(effects)
    codes = alphabet.encode(sequence)
    known = codes < effects.shape[1]  # an N has no letter of its own
    table[np.flatnonzero(known), codes[known]] = heights[known]
    figure = Figure(figsize=(max(6.0, len(sequence) / 9), 2.6), layout="constrained")
    FigureCanvasAgg(figure)  # no window, no global state
    axes = figure.subplots()
    logo = logomaker.Logo(pd.DataFrame(table, columns=list(alphabet.symbols)), ax=axes)
    logo.style_spines(visible=False)
    logo.style_spines(spines=["left"], visible=True)
    if marked is not None:
        axes.axvspan(marked[0] - 0.5, marked[1] - 0.5, color="0.9", zorder=-2)
        middle = (marked[0] + marked[1]) / 2
        axes.text(middle, axes.get_ylim()[1], marked_name, ha="center", va="bottom")
    axes.set(
        xlabel="position", ylabel=f"contribution ({unit})" if unit else "contribution"
    )
    axes.set_title(title, loc="left")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=150)


def contributions(
    effects: Float[np.ndarray, "len alphabet"],
) -> Float[np.ndarray, "len"]:
    """What each position contributes: the mean fall over its substitutions.

    Example:
        >>> contributions(np.array([[0.0, -1.0, -2.0, -3.0]])).tolist()
        [2.0]
    """
    return -effects.sum(axis=1) / (effects.shape[1] - 1)
