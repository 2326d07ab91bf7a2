"""TM-score and GDT: by hand, beside biotite and a plain search."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from jaxbio.errors import DataError
from jaxbio.structure.metrics import GDT_HA, gdt_ts, rmsd, superpose, tm_score
from jaxbio.structure.metrics.tm_gdt import tm_scale
from tests.proteins import noisy, turned, walk

MEASURES = (rmsd, tm_score, gdt_ts)


def array(structure, coordinates):
    """CA atoms for biotite."""
    made = structure.AtomArray(len(coordinates))
    made.coord = coordinates.astype(np.float32)
    made.res_id = np.arange(1, len(coordinates) + 1)
    made.res_name[:], made.atom_name[:], made.element[:] = "ALA", "CA", "C"
    made.chain_id[:] = "A"
    return made


@pytest.fixture
def biotite():
    return pytest.importorskip("biotite.structure", reason="biotite is not installed")


def test_half_of_a_chain_is_right():
    # The second half is 1,000 angstrom away from where it should be: nothing fits both.
    reference = walk(100)
    model = reference.copy()
    model[50:] += 1000
    assert tm_score(reference, turned(model)) == pytest.approx(0.5, abs=1e-3)
    assert gdt_ts(reference, turned(model)) == 50
    assert rmsd(reference, model, mask=np.arange(100) < 50) == pytest.approx(
        0, abs=1e-6
    )
    # A fifth: the rest scattered.
    model = 1000 * np.random.default_rng(0).normal(size=(100, 3))
    model[40:60] = reference[40:60]
    assert gdt_ts(reference, model) == 20
    assert tm_score(reference, model) == pytest.approx(0.2, abs=1e-3)


def test_gdt_by_hand():
    # Ten residues at the corners of a far-spread frame hold the model in place, ten
    # are off, two each by 0.4, 0.9, 1.9, 3.9 and 7.9 to opposite sides.
    frame = 1000.0 * np.vstack([np.eye(3), -np.eye(3), np.eye(3), -np.eye(3)])[:10]
    reference = np.vstack([frame, np.zeros((10, 3))])
    model = reference.copy()
    for at, off in enumerate([0.4, 0.9, 1.9, 3.9, 7.9]):
        model[10 + 2 * at, 2], model[11 + 2 * at, 2] = off, -off
    # Within 1, 2, 4 and 8: 14, 16, 18 and 20 of 20; within 0.5: 12.
    assert gdt_ts(reference, model) == pytest.approx((70 + 80 + 90 + 100) / 4)
    high = gdt_ts(reference, model, thresholds=GDT_HA)
    assert high == pytest.approx((60 + 70 + 80 + 90) / 4)


def test_scale_by_hand():
    # 1.24 * 27 ** (1 / 3) - 1.8 = 1.92 for 42 residues.
    assert tm_scale(42) == pytest.approx(1.92)
    assert tm_scale(15) == tm_scale(3) == tm_scale(18) == 0.5


def test_few_residues():
    reference = walk(3)
    assert tm_score(reference, turned(reference)) == pytest.approx(1)
    assert gdt_ts(reference, turned(reference)) == 100
    for measure in MEASURES:
        with pytest.raises(DataError, match=r"only 2 .* needs 3"):
            measure(reference[:2], reference[:2])


@pytest.mark.parametrize(("size", "seed"), [(0.5, 0), (2.0, 1), (5.0, 2)])
def test_no_superposition_has_a_higher_tm_score(size, seed):
    """Beside a general optimiser from many starts."""
    reference, model = walk(40, seed), noisy(walk(40, seed), size, seed)
    scale = tm_scale(40)
    centred = model - model.mean(axis=0)

    def loss(move):
        moved = centred @ Rotation.from_rotvec(move[:3]).as_matrix() + move[3:]
        squared = ((moved - reference) ** 2).sum(axis=1)
        return -(1 / (1 + squared / scale**2)).mean()

    random = np.random.default_rng(seed)
    best = 0.0
    for _ in range(12):
        turn = Rotation.random(random_state=random.integers(2**31)).as_rotvec()
        start = np.concatenate([turn, reference[random.integers(40)]])
        best = max(best, -minimize(loss, start, method="BFGS").fun)
    assert tm_score(reference, turned(model)) >= best - 1e-5


@pytest.mark.parametrize(("size", "seed"), [(0.5, 0), (1.5, 1), (3.0, 2)])
def test_tm_score_beside_biotite(biotite, size, seed):
    """Biotite scores a superposition as it is: ours is the best there is."""
    reference, model = walk(80, seed), noisy(walk(80, seed), size, seed)
    every = np.arange(80)

    def theirs(moved):
        fixed, other = array(biotite, reference), array(biotite, moved)
        return biotite.tm_score(fixed, other, every, every)

    ours = tm_score(reference, turned(model))
    by_rmsd = theirs(superpose(reference, model).coordinates)
    assert by_rmsd - 1e-6 <= ours <= by_rmsd + 0.03
    # With one half misplaced, the superposition of the other half is known.
    model = reference.copy()
    model[40:] += 300
    expected = theirs(model)
    assert expected - 1e-6 <= tm_score(reference, model) <= expected + 1e-4
