"""Precision of contacts: by hand, by sorting, and on real chains."""

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.metrics import contact_map, contact_metrics, precision_at_l
from jaxbio.metrics.contacts import SEPARATIONS
from jaxbio.structure import read_chains


def symmetric(table):
    return np.triu(table, 1) + np.triu(table, 1).T


def walk(length, seed=0):
    """CA or CB of a compact random chain."""
    random = np.random.default_rng(seed)
    return random.normal(size=(length, 3)) * 8


def by_sorting(contacts, scores, least, most, count):
    """Precision of the first pairs, in plain loops; scores must all differ."""
    length = len(contacts)
    pairs = [
        (scores[i, j], contacts[i, j])
        for i in range(length)
        for j in range(i + least, min(length, i + most + 1))
    ]
    best = sorted(pairs, reverse=True)[:count]
    return sum(hit for _, hit in best) / len(best)


def test_contact_map_by_hand():
    # CB at 0, 7.9 and 8 along a line: the third is not in contact with the first.
    points = np.array([[0.0, 0, 0], [7.9, 0, 0], [8.0, 0, 0], [np.nan] * 3])
    expected = [[1, 1, 0, -1], [1, 1, 1, -1], [0, 1, 1, -1], [-1, -1, -1, -1]]
    assert contact_map(points).tolist() == expected
    assert contact_map(points, contact=8.1)[0, 2] == 1
    atoms = np.full((4, 5, 3), np.nan)
    atoms[:, 1] = points  # only CA
    assert contact_map(atoms).tolist() == expected
    atoms[:2, 4] = 0.0  # now CB counts
    assert contact_map(atoms)[0].tolist() == [1, 1, -1, -1]
    with pytest.raises(DataError, match=r"shape \(4, 2\)"):
        contact_map(np.zeros((4, 2)))


def test_precision_by_hand():
    # 30 residues: L 30, L/2 15, L/5 6. Six long pairs are contacts; the best ten long
    # scores are those of four contacts and then of six others.
    truth = np.zeros((30, 30), bool)
    scores = np.zeros((30, 30))
    long = [(i, j) for i in range(30) for j in range(i + 24, 30)]
    assert len(long) == 21
    for place, (i, j) in enumerate(long):
        truth[i, j] = truth[j, i] = place in (0, 1, 2, 3, 10, 20)
        scores[i, j] = scores[j, i] = 1 - place / 100
    result = precision_at_l(truth, scores)
    assert result["long_l5"] == pytest.approx(4 / 6)
    assert result["long_l2"] == pytest.approx(5 / 15)
    assert result["long_l"] == pytest.approx(6 / 21)  # there are not more
    assert result["short_l"] == 0


