"""The table of designed sequences."""

from benchmarks.accuracy.design import keep, table, values
from benchmarks.report import read


def line(seed, mean, method="evolution"):
    known = {"best": 8.0, "top10": 7.0, "proposals": 2, "calls": 9}
    return {"set": "gb1", "way": "at once", "method": method, "seed": seed, **known} | {
        "mean": mean
    }


def test_values_are_those_of_the_truth():
    truth = {text: float(at) for at, text in enumerate("ABCDEFGHIJKL")}
    found = values(list("LKJIHGFEDCBA"), truth)
    assert found == {"mean": 5.5, "best": 11.0, "top10": 6.5, "proposals": 12}


def test_a_line_takes_the_place_of_its_former_one(tmp_path):
    path = tmp_path / "design.jsonl"
    for each in (line(0, 1.0), line(1, 3.0), line(0, 2.0), line(0, 5.0, "random")):
        keep(each, path)
    assert [item["mean"] for item in read(path)] == [2.0, 3.0, 5.0]
    rows = table(read(path)).splitlines()
    assert rows[2] == (
        "| gb1 | 2 at once | evolution | 9 | 2.50 (2.00 – 3.00) | 8.00 (8.00 – 8.00) | "
        "7.00 (7.00 – 7.00) | 2 |"
    )
    assert len(rows) == 4
