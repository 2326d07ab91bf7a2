import pytest

from jaxbio.data.columns.scales import order_of


@pytest.mark.parametrize(
    "words",
    [
        ("none", "Mild", "moderate", "severe"),
        ("absent", "slight", "very severe"),
        ("low", "intermediate", "high"),
        ("absent", "decreased", "normal", "increased"),
        ("underweight", "normal weight", "overweight", "obese"),
        ("poorly differentiated", "moderately_differentiated", "well differentiated"),
        ("0", "1+", "2+", "3+"),
        ("<=20", "20-50", ">50"),
        ("under $11k", "$11-$25k", "$25-$50k", ">$50k"),
        ("0-4", "5-9", "10-14"),
        ("0", "1-2", "3+"),
        ("I", "II", "IV"),
        ("stage IA", "stage IB", "stage III"),
        ("T1", "T2", "T4a", "T4b"),
        ("G1", "G2", "G3"),
    ],
)
def test_grades_have_their_order(words):
    assert order_of(reversed(words)) == words
    assert order_of([*words, "unknown"]) == words


@pytest.mark.parametrize(
    "words",
    [
        ("low", "high"),  # of two the order says nothing
        ("1", "2", "3"),  # numbers
        ("slight", "mild", "severe"),  # two of one level
        ("site 1", "site 2", "site 3"),
        ("T1", "N2", "M3"),
        ("2020-01", "2020-02", "2020-03"),
        ("12-345", "13-400", "15-900"),  # numbers of something, which overlap
        ("red", "green", "blue"),
        ("none", "mild", "blue"),
        (),
    ],
)
def test_other_words_have_none(words):
    assert order_of(words) == ()


def test_what_was_not_assessed_is_no_grade():
    assert order_of(["N0", "N1", "N2", "NX"]) == ("N0", "N1", "N2")