@pytest.mark.parametrize("length", [7, 31, 60])
def test_precision_is_that_of_sorting(length):
    random = np.random.default_rng(length)
    truth = contact_map(walk(length, length))
    scores = symmetric(random.random((length, length)))
    result = precision_at_l(truth, scores)
    assert list(result)[:4] == ["all_l", "all_l2", "all_l5", "short_l"]
    for name, (least, most) in SEPARATIONS.items():
        for part, key in ((1, "l"), (2, "l2"), (5, "l5")):
            if least >= length:
                assert result[f"{name}_{key}"] is None
                continue
            count = max(length // part, 1)
            most = length if most is None else most
            expected = by_sorting(truth == 1, scores, least, most, count)
            assert result[f"{name}_{key}"] == pytest.approx(expected)


def test_ties_count_as_a_random_choice():
    random = np.random.default_rng(0)
    truth = contact_map(walk(40))
    coarse = symmetric(random.integers(0, 3, (40, 40)).astype(float))
    shuffled = [
        precision_at_l(truth, coarse + symmetric(random.random((40, 40))) / 10)
        for _ in range(200)
    ]
    result = precision_at_l(truth, coarse)
    for key in ("short_l", "long_l5", "all_l2"):
        values = [chain[key] for chain in shuffled]
        error = np.std(values) / np.sqrt(len(values))
        assert abs(result[key] - np.mean(values)) < 4 * error + 1e-9


def test_forms_of_truth_agree():
    points = walk(50)
    points[7] = np.nan
    atoms = np.full((50, 5, 3), np.nan)
    atoms[:, 4] = points
    table = np.linalg.norm(points[:, None] - points, axis=-1)
    scores = np.random.default_rng(1).random((50, 50))
    expected = precision_at_l(contact_map(points), scores)
    assert precision_at_l(table, scores) == expected
    assert precision_at_l(atoms, scores) == expected
    assert precision_at_l(atoms.astype(np.float32), scores) == expected
    # The mean of both triangles counts.
    assert precision_at_l(table, (scores + scores.T) / 2) == expected
    # No residue but the masked one counts; its scores may be anything.
    whole = contact_map(walk(50))
    scores[7] = np.nan
    mask = np.arange(50) != 7
    assert precision_at_l(whole, scores, mask=mask) == expected


def test_invariance():
    points, scores = walk(40), symmetric(np.random.default_rng(2).random((40, 40)))
    rotation = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    atoms = np.repeat(points[:, None], 5, axis=1)
    expected = precision_at_l(atoms, scores)
    assert precision_at_l(atoms @ rotation + 5, scores) == expected
    assert precision_at_l(atoms, np.exp(3 * scores)) == expected  # only the order
    assert precision_at_l(atoms[::-1], scores[::-1, ::-1]) == expected


def test_perfect_and_inverted_scores():
    truth = contact_map(walk(60) / 3)
    count = int(((truth == 1) & (np.arange(60)[:, None] + 24 <= np.arange(60))).sum())
    assert count > 60
    assert precision_at_l(truth, truth.astype(float))["long_l"] == 1.0
    assert precision_at_l(truth, -truth.astype(float))["long_l5"] < 0.5


def test_mean_over_chains():
    truth = np.eye(40, k=30, dtype=bool) | np.eye(40, k=-30, dtype=bool)  # 10 pairs
    short = truth[:20, :20]  # none, and no long pairs
    result = contact_metrics(
        [truth, truth, short], [truth * 1.0, 0.0 * truth, short * 1]
    )
    assert result["long_l5"] == pytest.approx((1 + 10 / 136) / 2)
    assert (result["short_l"], result["chains"]) == (0.0, 3)
    masks = [np.ones(40), np.zeros(40), np.zeros(20)]
    result = contact_metrics(
        [truth, truth, short], [truth * 1.0, 0.0 * truth, short * 1], masks=masks
    )
    assert result["long_l5"] == 1.0
    assert contact_metrics([], [])["long_l"] is None
    some = contact_metrics([truth], [truth * 1.0], classes={"far": (30, 30)})
    assert some == {"far_l": 1.0, "far_l2": 1.0, "far_l5": 1.0, "chains": 1}


@pytest.mark.parametrize(
    ("truth", "scores", "mask", "message"),
    [
        (np.eye(9) > 0, np.eye(8), None, r"scores have shape \(8, 8\)"),
        (np.ones((9, 8)), np.ones((9, 8)), None, r"truth has shape \(9, 8\)"),
        (np.eye(9) > 0, np.eye(9), np.ones(8), "the mask has shape"),
        (np.eye(9), np.eye(9), None, "only 0 and 1 as fractional numbers"),
        (np.full((9, 9), 7), np.eye(9), None, "integers other than 1, 0 and -1"),
        (np.eye(9, k=7) > 0, np.eye(9), None, "residues 1 and 8 is not that of 8"),
        (np.eye(9) > 0, np.full((9, 9), np.nan), None, "residues 1 and 2 is no number"),
    ],
)
def test_bad_input(truth, scores, mask, message):
    with pytest.raises(DataError, match=message):
        precision_at_l(truth, scores, mask=mask)
    masks = None if mask is None else [np.ones(0), mask]
    nothing = np.zeros((0, 0))
    with pytest.raises(DataError, match=f"chain 2: .*{message}"):
        contact_metrics([nothing, truth], [nothing, scores], masks=masks)


def test_another_number_of_chains():
    with pytest.raises(DataError, match="1 chains of truth, 0 of scores"):
        contact_metrics([np.eye(9) > 0], [])


@pytest.mark.data
def test_real_chains_and_themselves_with_noise(real_data):
    folder = real_data("protein/pfam40_pdb") / "pdb"
    random = np.random.default_rng(0)
    truths, noisy, wrong = [], [], []
    for path in sorted(folder.glob("*.pdb"))[:4]:
        (chain,) = read_chains(path)
        assert (contact_map(chain.coordinates) == chain.contacts()).all()
        truths.append(chain.coordinates)
        moved = chain.coordinates + random.normal(size=(len(chain), 1, 3))
        table = np.linalg.norm(moved[:, None, 4] - moved[:, 4], axis=-1)
        noisy.append(np.exp(-table / 8))
        wrong.append(random.random(table.shape))
    good, chance = contact_metrics(truths, noisy), contact_metrics(truths, wrong)
    assert good["long_l5"] > 0.98 and good["all_l"] > 0.9
    assert chance["long_l"] < 0.15
