from xml.etree import ElementTree

import numpy as np

from jaxbio.clinical.page.charts import ranges, signed_bars, strip, survival_curve


def parts(text, name):
    return [x for x in ElementTree.fromstring(text).iter() if x.tag == name]


def test_a_strip_marks_the_patient():
    text = strip([float(x) for x in range(21)], 5.0, "0", "20", 'a "title" <')
    marks = [x for x in parts(text, "line") if x.get("class") == "mark"]
    assert float(marks[0].get("x1")) == 10 + 460 / 4
    outside = strip([float(x) for x in range(21)], 40.0, "0", "40", "x")
    marks = [x for x in parts(outside, "line") if x.get("class") == "mark"]
    assert float(marks[0].get("x1")) == 470
    assert "rect" in strip([1.0] * 21, 1.0, "1", "1", "all the same")


def test_bars_go_to_the_side_of_their_sign():
    text = signed_bars(["a<b", "c"], ["1", ""], [2.0, -1.0], ["+2", "-1"], "x")
    up, down = parts(text, "rect")
    assert up.get("class") == "up" and down.get("class") == "down"
    assert abs(float(up.get("width")) - 2 * float(down.get("width"))) < 0.15
    zero = float(down.get("x")) + float(down.get("width"))
    assert abs(zero - float(up.get("x"))) < 0.15


def test_ranges_share_a_line_and_curves_begin_at_all():
    text = ranges(["a", "b"], [1.0, 2.0], [3.0, 2.5], 2.0, ["", ""], "x")
    first, second = (float(x.get("width")) for x in parts(text, "rect"))
    assert abs(first - 4 * second) < 0.2
    own, whole = np.array([0.5, 0.0]), np.array([1.0, 0.5])
    curve = survival_curve(np.array([2.0, 4.0]), own, whole, "x")
    cohort, path = parts(curve, "path")
    assert path.get("d").startswith("M44.0 8.0 L") and path.get("d").endswith("180.0")
    assert cohort.get("d").endswith(" 94.0")  # half way
    assert [x.text for x in parts(curve, "text")][-5:] == ["0", "1", "2", "3", "4"]
