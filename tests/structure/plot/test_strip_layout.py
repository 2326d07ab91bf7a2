import numpy as np
import pytest

from jaxbio.structure.plot.strip_layout import (
    Segment,
    arrow,
    bands,
    ribbon,
    rows,
    segments,
    within,
)


@pytest.mark.parametrize(
    ("length", "expected"),
    [(1, [(0, 1)]), (80, [(0, 80)]), (81, [(0, 80), (80, 81)]), (0, [])],
)
def test_rows_have_80_residues(length, expected):
    assert rows(length) == expected


def test_a_long_chain_has_as_many_rows_as_it_needs():
    assert rows(1500)[-1] == (1440, 1500)
    assert len(rows(1500)) == 19


def test_segments_of_helices_and_strands():
    assert segments("CCHHHHEC") == [
        Segment("C", 0, 2),
        Segment("H", 2, 6),
        Segment("E", 6, 7),
        Segment("C", 7, 8),
    ]


def test_a_segment_across_two_rows_ends_in_the_second():
    parts = segments("C" * 78 + "E" * 5)
    assert within(parts, 0, 80) == [
        Segment("C", 0, 78),
        Segment("E", 78, 80, ends=False),
    ]
    assert within(parts, 80, 83) == [Segment("E", 80, 83)]


def test_a_strand_has_its_head_where_it_ends():
    outline = arrow(Segment("E", 2, 8))
    assert outline[:, 0].max() == 8
    tip = outline[outline[:, 0] == 8]
    assert tip.tolist() == [[8.0, 0.0]]
    assert np.abs(outline[:, 1]).max() == 0.5
    goes_on = arrow(Segment("E", 2, 8, ends=False))
    assert np.abs(goes_on[:, 1]).max() == 0.25


def test_a_head_is_no_longer_than_its_strand():
    assert arrow(Segment("E", 4, 5))[:, 0].min() == 4


@pytest.mark.parametrize(("length", "turns"), [(1, 1), (3, 2), (4, 2), (18, 10)])
def test_a_ribbon_has_a_band_for_each_half_turn(length, turns):
    found = ribbon(Segment("H", 5, 5 + length))
    assert len(found) == turns
    corners = np.concatenate(found)
    assert corners[:, 0].min() == pytest.approx(5)
    assert corners[:, 0].max() == pytest.approx(5 + length)


def test_bands_of_a_row_come_one_below_the_other():
    full = bands(True, True)
    assert list(full) == sorted(full)
    assert bands(False, True).height < full.height
    assert np.isnan(bands(False, False).curves)
