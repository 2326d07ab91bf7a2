"""The sections of a page: each is a function of a patient, empty if it has nothing."""

from collections.abc import Callable, Sequence
from html import escape

from jaxbio.clinical.page.charts import ranges, signed_bars, strip, survival_curve
from jaxbio.clinical.patient import Answer, Patient

Section = Callable[[Patient], str]

_MOST = 10  # bars


def heading(patient: Patient) -> str:
    """Who and what."""
    return (
        f"<h1>Patient {escape(patient.id)}</h1>"
        f'<p class="faint">{escape(patient.run)}</p>'
        '<p class="notice"><strong>A research tool, no medical device.</strong> '
        "What stands here was computed by a model and was not checked by anybody. It "
        "must not be the ground of a diagnosis or a treatment.</p>"
    )


def warnings(patient: Patient) -> str:
    """What was odd about the inputs."""
    if not patient.warnings:
        return ""
    lines = "".join(f"<li>{escape(line)}</li>" for line in patient.warnings)
    return f'<div class="notice"><p>Noticed in the data:</p><ul>{lines}</ul></div>'


def advice(patient: Patient) -> str:
    """What is advised, by arm, and what such advice is worth."""
    if not patient.options:
        return ""
    rows = []
    for each in patient.options:
        interval = effect = "reference"
        if each.effect is not None and each.low is not None and each.high is not None:
            effect = f"{each.effect:+.3g}"
            interval = f"{each.low:+.3g} to {each.high:+.3g}"
        rows.append(
            [each.arm, f"{each.outcome:.4g}", effect, interval, f"{each.patients:,}"]
        )
    head = [
        "arm",
        "expected outcome",
        "effect",
        f"{patient.level:.0%} interval",
        "patients of the cohort",
    ]
    evidence = "".join(f"<p>{escape(line)}</p>" for line in patient.evidence)
    return (
        f'<h2>Treatment</h2><p class="advice">{escape(patient.advice)}</p>'
        f"{table(head, rows)}"
        '<p class="faint">The interval is for the mean effect in patients with the '
        "same values, not for what will happen to this one.</p>"
        f"{evidence}"
    )


def answers(patient: Patient) -> str:
    """What is predicted, beside the cohort."""
    first, *others = patient.answers
    parts = [f"<h2>{escape(_upper(first.name))}</h2>", _answer(first)]
    if first.cohort.get("quantiles"):
        parts.append(_beside(first))
        parts.append(_alike(first))
    if others:
        rows = [[each.name, shown(each, each.value)] for each in others]
        parts.append(table(["also predicted", ""], rows))
    return "".join(parts)


def _answer(answer: Answer) -> str:
    if answer.value != answer.value:
        return '<p class="answer">no prediction</p>'
    text = f'<p class="answer">{shown(answer, answer.value)}</p>'
    if answer.spread is not None:
        text += (
            f'<p class="faint">The networks of the model differ by '
            f"{shown(answer, answer.spread)} (standard deviation).</p>"
        )
    return text


def _beside(answer: Answer) -> str:
    cuts = answer.cohort["quantiles"]
    below = sum(cut < answer.value for cut in cuts) / len(cuts)
    chart = strip(
        cuts,
        answer.value,
        shown(answer, min(cuts[0], answer.value)),
        shown(answer, max(cuts[-1], answer.value)),
        f"{answer.name}: {shown(answer, answer.value)} beside the cohort",
    )
    return (
        f"<figure>{chart}<figcaption>The mark is this patient; the broad bar is the "
        f"middle half of the cohort, the narrow one 90 % of it. About {below:.0%} of "
        f"the cohort are lower.</figcaption></figure>"
    )


def _alike(answer: Answer) -> str:
    """Patients of the cohort with such predictions, as counts."""
    tenths = answer.cohort.get("tenths", [])
    if not tenths:
        return ""
    middle = [(each["low"] + each["high"]) / 2 for each in tenths]
    at = min(range(len(tenths)), key=lambda k: abs(middle[k] - answer.value))
    own = tenths[at]
    known = "were so" if answer.percent else "was observed on average"
    seen = f"{own['observed']:.0%}" if answer.percent else f"{own['observed']:.4g}"
    return (
        f"<p>Of patients whose true value is known, {own['rows']:,} had predictions "
        f"next to this one ({shown(answer, own['low'])} to "
        f"{shown(answer, own['high'])}); {seen} {known}.</p>"
    )


