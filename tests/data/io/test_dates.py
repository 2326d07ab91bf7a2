import pytest

from jaxbio.data.io.dates import days_of, is_date, is_unclear


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["1970-01-11", "1969-12-31"], [10, -1]),
        (["1970/1/2", "1970.01.03"], [1, 2]),
        (["1.2.1970"], [31]),  # before points it is the day
        (["02/13/1970", "01/02/1970"], [43, 1]),
        (["13/02/1970", "01/02/1970"], [43, 31]),
        (["31.12.69", "1.1.68"], [-1, 35794]),
        (["1970-01-01T06:00:00Z", "1970-01-01 18:30"], [0.25, 18.5 / 24]),
        (["29.02.2024"], [19782]),
    ],
)
def test_days_since_1970(cells, days):
    found = days_of(cells)
    assert [found[cell] for cell in cells] == pytest.approx(days)


@pytest.mark.parametrize(
    "cells",
    [["1/2/1970"], ["13/13/1970"], ["2023-02-29"], ["1970-01-01", "soon"], [], ["1.5"]],
)
def test_what_is_no_date_or_unclear(cells):
    assert days_of(cells) is None


def test_day_and_month_that_contradict_each_other():
    assert days_of(["13/01/1970", "01/13/1970"]) is None
    assert is_unclear(["01/02/1970", "03/04/1970"])
    assert not is_unclear(["01/02/1970", "13/04/1970"])
    assert not is_date("08:30") and not is_date("1.2.3")
