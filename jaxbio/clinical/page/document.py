"""A page as one file of HTML, without scripts, requests or other files."""

from html import escape

from jaxbio.clinical.page.sections import SECTIONS
from jaxbio.clinical.page.style import STYLE
from jaxbio.clinical.patient import Patient


def patient_page(patient: Patient) -> str:
    """The page of a patient.

    Args:
        patient: What it says.

    Returns:
        HTML for light and dark screens, phones and paper.

    Example:
        >>> from jaxbio.clinical.patient import Answer
        >>> page = patient_page(Patient("7", "risk", (Answer("risk", 0.3, True),)))
        >>> page.startswith("<!doctype html>"), "30.0 %" in page
        (True, True)
    """
    body = "".join(section(patient) for section in SECTIONS)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Patient {escape(patient.id)}</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )
