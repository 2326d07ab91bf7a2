"""Pictures of a treatment run on patients whose arm and outcome are known."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from jaxbio.clinical.advice import ABSTAIN, advise
from jaxbio.clinical.qini import qini_curve
from jaxbio.clinical.treatment_runs import Scored
from jaxbio.clinical.trial import Outcome
from jaxbio.plot.treatment import advised_shares, effect_calibration, qini_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GROUPS = 5
_FEWEST = 20  # patients of a group


def treatment_pages(
    scored: Scored, arms: Sequence[str], outcome: Outcome, *, level: float = 0.9
) -> "dict[str, Figure]":
    """Draw Qini curves, the calibration of effects, and what is advised.

    Args:
        scored: What `TreatmentRun.score` gave for patients that were not learned from.
        arms: The arms of the run; the first is the reference.
        outcome: What is measured.
        level: Of the intervals by which advice is certain.

    Returns:
        `advice`, and for each arm beside the reference `qini` and `effects`; of several
        such arms `ARM_qini` and so on.

    Example:
        >>> rows = np.linspace(-1, 1, 50)[:, None]
        >>> scores = np.concatenate([np.zeros((50, 1)), rows], axis=1)
        >>> scored = Scored(rows, np.full((50, 1), 0.1), scores, scores, True)
        >>> list(treatment_pages(scored, ("none", "drug"), Outcome(("y",), "number")))
        ['qini', 'effects', 'advice']
    """
    known = scored.known
    effects, errors, scores = (
        each[known] for each in (scored.effects, scored.errors, scored.scores)
    )
    sign = outcome.sign
    pages: dict[str, Figure] = {}
    for at, arm in enumerate(arms[1:], 1):
        own, gains = effects[:, at - 1], scores[:, at] - scores[:, 0]
        title = f"{arm} against {arms[0]}"
        before = f"{arm}_" if len(arms) > 2 else ""
        curve = qini_curve(sign * own, sign * gains)
        pages[f"{before}qini"] = qini_lines(
            curve.shares, curve.gains, title=title, unit=outcome.name
        )
        groups = np.array_split(
            np.argsort(own, kind="stable"),
            int(np.clip(len(own) // _FEWEST, 1, _GROUPS)),
        )
        pages[f"{before}effects"] = effect_calibration(
            np.array([own[rows].mean() for rows in groups]),
            np.array([gains[rows].mean() for rows in groups]),
            np.array([gains[rows].std() / np.sqrt(len(rows)) for rows in groups]),
            title=title,
        )
    names = advise(effects, errors, sign=sign, level=level).named(arms)
    shares = {name: float((names == name).mean()) for name in (*arms, ABSTAIN)}
    pages["advice"] = advised_shares(shares, title="advised")
    return pages
