import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from jaxbio.clinical.page.document import patient_page
from jaxbio.clinical.patient import Answer, Contribution, Patient

VOID = {"meta", "rect", "line", "path", "link", "br", "img"}
NASTY = Patient(
    '<script>alert("x")</script>',
    "ill & well",
    (Answer("risk", 0.3, True, None, {"quantiles": [0.1] * 21}),),
    (Contribution('"age"<b>', "<i>", 0.1),),
    0.2,
    warnings=("see http&colon; nothing",),
)


class Checked(HTMLParser):
    """Whether tags are closed in order, and which there are."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], set(), []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_page_is_well_formed_and_asks_for_nothing():
    text = patient_page(NASTY)
    page = Checked()
    page.feed(text)
    page.close()
    assert page.open == []
    assert {"html", "main", "h1", "svg", "footer"} <= page.seen
    assert not page.seen & {"script", "link", "img", "iframe", "object", "form"}
    names = {name for name, _ in page.attributes}
    assert not names & {"src", "href", "srcset", "action"}
    assert not [name for name in names if name.startswith("on")]
    assert "http:" not in text and "https:" not in text and "//" not in text


def test_a_browser_draws_it(tmp_path):
    browser = next(
        (
            x
            for x in ("chromium", "chromium-browser", "google-chrome")
            if shutil.which(x)
        ),
        None,
    )
    if browser is None:
        pytest.skip("no chromium here to draw a page with")
    path, picture = tmp_path / "page.html", tmp_path / "page.png"
    path.write_text(patient_page(NASTY), encoding="utf-8")
    words = [browser, "--headless", "--no-sandbox", "--disable-gpu"]
    subprocess.run(
        [*words, f"--screenshot={picture}", path.as_uri()], check=True, timeout=60
    )
    assert picture.stat().st_size > 1000
