"""Small pictures of a page, as SVG that stands in it."""

from collections.abc import Sequence
from html import escape

import numpy as np
from jaxtyping import Float

from jaxbio.clinical.round_times import round_times

_WIDTH = 480  # narrow enough that a phone can show its words
_LABELS = 175  # of bars
_LONGEST = 26  # letters of a label
_ROW = 24


def _svg(height: float, parts: Sequence[str], title: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height:g}" role="img" '
        f'aria-label="{escape(title, quote=True)}">{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    mark = f' class="{kind}"' if kind else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{mark}>{escape(words)}'
        f"</text>"
    )


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"


def strip(
    quantiles: Sequence[float], value: float, low: str, high: str, title: str
) -> str:
    """Where a number stands in a cohort: 5 to 95 %, the middle half, and the number.

    Args:
        quantiles: Of the cohort, at `jaxbio.run.cohort.QUANTILES`.
        value: The number.
        low: The words at the left end.
        high: The words at the right end.
        title: What it shows, for those who do not see it.

    Example:
        >>> strip([float(x) for x in range(21)], 7.0, "0", "20", "x").count("<rect")
        2
    """
    ends = min(quantiles[0], value), max(quantiles[-1], value)
    span = (ends[1] - ends[0]) or 1.0

    def at(number: float) -> float:
        return 10 + (_WIDTH - 20) * (number - ends[0]) / span

    def box(first: int, last: int, top: int, height: int) -> str:
        left, right = at(quantiles[first]), at(quantiles[last])
        return (
            f'<rect class="bar" x="{left:.1f}" y="{top}" '
            f'width="{max(right - left, 1):.1f}" height="{height}" '
            f'opacity="{0.5 if height < 14 else 1}"/>'
        )

    parts = [
        f'<line class="line" x1="10" x2="{_WIDTH - 10}" y1="22" y2="22"/>',
        box(1, 19, 17, 10),
        box(5, 15, 13, 18),
        f'<line class="mark" stroke-width="3" x1="{at(value):.1f}" '
        f'x2="{at(value):.1f}" y1="6" y2="38"/>',
        _text(10, 54, low, "faint"),
        _text(_WIDTH - 10, 54, high, "faint", "end"),
    ]
    return _svg(60, parts, title)


def signed_bars(
    names: Sequence[str],
    cells: Sequence[str],
    values: Sequence[float],
    texts: Sequence[str],
    title: str,
) -> str:
    """Bars to both sides of zero.

    Args:
        names: Of each bar.
        cells: What stands behind the name.
        values: The lengths, of either sign.
        texts: The values in words.
        title: What it shows.

    Example:
        >>> signed_bars(["age"], ["61"], [-2.0], ["-2"], "x").count("down")
        1
    """
    largest = max((abs(x) for x in values), default=0.0) or 1.0
    half = (_WIDTH - _LABELS - 110) / 2
    zero = _LABELS + 55 + half
    height = _ROW * len(names) + 8
    parts = [
        f'<line class="line" x1="{zero:.1f}" x2="{zero:.1f}" y1="0" y2="{height}"/>'
    ]
    rows = zip(names, cells, values, texts, strict=True)
    for row, (name, cell, value, words) in enumerate(rows):
        top = _ROW * row + 6
        length = half * abs(value) / largest
        left = zero if value >= 0 else zero - length
        label = f"{name} = {cell}" if cell else name
        side, end = ("start", left + length + 4) if value >= 0 else ("end", left - 4)
        parts += [
            _text(_LABELS - 8, top + 12, _short(label, _LONGEST), anchor="end"),
            f'<rect class="{"up" if value >= 0 else "down"}" x="{left:.1f}" '
            f'y="{top}" width="{max(length, 0.5):.1f}" height="16"/>',
            _text(end, top + 12, words, "faint", side),
        ]
    return _svg(height, parts, title)


def ranges(
    names: Sequence[str],
    lows: Sequence[float],
    highs: Sequence[float],
    now: float,
    texts: Sequence[str],
    title: str,
) -> str:
    """Ranges beside a line that they share.

    Args:
        names: Of each range.
        lows: Their lower ends.
        highs: Their upper ends.
        now: Where the line stands.
        texts: The ranges in words.
        title: What it shows.

    Example:
        >>> ranges(["age"], [1.0], [2.0], 1.5, ["1 to 2"], "x").count("<rect")
        1
    """
    least, most = min([*lows, now]), max([*highs, now])
    span = (most - least) or 1.0
    room = _WIDTH - _LABELS - 140
    height = _ROW * len(names) + 8

    def at(number: float) -> float:
        return _LABELS + room * (number - least) / span

    parts = [
        f'<line class="mark" x1="{at(now):.1f}" x2="{at(now):.1f}" y1="0" '
        f'y2="{height}"/>'
    ]
    rows = zip(names, lows, highs, texts, strict=True)
    for row, (name, low, high, words) in enumerate(rows):
        top = _ROW * row + 6
        parts += [
            _text(_LABELS - 8, top + 12, _short(name, _LONGEST), anchor="end"),
            f'<rect class="bar" x="{at(low):.1f}" y="{top + 3}" '
            f'width="{max(at(high) - at(low), 2):.1f}" height="10"/>',
            _text(_WIDTH, top + 12, words, "faint", "end"),
        ]
    return _svg(height, parts, title)


def survival_curve(
    times: Float[np.ndarray, "times"],
    survival: Float[np.ndarray, "times"],
    cohort: Float[np.ndarray, "times"],
    title: str,
) -> str:
    """A curve from 100 % downwards, beside that of the cohort.

    Args:
        times: Ascending.
        survival: The probability of no event by each.
        cohort: The same, of the cohort.
        title: What it shows.

    Example:
        >>> times, survival = np.array([1.0, 2.0]), np.array([0.9, 0.5])
        >>> survival_curve(times, survival, survival, "x").count("path")
        2
    """
    left, right, top, bottom = 44, _WIDTH - 16, 8, 180
    last = float(times[-1]) or 1.0
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = bottom - share * (bottom - top)
        parts += [
            f'<line class="line" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>',
            _text(left - 6, y + 4, f"{share:.0%}", "faint", "end"),
        ]
    for tick in (0.0, *round_times(last)):
        x = left + tick / last * (right - left)
        parts += [
            f'<line class="line" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" '
            f'y2="{bottom + 4}"/>',
            _text(x, bottom + 18, f"{tick:g}", "faint", "middle"),
        ]
    xs = np.concatenate([[0.0], times]) / last * (right - left) + left
    for kind, values in (("cohort", cohort), ("curve", survival)):
        ys = bottom - np.concatenate([[1.0], values]) * (bottom - top)
        path = " L".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True))
        parts.append(f'<path class="{kind}" d="M{path}"/>')
    return _svg(bottom + 24, parts, title)
