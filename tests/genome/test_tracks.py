"""Values of bigWig files in windows, by hand."""

from typing import Any

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.genome.intervals import Intervals
from jaxbio.genome.reference import Reference
from jaxbio.genome.tracks import opened, track_columns
from jaxbio.genome.windows import read_windows

pytest.importorskip("pybigtools", reason="bigWig files are its business")
VALUES = np.repeat([1.0, 3.0, np.nan, 4.0, 8.0], 4)  # of 20 bases


@pytest.fixture
def files(tmp_path):
    import pybigtools

    rows = [
        ("chr1", 4 * at, 4 * at + 4, value)
        for at, value in enumerate([1.0, 3.0, None, 4.0, 8.0])
        if value is not None
    ]
    pybigtools.open(str(tmp_path / "x.bw"), "w").write({"chr1": 20}, iter(rows))
    (tmp_path / "g.fa").write_text(">1\n" + "ACGTA" * 4 + "\n>2\nACGTACGT\n")
    return tmp_path


def windows(starts, size, strands, contig="1"):
    starts = np.array(starts)
    names = np.array([contig] * len(starts), object)
    return Intervals(names, starts, starts + size, np.array(list(strands), object))


def columns(files, places, notes=None, **how):
    how = {"summary": "mean", "bins": None, "uncovered": "missing", **how}
    outside = np.zeros(len(places), bool)
    genome = Reference(files / "g.fa")
    track = {"x": files / "x.bw"}
    notes = [] if notes is None else notes
    return track_columns(places, outside, track, genome, notes=notes, **how)


@pytest.mark.parametrize("uncovered", ["missing", "zero"])
@pytest.mark.parametrize("summary", ["mean", "sum", "max"])
def test_summaries_of_windows(files, summary, uncovered):
    places = windows([0, 2, 5, 12], 8, ["+", "-", ".", "+"])
    found = columns(files, places, summary=summary, uncovered=uncovered)["x"]
    values = VALUES if uncovered == "missing" else np.nan_to_num(VALUES)
    of = {"mean": np.nanmean, "sum": np.nansum, "max": np.nanmax}[summary]
    expected = [of(values[at : at + 8]) for at in (0, 2, 5, 12)]
    assert found.tolist() == pytest.approx(expected)


def test_bins_begin_at_the_five_prime_end(files):
    places = windows([0, 0, 12], 8, ["+", "-", "."])
    found = columns(files, places, bins=4)
    table = np.stack([found[f"x_bin_{at}"] for at in (1, 2, 3, 4)], axis=1)
    assert table.tolist() == [[1, 1, 3, 3], [3, 3, 1, 1], [4, 4, 8, 8]]


def test_what_has_no_value_is_counted(files):
    notes = []
    found = columns(files, windows([4, 8], 4, "++"), notes)["x"]
    assert found[0] == 3 and np.isnan(found[1])
    assert "50 % of the bases of windows have no value" in notes[0]
    assert "1 windows lack a number to learn (uncovered='zero'" in notes[0]
    notes = []
    assert (
        columns(files, windows([4, 8], 4, "++"), notes, uncovered="zero")["x"][1] == 0
    )
    assert not notes
    with pytest.raises(DataError, match="no value in any of the windows"):
        columns(files, windows([0], 4, "+", contig="2"))


def test_windows_outside_have_none(files):
    places, outside = windows([0, 16], 8, "++"), np.array([False, True])
    how = {"summary": "max", "bins": None, "uncovered": "zero", "notes": []}
    found = track_columns(
        places, outside, {"x": files / "x.bw"}, Reference(files / "g.fa"), **how
    )["x"]
    assert found[0] == 3 and np.isnan(found[1])


