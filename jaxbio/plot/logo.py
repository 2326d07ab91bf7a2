"""Contributions of the positions of a sequence, as letters of that height."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from jaxbio.alphabet import Alphabet
from jaxbio.errors import DataError
from jaxbio.plot.page import figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 100  # positions of a row, whose letters can be told apart
_MOST = 5000  # positions of a picture: 50 rows


def contribution_logo(
    effects: Float[np.ndarray, "len alphabet"],
    sequence: str,
    alphabet: Alphabet,
    *,
    title: str = "",
    marked: tuple[int, int] | None = None,
    marked_name: str = "",
    unit: str = "log-odds",
    ax: "Axes | None" = None,
) -> "Figure":
    """Draw the contribution of each position of a sequence to a prediction.

    A letter is as tall as the prediction falls, on average, when it is replaced.

    Args:
        effects: The changes by substitution, as `jaxbio.explain.ism` gives them.
        sequence: The sequence itself.
        alphabet: Whose symbols the columns are.
        title: Above the picture.
        marked: The first place to mark and the one after the last, counted from 0 as
            in slices; the picture counts positions from 1, as tables do.
        marked_name: The label of these.
        unit: That of the prediction.
        ax: The Axes to draw in; None for a new figure.

    Returns:
        The figure.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> logo = contribution_logo(-np.eye(4), "ACGT", DNA, unit="")
        >>> logo.axes[0].get_ylabel()
        'contribution'
    """
    return attribution_logo(
        contributions(effects), sequence, alphabet,
        title=title, marked=marked, marked_name=marked_name, unit=unit, ax=ax,
    )  # fmt: skip


def attribution_logo(
    heights: Float[np.ndarray, "len"],
    sequence: str,
    alphabet: Alphabet,
    *,
    title: str = "",
    marked: tuple[int, int] | None = None,
    marked_name: str = "",
    unit: str = "log-odds",
    ax: "Axes | None" = None,
) -> "Figure":
    """Draw the letters of a sequence as tall as what they contribute.

    Args:
        heights: The contribution of each position.
        sequence: The sequence itself.
        alphabet: Its alphabet.
        title: As for `contribution_logo`.
        marked: As for `contribution_logo`.
        marked_name: As for `contribution_logo`.
        unit: As for `contribution_logo`.
        ax: As for `contribution_logo`.

    Returns:
        The figure; a new one has rows of 100 positions.

    Raises:
        DataError: For other heights than one a letter, or more than 5,000 of them.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> page = attribution_logo(np.array([0.5, -1.0]), "AC", DNA)
        >>> page.axes[0].get_ylabel()
        'contribution (log-odds)'
    """
    if len(heights) != len(sequence):
        raise DataError(
            f"{len(heights)} heights for a sequence of {len(sequence)} letters: give "
            "one for each"
        )
    if len(sequence) > _MOST:
        raise DataError(
            f"{len(sequence):,} letters are too many for a picture: give at most "
            f"{_MOST:,}, a slice of them, or draw bars by contribution_track"
        )
    table = np.zeros((len(sequence), alphabet.size))
    codes = alphabet.encode(sequence)
    known = codes < alphabet.size  # an N has no letter of its own
    table[np.flatnonzero(known), codes[known]] = heights[known]
    if ax is not None:
        rows = [(ax, 0, len(sequence))]
        page = ax.figure.figure  # of a SubFigure, too
    else:
        starts = range(0, max(len(sequence), 1), _ROW)
        wide = max(6.0, min(len(sequence), _ROW) / 9)
        tall = 2.6 if len(starts) == 1 else 1.5 * len(starts) + 0.4
        page = figure(wide, tall)
        panels = page.subplots(len(starts), 1, squeeze=False)[:, 0]
        size = _ROW if len(starts) > 1 else len(sequence)
        rows = [(axes, at, at + size) for axes, at in zip(panels, starts, strict=True)]
    low, high = min(table.min(initial=0), 0), max(table.max(initial=0), 0)
    for axes, start, stop in rows:
        _letters(axes, table[start:stop], start, alphabet)
        if len(rows) > 1:
            axes.set(xlim=(start + 0.5, stop + 0.5), ylim=(low, high or 1))
        if marked is not None and marked[0] < stop and marked[1] > start:
            ends = max(marked[0], start) + 0.5, min(marked[1], stop) + 0.5
            axes.axvspan(*ends, color="0.9", zorder=-2)
            top = axes.get_ylim()[1]
            axes.text(sum(ends) / 2, top, marked_name, ha="center", va="bottom")
    name = f"contribution ({unit})" if unit else "contribution"
    rows[-1][0].set_xlabel("position")
    if len(rows) == 1:
        rows[0][0].set_ylabel(name)
    else:
        page.supylabel(name, fontsize="medium")
    rows[0][0].set_title(title, loc="left")
    return page


def _letters(
    ax: "Axes", table: Float[np.ndarray, "len symbols"], first: int, alphabet: Alphabet
) -> None:
    """Letters of these heights in one row."""
    import logomaker
    import pandas as pd

    # The first position is 1, as in tables.
    place = np.arange(first + 1, first + len(table) + 1)
    letters = pd.DataFrame(table, index=place, columns=list(alphabet.symbols))
    if table.any():
        drawn = logomaker.Logo(letters, ax=ax)
        drawn.style_spines(visible=False)
        drawn.style_spines(spines=["left"], visible=True)
    else:  # no letter has a height
        ax.set(xlim=(first + 0.5, first + len(table) + 0.5), ylim=(-1, 1))


def motif_logos(
    motifs: Sequence[Float[np.ndarray, "_ _"]],
    alphabet: Alphabet,
    *,
    titles: Sequence[str] = (),
) -> "Figure":
    """Draw motifs, their letters as tall as the bits that they hold.

    Args:
        motifs: Frequencies of the symbols at each place.
        alphabet: Whose symbols the columns are.
        titles: Above each.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> page = motif_logos([np.eye(4)], DNA, titles=["all"])
        >>> page.axes[0].get_ylabel()
        'bits'
    """
    import logomaker
    import pandas as pd

    columns = min(len(motifs), 3)
    rows = -(-len(motifs) // columns)
    page = figure(3.4 * columns, 1.5 * rows)
    axes = page.subplots(rows, columns, squeeze=False).ravel()
    for at, ax in enumerate(axes):
        if at >= len(motifs):
            ax.axis("off")
            continue
        p = np.asarray(motifs[at], float)
        bits = np.log2(p.shape[1]) + (p * np.log2(np.maximum(p, 1e-12))).sum(axis=1)
        heights = p * np.maximum(bits, 0)[:, None]
        place = np.arange(1, len(p) + 1)
        letters = pd.DataFrame(heights, place, list(alphabet.spelt[: alphabet.size]))
        if heights.any():
            logomaker.Logo(letters, ax=ax)
        ax.set(ylim=(0, np.log2(p.shape[1])), ylabel="bits")
        if at < len(titles):
            ax.set_title(titles[at], loc="left", fontsize=8)
    return page


def contributions(
    effects: Float[np.ndarray, "len alphabet"],
) -> Float[np.ndarray, "len"]:
    """The contribution of each position: the mean fall over its substitutions.

    Example:
        >>> contributions(np.array([[0.0, -1.0, -2.0, -3.0]])).tolist()
        [2.0]
    """
    return -effects.sum(axis=1) / (effects.shape[1] - 1)