def curve(patient: Patient) -> str:
    """The survival curve."""
    if patient.curve is None:
        return ""
    chart = survival_curve(*patient.curve, "probability of no event by time")
    return (
        f"<h2>Over time</h2><figure>{chart}<figcaption>Probability of no event by each "
        f"time; dashed that of the cohort.</figcaption></figure>"
    )


def alike(patient: Patient) -> str:
    """What became of the patients of the cohort that are most like this one."""
    if patient.alike is None:
        return ""
    lines = "".join(f"<li>{escape(line)}</li>" for line in patient.alike.told)
    far = (
        " This patient is less like them than most of them are like each other: do not "
        "rely on it."
        if patient.alike.far
        else ""
    )
    return (
        f"<h2>Patients most like this one</h2><p>What was observed in the "
        f"{patient.alike.rows:,} patients of the cohort whose columns of numbers and "
        f"categories are nearest, all columns counting alike:{far}</p><ul>{lines}</ul>"
        '<p class="faint">Observed, not predicted. Treatments and all else that became '
        "of them differed.</p>"
    )


def contributions(patient: Patient) -> str:
    """What speaks for more and for less."""
    given = [each for each in patient.contributions if each.value][:_MOST]
    if not given:
        return ""
    first = patient.answers[0]
    chart = signed_bars(
        [each.column for each in given],
        [each.cell for each in given],
        [each.value for each in given],
        [shown(first, each.value, sign=True) for each in given],
        "contributions of columns",
    )
    rest = len(patient.contributions) - len(given)
    more = f" {rest} further columns contribute less." if rest > 0 else ""
    return (
        f"<h2>Main contributions</h2><figure>{chart}<figcaption>Shapley values: they "
        f"lead from {shown(first, patient.base)}, the mean of patients made of the "
        f"cohort's values, to {shown(first, first.value)}. To the right are values "
        f"that raise it, to the left those that lower it.{more} They describe the "
        f"model, not causes.</figcaption></figure>"
    )


def gaps(patient: Patient) -> str:
    """What is missing, and how much it could change."""
    if not patient.gaps:
        return ""
    first, shownonly = patient.answers[0], patient.gaps[:_MOST]
    chart = ranges(
        [each.column for each in shownonly],
        [each.low for each in shownonly],
        [each.high for each in shownonly],
        first.value,
        [f"{shown(first, x.low)} to {shown(first, x.high)}" for x in shownonly],
        "predictions with values of the cohort in place of missing ones",
    )
    return (
        f"<h2>Missing values</h2><figure>{chart}<figcaption>What would be predicted "
        f"with values of the cohort in the place of a missing one; the line is what is "
        f"predicted without it.</figcaption></figure>"
    )


def outside(patient: Patient) -> str:
    """Values beyond all that were learned from."""
    if not patient.outside:
        return ""
    rows = [[each.column, each.cell, each.known] for each in patient.outside]
    return (
        "<h2>Beyond what was learned from</h2><p>No patient of the cohort had such "
        "values; what is predicted by them is a guess.</p>"
        f"{table(['column', 'this patient', 'cohort'], rows)}"
    )


def footing(patient: Patient) -> str:
    """What the page rests on."""
    known = (
        f"The model learned from {patient.cohort_rows:,} patients, of whom this page "
        f"holds counts and quantiles alone."
        if patient.cohort_rows is not None
        else "The run keeps nothing of the patients that it learned from, as runs of "
        "older versions: train it again to see this patient beside them."
    )
    return (
        f"<footer><p>{known}</p><p>Research tool, no medical device. Made by jaxbio."
        f"</p></footer>"
    )


SECTIONS: tuple[Section, ...] = (
    heading,
    warnings,
    advice,
    answers,
    curve,
    alike,
    contributions,
    gaps,
    outside,
    footing,
)
"""The sections in the order of a page."""


def shown(answer: Answer, value: float, *, sign: bool = False) -> str:
    """A number as the answer is shown: in percent, or with few digits.

    Example:
        >>> shown(Answer("risk", 0.5, percent=True), 0.123)
        '12.3 %'
        >>> shown(Answer("weight", 70.0), -1.25, sign=True)
        '-1.25'
    """
    plus = "+" if sign else ""
    return f"{100 * value:{plus}.1f} %" if answer.percent else f"{value:{plus}.4g}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; cells are escaped.

    Example:
        >>> table(["a"], [["<"]]).count("&lt;")
        1
    """
    first = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{first}</tr></thead><tbody>{body}'
        f"</tbody></table></div>"
    )


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
