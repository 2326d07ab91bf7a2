"""Effects of treatments: Qini curves, calibration by groups, and what is advised."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from jaxbio.plot.page import FAINT, INK, NORMAL, SMALL, figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#3b6fa8", "#1b9e77", "#d9a441", "#c4553b", "#7f3323")


def qini_lines(
    shares: Float[np.ndarray, "points"],
    gains: Float[np.ndarray, "points"],
    *,
    title: str = "",
    unit: str = "",
) -> "Figure":
    """Draw a Qini curve, beside treating as many patients at random.

    Args:
        shares: Of the patients that are treated, from 0 to 1.
        gains: The mean gain over all patients, those with the greatest effects first.
        title: Above the picture.
        unit: Of the gains.

    Example:
        >>> page = qini_lines(np.array([0.0, 0.5, 1.0]), np.array([0.0, 2.0, 1.0]))
        >>> [line.get_ydata().tolist() for line in page.axes[0].lines]
        [[0.0, 1.0], [0.0, 2.0, 1.0]]
    """
    page = figure(4.4, 3.2)
    axes = page.subplots()
    ends = [float(gains[0]), float(gains[-1])]
    axes.plot([0.0, 1.0], ends, color=FAINT, linewidth=1.2, label="at random")
    axes.plot(shares, gains, color=COLOURS[0], linewidth=1.6, label="by effect")
    axes.set(xlim=(0, 1))
    axes.set_xlabel("share of patients treated, greatest effects first")
    axes.set_ylabel(f"mean gain, {unit}" if unit else "mean gain")
    axes.legend(fontsize=SMALL, frameon=False, loc="best")
    _finish(axes, title)
    return page


def effect_calibration(
    predicted: Float[np.ndarray, "groups"],
    observed: Float[np.ndarray, "groups"],
    errors: Float[np.ndarray, "groups"],
    *,
    title: str = "",
) -> "Figure":
    """Draw predicted against observed effects of groups of patients.

    Args:
        predicted: The mean predicted effect of each group.
        observed: The mean of its doubly robust scores.
        errors: Their standard errors; bars are 95 % intervals.
        title: Above the picture.

    Example:
        >>> page = effect_calibration(
        ...     np.array([0.0, 1.0]), np.array([0.1, 0.9]), np.array([0.2, 0.2]))
        >>> page.axes[0].get_xlabel()
        'predicted effect'
    """
    page = figure(3.4, 3.2)
    axes = page.subplots()
    low = float(min(predicted.min(), observed.min()))
    high = float(max(predicted.max(), observed.max()))
    axes.plot([low, high], [low, high], color=FAINT, linewidth=0.8)
    axes.axhline(0.0, color=FAINT, linewidth=0.8, linestyle=":")
    axes.errorbar(
        predicted, observed, yerr=1.96 * errors, fmt="o", markersize=4,
        color=COLOURS[0], elinewidth=1,
    )  # fmt: skip
    axes.set_xlabel("predicted effect")
    axes.set_ylabel("observed effect")
    _finish(axes, title)
    return page


def advised_shares(shares: Mapping[str, float], *, title: str = "") -> "Figure":
    """Draw which share of the patients each arm is advised to.

    Args:
        shares: By arm, and by what else is said.
        title: Above the picture.

    Example:
        >>> page = advised_shares({"drug": 0.75, "abstain": 0.25})
        >>> [text.get_text() for text in page.axes[0].texts]
        ['75%', '25%']
    """
    page = figure(4.4, 0.6 + 0.35 * max(len(shares), 1))
    axes = page.subplots()
    places = np.arange(len(shares))[::-1]
    axes.barh(places, list(shares.values()), color=COLOURS[0], height=0.6)
    axes.set_yticks(places, list(shares))
    for place, share in zip(places, shares.values(), strict=True):
        axes.text(share + 0.01, place, f"{share:.0%}", va="center", fontsize=SMALL)
    axes.set(xlim=(0, 1.1))
    axes.set_xlabel("share of patients")
    _finish(axes, title)
    return page


def _finish(axes: "Axes", title: str) -> None:
    if title:
        axes.set_title(title, fontsize=NORMAL, color=INK, loc="right")
    axes.spines[["top", "right"]].set_visible(False)
    style(axes)