def test_windows_with_tracks_as_rows(files):
    how = {"tracks": [files / "x.bw"], "summary": "mean"}
    found = read_windows(None, files / "g.fa", 8, **how, bins=2)
    assert found.targets == {"x_bin_*": "number"}
    assert found.options["tracks"] == {"x": str(files / "x.bw")}
    values = found.dataset().targets["x_bin_*"].values
    assert values[0].tolist() == [1, 3]
    assert np.isnan(values[1, 0]) and values[1, 1] == 4
    with pytest.raises(DataError, match="two tracks have one name"):
        read_windows(None, files / "g.fa", 8, tracks=[files / "x.bw"] * 2)
    with pytest.raises(DataError, match="windows of 8 bases have 1 to 8 parts"):
        read_windows(None, files / "g.fa", 8, **how, bins=9)


def test_profiles_are_values_of_bases(files):
    how: dict[str, Any] = {"tracks": {"x": files / "x.bw"}, "bins": 4}
    starts = np.array([2, 2, 12])
    places = Intervals(
        np.array(["1"] * 3, object),
        starts,
        starts + 8,
        np.array(["+", "-", "."], object),
    )
    found = read_windows(places, files / "g.fa", 8, **how, uncovered="missing")
    expected = np.stack([VALUES[2:10], VALUES[2:10][::-1], VALUES[12:20]])
    np.testing.assert_array_equal(found.profiles["x"], expected)
    assert (
        "17 % of the bases of windows have no value and are left out" in found.notes[-1]
    )
    zero = read_windows(places, files / "g.fa", 8, **how)
    assert "17 % of the bases of windows have no value and count as 0" in zero.notes[-1]
    np.testing.assert_array_equal(zero.profiles["x"], np.nan_to_num(expected))
    assert found.targets == {"x": "positions_number"} and found.tasks is not None
    assert (found.tasks["x"].length, found.tasks["x"].bins) == (8, 4)
    assert found.options["bins"] == 4 and "summary" not in found.options
    more = {"negatives": "matched", "avoid": "windows"}
    both = read_windows(
        windows([0, 1], 2, "++"), files / "g.fa", 2, **{**how, **more, "bins": 2}
    )
    assert both.tasks is not None
    assert [task.name for task in both.tasks.values()] == ["binary", "profile"]
    column = found.dataset().targets["x"]
    np.testing.assert_array_equal(column.take(np.array([1])).values, expected[1])
    whole = read_windows(
        places, files / "g.fa", 8, tracks=how["tracks"], summary="profile"
    )
    assert whole.tasks is not None and whole.tasks["x"].bins == 1


def test_profiles_that_cannot_be(files):
    import pybigtools

    genome, tracks = files / "g.fa", [files / "x.bw"]
    with pytest.raises(DataError, match=r"bins=3: .* give length=6 or length=9"):
        read_windows(None, genome, 8, tracks=tracks, bins=3)
    with pytest.raises(DataError, match=r"bins=9: .* give length=9"):
        read_windows(None, genome, 8, tracks=tracks, bins=9)
    with pytest.raises(DataError, match="have a column 'start'"):
        read_windows(None, genome, 8, tracks={"start": tracks[0]}, bins=2)
    low = [("1", 0, 4, -1.0)]
    pybigtools.open(str(files / "low.bw"), "w").write({"1": 20}, iter(low))
    with pytest.raises(DataError, match="values below 0, and a profile is of counts"):
        read_windows(None, genome, 8, tracks=[files / "low.bw"], bins=2)
    far = [("2", 0, 4, 1.0)]
    pybigtools.open(str(files / "far.bw"), "w").write({"2": 8}, iter(far))
    place = Intervals(*(np.array([x]) for x in ("1", 0, 8, ".")))
    with pytest.raises(DataError, match="no value in any of the windows"):
        read_windows(place, genome, 8, tracks=[files / "far.bw"], bins=2)


def test_files_that_are_none(files):
    with pytest.raises(DataError, match="not a bigWig file"):
        opened(files / "g.fa")
    with pytest.raises(DataError, match="there is no such file"):
        opened(files / "none.bw")
