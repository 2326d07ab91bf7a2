"""Places that are like windows, and are none."""

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.genome.intervals import Intervals
from jaxbio.genome.negatives import matched_negatives
from jaxbio.genome.reference import Reference


def places(contigs, starts, size, strands=None):
    starts = np.asarray(starts, np.int64)
    sides = np.full(len(starts), ".", object) if strands is None else strands
    return Intervals(np.array(contigs, object), starts, starts + size, sides)


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    """Stretches that differ in G and C and in case, with runs of N."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("negatives") / "g.fa"
    lines = []
    for name in ("a", "b"):
        text = ""
        for at in range(60):
            strong = 0.15 + 0.7 * (at % 5) / 4
            weights = np.array([1 - strong, strong, strong, 1 - strong]) / 2
            part = "".join(rng.choice(list("ACGT"), 1000, p=weights))
            text += part.lower() if at % 2 else part
        text = text[:30_000] + "N" * 500 + text[30_500:]
        lines.append(f">{name}\n{text}\n")
    path.write_text("".join(lines))
    return Reference(path)


def draw(genome, windows, intervals=None, length=100, **how):
    notes = []
    how = {"ratio": 1.0, "avoid": "intervals", "seed": 0, **how}
    found = matched_negatives(
        windows, intervals or windows, genome, length, notes=notes, **how
    )
    return found, notes


def strong(genome, found, length=100):
    letters = genome.windows(found.contigs, found.starts, length)
    return ((letters == ord("G")) | (letters == ord("C"))).mean(axis=1)


def small(genome, found, length=100):
    letters = genome.windows(found.contigs, found.starts, length, upper=False)
    return (letters > 96).mean(axis=1)


def some(genome):
    """Windows in stretches rich in G and C, all in small letters."""
    rng = np.random.default_rng(1)
    starts = np.concatenate([[at * 1000, at * 1000 + 450] for at in
                             (3, 13, 9, 19, 33, 43, 39, 49, 53, 59)])  # fmt: skip
    names = rng.choice(["a", "b"], 2 * len(starts))
    sides = rng.choice(np.array(["+", "-"], object), 2 * len(starts))
    return places(names, np.tile(starts, 2)[: len(names)], 100, sides)


def test_negatives_are_alike_and_overlap_nothing(genome):
    windows = some(genome)
    intervals = places(["a", "b"], [12_000, 2_000], 3_000)
    found, notes = draw(genome, windows, intervals, ratio=1.5)
    assert len(found) == round(1.5 * len(windows))
    assert abs(strong(genome, found).mean() - strong(genome, windows).mean()) < 0.02
    assert small(genome, found).mean() > 0.9 > small(genome, windows).mean() - 0.2
    for name in ("a", "b"):
        mine = np.sort(found.starts[found.contigs == name])
        assert (np.diff(mine) >= 100).all()  # none overlaps another
        for other in (windows, intervals):
            rows = other.contigs == name
            for start, end in zip(other.starts[rows], other.ends[rows], strict=True):
                assert not ((mine < end) & (start < mine + 100)).any()
        assert (found.contigs == name).sum() == pytest.approx(
            1.5 * (windows.contigs == name).sum(), abs=6
        )
    assert not (genome.windows(found.contigs, found.starts, 100) == ord("N")).any()
    assert "small letters" in notes[-1]
    same = (found.strands == "-").mean() - (windows.strands == "-").mean()
    assert abs(same) < 0.15


def test_the_seed_decides(genome):
    windows = some(genome)
    one, two, other = (draw(genome, windows, seed=at)[0].starts for at in (0, 0, 1))
    assert one.tolist() == two.tolist() != other.tolist()


def test_avoiding_windows_alone_leaves_more_room(genome):
    windows = places(["a"] * 3, [3000, 13_000, 23_000], 100)
    whole = places(["a"], [0], 60_000)
    with pytest.raises(DataError, match=r"no place of 100 bases.*\(avoid='windows'\)"):
        draw(genome, windows, whole)
    found, _ = draw(genome, windows, whole, avoid="windows")
    assert len(found) == 3


def test_places_that_are_too_few_are_counted(genome):
    windows = places(["a"] * 10, np.arange(10) * 100, 100)
    intervals = places(["a", "a"], [-49_000, 10_500], 59_000)  # leaves 500 bases
    found, notes = draw(genome, windows, intervals)
    assert 2 <= len(found) <= 5
    assert notes[0].startswith(f"only {len(found)} of 10 negatives were found")
    assert "avoid='windows' avoids less" in notes[0]


def test_a_ratio_that_is_none(genome):
    with pytest.raises(DataError, match="ratio=0"):
        draw(genome, some(genome), ratio=0)


def test_places_with_an_n_are_none(tmp_path):
    """The first half has an N in each 50 bases, and is else like the rest."""
    rng = np.random.default_rng(0)
    letters = rng.choice(list("ACGT"), 8000)
    letters[:4000:50] = "N"
    (tmp_path / "g.fa").write_text(">c\n" + "".join(letters) + "\n")
    windows = places(["c"] * 5, np.arange(4100, 4600, 100), 100)
    found, _ = draw(Reference(tmp_path / "g.fa"), windows, ratio=4)
    assert len(found) > 15 and (found.starts >= 3951).all()
