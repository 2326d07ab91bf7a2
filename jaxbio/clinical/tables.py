"""Results of treatment runs as text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaxbio.clinical.evaluation import TreatmentEvaluation


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as columns; the first on the left, the others on the right.

    Example:
        >>> print(aligned([["arm", "n"], ["none", "12"]]))
        arm    n
        none  12
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [first.ljust(widths[0])]
        cells += [x.rjust(w) for x, w in zip(others, widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def evaluation_table(found: "TreatmentEvaluation") -> str:
    """Policies, mean effects and what confounding would have to be, as text."""
    outcome = found.outcome
    arms = list(found.policies[0].shares)
    head = ["policy", outcome.name, "95 %", "weighted", "gain", "95 %"]
    rows = [[*head, *(f"gets {arm}" for arm in arms)]]
    for each in found.policies:
        rows.append(
            [
                each.policy,
                f"{each.value:.4g}",
                f"{each.low:.4g} to {each.high:.4g}",
                f"{each.weighted:.4g}",
                f"{each.gain:+.3g}",
                f"{each.gain_low:+.3g} to {each.gain_high:+.3g}",
                *(f"{each.shares[arm]:.0%}" for arm in arms),
            ]
        )
    how = (
        "taken as patients that were not learned from"
        if found.out_of_sample
        else "each predicted by what did not learn from that patient"
    )
    lines = [
        f"{found.rows:,} patients; {how}. Higher is better."
        if outcome.better == "higher"
        else f"{found.rows:,} patients; {how}. Lower is better.",
        f"Gains are over everybody {found.best}, the best single arm.",
        "",
        aligned(rows),
        "",
        f"No advice is certain for {found.abstained:.0%} of the patients.",
    ]
    for each in found.effects:
        thirds = ", ".join(f"{mean:.3g} (± {error:.2g})" for mean, error in each.thirds)
        lines += [
            f"{each.arm} against {arms[0]}: mean effect {each.average:.4g} (95 % "
            f"{each.low:.4g} to {each.high:.4g}); in thirds of the predicted effect "
            f"{thirds}; Qini {each.qini:.3g} (± {each.qini_error:.2g})",
        ]
        if each.confounding is not None:
            estimate, limit = each.confounding
            lines.append(
                f"  E-value {estimate:.2f}, of the interval {limit:.2f}: to explain "
                f"the mean effect, an unmeasured confounder would need risk ratios as "
                f"large with both treatment and outcome"
            )
    return "\n".join(lines)
