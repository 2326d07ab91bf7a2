"""Metrics of predicted affinities and drug responses.

Beside the measures of all numbers (`rows.regression_metrics`): whether pairs stand in
the right order, whether values agree without an offset, and what is left of a
correlation once each drug is looked at alone. Rows without a known truth (NaN) are left
out; a measure that is not defined for the rows at hand is None.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from jaxtyping import Int, Num, Shaped

from jaxbio.errors import DataError
from jaxbio.metrics.standard import (
    Metrics,
    binary_metrics,
    correlation,
    known_rows,
    pearson,
    regression_metrics,
)

Metric = Callable[[np.ndarray, np.ndarray], float | None]
"""A measure of truth and prediction; None where it is not defined."""


def concordance_index(
    truth: Num[np.ndarray, "n"], prediction: Num[np.ndarray, "n"]
) -> float | None:
    """The share of pairs with different truth that are predicted in the right order.

    Pairs with equal predictions count half. All pairs count, in n log n steps; the
    published scripts of DeepDTA go over half of them, those in which the row further
    down has the larger truth, so that their numbers depend on the order of the rows.

    Args:
        truth: The measured values; NaN where unknown.
        prediction: The predicted values.

    Returns:
        From 0 to 1, 0.5 for no order at all; None if no two truths differ.

    Raises:
        DataError: For a prediction that is not finite.

    Source:
        Gönen M, Heller G (2005) Biometrika 92:965; as used by Pahikkala T et al. (2015)
        Briefings in Bioinformatics 16:325, equation 6.

    Example:
        >>> concordance_index(np.array([1.0, 2, 3]), np.array([5.0, 6, 6]))
        0.8333333333333334
    """
    truth, prediction = known_rows(truth, prediction)
    ranks = np.unique(prediction, return_inverse=True)[1]
    values = np.unique(truth, return_inverse=True)[1]
    different = len(truth) * (len(truth) - 1) // 2 - _pairs_alike(values)
    if not different:
        return None
    # Rows of equal truth in the order of their predictions are in no wrong order.
    wrong = _inversions(ranks[np.lexsort((ranks, values))])
    both = values.astype(np.int64) * len(truth) + ranks
    equal = _pairs_alike(ranks) - _pairs_alike(both)
    return (different - wrong - equal / 2) / different


def r_m_squared(
    truth: Num[np.ndarray, "n"],
    prediction: Num[np.ndarray, "n"],
    *,
    form: Literal["roy", "deepdta"] = "roy",
) -> float | None:
    """The squared correlation, less where values are off by a factor or an offset.

    With r² the squared correlation and r₀² the share of the variance of the truth that
    is explained by the regression *of the truth on the prediction through the origin*:
    r² (1 - √|r² - r₀²|). The script of DeepDTA, by which most published affinities were
    scored, has r² (1 - √|r⁴ - r₀⁴|) instead; the two are alike where r² is near one
    half, and the script's is the lower one above.

    Args:
        truth: The measured values; NaN where unknown.
        prediction: The predicted values.
        form: `"roy"` for the measure as it was defined, `"deepdta"` for the script's.

    Returns:
        At most 1; None if the truth or the prediction is constant.

    Raises:
        DataError: For a prediction that is not finite, or another form.

    Source:
        Roy K et al. (2013) Journal of Computational Chemistry 34:1071; Öztürk H et al.
        (2018) Bioinformatics 34:i821, equation 4.

    Example:
        >>> round(r_m_squared(np.array([1.0, 2, 3]), np.array([2.0, 4, 6])), 4)
        1.0
        >>> round(r_m_squared(np.array([1.0, 2, 3]), np.array([2.0, 3, 4])), 4)
        0.6784
    """
    if form not in ("roy", "deepdta"):
        raise DataError(f"form={form!r}: choose 'roy' or 'deepdta'")
    truth, prediction = known_rows(truth, prediction)
    r = correlation(truth, prediction)
    if r is None:
        return None
    squared = r**2
    slope = (truth @ prediction) / (prediction @ prediction)
    unexplained = ((truth - slope * prediction) ** 2).sum()
    through_origin = float(1 - unexplained / ((truth - truth.mean()) ** 2).sum())
    gap = squared - through_origin
    if form == "deepdta":
        gap = squared**2 - through_origin**2
    # The root would make a rounding error of 1e-16 one of 1e-8.
    return squared * (1 - math.sqrt(abs(round(gap, 14))))


def within_group(
    metric: Metric,
    truth: Num[np.ndarray, "n"],
    prediction: Num[np.ndarray, "n"],
    groups: Shaped[np.ndarray, "n"],
    *,
    fewest: int = 3,
) -> Metrics:
    """A measure inside each group, such as the correlation over the cells of each drug.

    Over all rows the means of the drugs alone correlate highly with the response; what
    tells one cell line from another is the correlation within each drug.

    Args:
        metric: The measure.
        truth: The measured values; NaN where unknown.
        prediction: The predicted values.
        groups: The group of each row, such as its drug.
        fewest: Groups with fewer known rows are left out.

    Returns:
        `mean` and `median` over groups (each counts the same, whatever its size),
        `groups` that counted, and those `left_out`: too few rows, or a measure that is
        not defined because values are constant.

    Raises:
        DataError: For a prediction that is not finite, or lengths that differ.

    Example:
        >>> from jaxbio.metrics import pearson
        >>> truth = np.array([1.0, 2, 3, 11, 12, 13])
        >>> prediction = np.array([3.0, 2, 1, 13, 12, 11])
        >>> drug = np.array(["a", "a", "a", "b", "b", "b"])
        >>> round(pearson(truth, prediction), 2)
        0.95
        >>> round(within_group(pearson, truth, prediction, drug)["mean"], 2)
        -1.0
    """
    if len(groups) != len(truth):
        raise DataError(f"{len(groups)} groups for {len(truth)} rows of truth")
    mask = np.isfinite(truth)
    truth, prediction = known_rows(truth, prediction)
    names, codes = np.unique(groups, return_inverse=True)
    codes = codes[mask]
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(names) + 1))
    values: list[float] = []
    for start, end in itertools.pairwise(bounds.tolist()):
        rows = order[start:end]
        enough = len(rows) >= max(fewest, 1)
        value = metric(truth[rows], prediction[rows]) if enough else None
        if value is not None and math.isfinite(value):
            values.append(value)
    return {
        "mean": float(np.mean(values)) if values else None,
        "median": float(np.median(values)) if values else None,
        "groups": len(values),
        "left_out": len(names) - len(values),
    }


def affinity_metrics(
    truth: Num[np.ndarray, "n"],
    prediction: Num[np.ndarray, "n"],
    *,
    active_from: float | None = None,
) -> Metrics:
    """The measures by which affinities are scored, together.

    Args:
        truth: The measured affinities, such as pKd; NaN where unknown.
        prediction: The predicted ones.
        active_from: From which affinity a pair counts as active, for `auprc`: 7 on
            Davis and 12.1 on KIBA in the literature.

    Returns:
        `mse`, `concordance`, `r_m2` and `r_m2_deepdta` (see `r_m_squared`), `auprc`
        with `active_from`, and what `regression_metrics` gives.

    Raises:
        DataError: For a prediction that is not finite.

    Example:
        >>> result = affinity_metrics(np.array([5.0, 6, 8]), np.array([5.0, 7, 8]))
        >>> result["concordance"], round(result["mse"], 4)
        (1.0, 0.3333)
    """
    result = regression_metrics(truth, prediction)
    rmse = result["rmse"]
    scores: Metrics = {
        "mse": None if rmse is None else rmse**2,
        "concordance": concordance_index(truth, prediction),
        "r_m2": r_m_squared(truth, prediction),
        "r_m2_deepdta": r_m_squared(truth, prediction, form="deepdta"),
    }
    if active_from is not None:
        labels, scored = known_rows(truth, prediction)
        active = (labels >= active_from).astype(np.int64)
        scores["auprc"] = binary_metrics(active, scored)["auprc"]
    return scores | result


def enrichment_factor(
    truth: Num[np.ndarray, "n"], score: Num[np.ndarray, "n"], *, share: float = 0.01
) -> float | None:
    """Enrichment of active rows at the top of a ranking, over chance.

    Args:
        truth: 1 for active, 0 for not; NaN where unknown.
        score: The higher, the further up.
        share: The top share of rows, above 0 and at most 1; one row at least. Of rows
            with equal scores at its end the mean counts.

    Returns:
        1 for chance; None without an active row.

    Raises:
        DataError: For a score that is not finite, or a share outside its range.

    Example:
        >>> truth, score = np.array([1, 0, 0, 1]), np.array([0.9, 0.1, 0.2, 0.3])
        >>> enrichment_factor(truth, score, share=0.5)
        2.0
    """
    if not 0 < share <= 1:
        raise DataError(f"share={share}: the top share is above 0 and at most 1")
    truth, score = known_rows(truth, score)
    if not len(truth) or truth.sum() == 0:
        return None
    top = max(round(share * len(truth)), 1)
    edge = np.sort(score)[-top]
    above, at_edge = score > edge, score == edge
    hits = truth[above].sum() + (top - above.sum()) * truth[at_edge].mean()
    return float(hits / top / truth.mean())


def _inversions(ranks: Int[np.ndarray, "n"]) -> int:
    """The pairs in which the larger rank stands first, bit by bit from the highest."""
    count = 0
    for bit in reversed(range(int(ranks.max(initial=0)).bit_length())):
        # Ranks that agree in all higher bits stand together, in their first order.
        above, digit = ranks >> (bit + 1), (ranks >> bit) & 1
        first = np.flatnonzero(np.diff(above, prepend=-1))
        before = np.cumsum(digit) - digit
        block = np.repeat(before[first], np.diff(first, append=len(ranks)))
        count += int((before - block)[digit == 0].sum())
        ranks = ranks[np.argsort(ranks >> bit, kind="stable")]
    return count


def _pairs_alike(values: Num[np.ndarray, "n"]) -> int:
    _, counts = np.unique(values, return_counts=True)
    return int((counts * (counts - 1) // 2).sum())


def pair_metrics(
    truth: Num[np.ndarray, "n"],
    prediction: Num[np.ndarray, "n"],
    entities: Mapping[str, Int[np.ndarray, "n"]],
) -> Metrics:
    """The order of pairs, their agreement, and the correlation within each entity.

    Args:
        truth: The measured values, such as pKd; NaN where unknown.
        prediction: The predicted values.
        entities: By name, such as `drug`, a number for that of each row; -1 where it is
            missing, and such rows do not count within that entity.

    Returns:
        `concordance_index`, `r_m2` (see `affinity.r_m_squared`) and for each entity
        `within_NAME_pearson`: the mean over the drugs of the correlation among the rows
        of each, which knowing the drugs by heart does not raise.

    Raises:
        DataError: For a prediction that is not finite.

    Example:
        >>> truth = np.array([1.0, 2, 3, 11, 12, 13])
        >>> prediction = np.array([3.0, 2, 1, 13, 12, 11])
        >>> drug = np.array([0, 0, 0, 1, 1, 1])
        >>> result = pair_metrics(truth, prediction, {"drug": drug})
        >>> {name: round(value, 3) for name, value in result.items()}
        {'concordance_index': 0.6, 'r_m2': 0.861, 'within_drug_pearson': -1.0}
    """
    scores: Metrics = {
        "concordance_index": concordance_index(truth, prediction),
        "r_m2": r_m_squared(truth, prediction),
    }
    for name, codes in entities.items():
        present = codes >= 0
        parts = (values[present] for values in (truth, prediction, codes))
        scores[f"within_{name}_pearson"] = within_group(pearson, *parts)["mean"]
    return scores
