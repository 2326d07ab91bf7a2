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


def test_a_browser_draws_it_and_asks_for_nothing(tmp_path):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no chromium here to draw a page with")
    path, picture = tmp_path / "page.html", tmp_path / "page.png"
    asked = (
        "<script>onload = () => { const page = document.documentElement; const lines ="
        " performance.getEntriesByType('resource'); document.title = lines.length +"
        " ' requests, ' + document.querySelectorAll('svg').length + ' pictures, ' +"
        " 'too wide: ' + (page.scrollWidth > innerWidth); }</script></body>"
    )
    path.write_text(patient_page(NASTY).replace("</body>", asked), encoding="utf-8")
    words = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--log-level=0"]
    words += ["--enable-logging=stderr", "--window-size=500,900"]

    def drawn(*more):
        return subprocess.run(
            [*words, *more, path.as_uri()],
            check=True, timeout=120, capture_output=True, text=True,
        )  # fmt: skip

    found = drawn("--dump-dom")
    assert "<title>0 requests, 2 pictures, too wide: false</title>" in found.stdout
    assert "CONSOLE" not in found.stderr
    drawn(f"--screenshot={picture}")
    assert picture.stat().st_size > 1000
