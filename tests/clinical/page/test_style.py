from jaxbio.clinical.page.style import STYLE


def test_it_is_for_dark_screens_phones_and_paper_and_asks_for_nothing():
    for words in ("prefers-color-scheme: dark", "max-width: 30rem", "@media print"):
        assert words in STYLE
    assert "url(" not in STYLE and "@import" not in STYLE
    assert STYLE.count("{") == STYLE.count("}")
