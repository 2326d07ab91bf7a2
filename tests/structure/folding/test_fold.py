"""Folding: geometry, handedness, the same answer again, real chains, wrong input."""

import sys

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.metrics.contacts import distances
from jaxbio.structure.files.read import read_chains
from jaxbio.structure.folding.distogram import EDGES, from_distances
from jaxbio.structure.folding.fold import fold
from jaxbio.structure.geometry import torsions, virtual_cb
from jaxbio.structure.metrics.local_distance import lddt
from jaxbio.structure.metrics.superposition import rmsd
from jaxbio.structure.metrics.tm_gdt import tm_score
from tests.proteins import ALPHA, EXTENDED, build

# The package has a function of the same name.
module = sys.modules[fold.__module__]
EDGE = np.array(EDGES)
HELIX = build([ALPHA] * 20)[:, :5]
# Two strands and a turn of type I' between them.
TURN = [(-80, 130), (55, 38), (78, 20), (-80, 130)]
HAIRPIN = build([(-115, 135)] * 6 + TURN + [(-115, 135)] * 6)[:, :5]
HANDED = build([ALPHA] * 9 + [(-80, 150), (-70, 120)] + [ALPHA] * 9)[:, :5]


def virtual(x):
    return virtual_cb(x[:, 0], x[:, 1], x[:, 2])


def refold(x, sequence=None, *, known=False, **more):
    table = from_distances(distances(virtual(x)), EDGE)
    angles = torsions(x)[:, :2] if known else None
    sequence = sequence or "A" * len(x)
    return fold(table, EDGE, sequence=sequence, torsions=angles, **more)


def turns(ca):
    """The handedness of four CA in a row: above 0 is right."""
    step = np.diff(ca, axis=0)
    return (step[:-2] * np.cross(step[1:-1], step[2:])).sum(axis=-1)


@pytest.fixture(scope="module")
def helix():
    return refold(HELIX)


def test_helix_is_right_handed_without_torsions(helix):
    assert rmsd(HELIX[:, 1], helix.coordinates[:, 1].astype(float)) < 0.5
    assert (turns(helix.coordinates[:, 1]) > 0).all()


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("true", [HAIRPIN, HANDED], ids=["hairpin", "two helices"])
def test_small_folds_have_the_right_hand(true, known):
    folded = refold(true, known=known).coordinates
    assert rmsd(true[:, 1], folded[:, 1].astype(float)) < 0.6
    mirrored = true[:, 1] * [1, 1, -1]
    assert rmsd(mirrored, folded[:, 1].astype(float)) > 1.5


def test_bonds_angles_and_planes_are_ideal(helix):
    n, ca, c, o, cb = helix.coordinates.swapaxes(0, 1)
    for one, other, length in [
        (n, ca, 1.458), (ca, c, 1.525), (c[:-1], n[1:], 1.329), (c, o, 1.23),
        (ca[:-1], ca[1:], 3.80),
    ]:  # fmt: skip
        assert np.abs(np.linalg.norm(one - other, axis=-1) - length).max() < 0.05
    # These follow the angle at CA, which varies.
    for one, other, length in [(n, c, 2.46), (ca, cb, 1.53)]:
        assert np.abs(np.linalg.norm(one - other, axis=-1) - length).max() < 0.12
    omega = np.abs(torsions(helix.coordinates)[:-1, 2])
    assert np.rad2deg(np.pi - omega).max() < 15
    side = (np.cross(n - ca, c - ca) * (cb - ca)).sum(axis=-1)
    assert (side > 0).all()


def test_torsions_alone_make_a_helix():
    unknown = from_distances(np.full((12, 12), np.nan), EDGE)
    angles = np.tile(np.deg2rad(ALPHA), (12, 1))
    folded = fold(unknown, EDGE, sequence="A" * 12, torsions=angles)
    found = np.rad2deg(torsions(folded.coordinates)[1:-1, :2])
    np.testing.assert_allclose(found, np.tile(ALPHA, (10, 1)), atol=12)
    ideal = build([ALPHA] * 12)[:, 1]
    assert rmsd(ideal, folded.coordinates[:, 1].astype(float)) < 1


def test_torsions_of_no_weight_do_not_count():
    wrong = np.tile(np.deg2rad(EXTENDED), (20, 1))
    table = from_distances(distances(virtual(HELIX)), EDGE)
    none = np.zeros(20)
    free = fold(table, EDGE, sequence="A" * 20, torsions=wrong, torsion_weight=none)
    assert rmsd(HELIX[:, 1], free.coordinates[:, 1].astype(float)) < 0.5


def test_unsure_torsions_keep_to_the_regions_of_l_amino_acids():
    unknown = from_distances(np.full((32, 32), np.nan), EDGE)
    strand = np.tile([-1.51, 0.88], (32, 1))
    sequence = "MTYKLILNAKTLKAETTTEAVDAATAEKVFKQ"
    for weight, most in ((0.05, 4), (5.0, 2)):
        folded = fold(
            unknown,
            EDGE,
            sequence=sequence,
            torsions=strand,
            torsion_weight=np.full(32, weight),
            starts=4,
        )
        assert (torsions(folded.coordinates)[1:, 0] > 0).sum() <= most


def test_confidence_falls_with_geometry(monkeypatch, helix):
    half = np.linspace(0, 1, 20, dtype=np.float32)
    monkeypatch.setattr(module, "plausibility", lambda backbone, sequence: half)
    np.testing.assert_allclose(
        refold(HELIX).confidence, helix.confidence * half, rtol=1e-5
    )


def test_starts_are_folded_some_at_a_time_and_told(monkeypatch):
    monkeypatch.setattr(module, "_AT_ONCE", 7 * 32**2)
    told = []
    folded = refold(HELIX, on_progress=told.append)
    assert told == [4, 8]  # not 7, and then 7 for one
    assert folded.objectives.shape == (8,)
    assert rmsd(HELIX[:, 1], folded.coordinates[:, 1].astype(float)) < 0.5


def test_same_seed_same_answer(helix):
    again = refold(HELIX)
    np.testing.assert_array_equal(helix.coordinates, again.coordinates)
    np.testing.assert_array_equal(helix.objectives, again.objectives)
    other = refold(HELIX, seed=1)
    assert not np.array_equal(helix.objectives, other.objectives)


def test_best_start_is_returned(helix):
    assert helix.objectives.shape == (8,)
    assert helix.objective == helix.objectives.min()


def test_turned_and_moved_chains_have_one_answer(helix):
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    turn *= np.linalg.det(turn)
    moved = refold(HELIX @ turn + 5)
    assert rmsd(helix.coordinates, moved.coordinates) < 0.1


def test_padding_is_invisible(monkeypatch):
    narrow = refold(HANDED, known=True)
    monkeypatch.setattr(module, "_BUCKETS", (56,))
    wide = refold(HANDED, known=True)
    assert abs(narrow.objective - wide.objective) < 2
    traces = [one.coordinates[:, 1].astype(float) for one in (narrow, wide)]
    assert rmsd(*traces) < 0.3


def test_lengths_of_one_bucket_share_a_program(helix):
    before = module._descend_all._cache_size()
    refold(HELIX[:18])
    assert module._descend_all._cache_size() == before


def test_residues_that_are_unknown_are_built():
    true = HELIX.copy()
    true[8:10] = np.nan
    folded = refold(true).coordinates
    assert np.isfinite(folded).all()
    step = np.linalg.norm(np.diff(folded[:, 1], axis=0), axis=1)
    np.testing.assert_allclose(step, 3.8, atol=0.15)


def test_a_chain_is_broken_where_its_distances_say_so():
    other = HELIX + np.array([0, 14.0, 3.0])
    true = np.concatenate([HELIX[:10], other[10:]])
    folded = refold(true).coordinates
    step = np.linalg.norm(np.diff(folded[:, 1], axis=0), axis=1)
    assert step[9] > 8
    np.testing.assert_allclose(np.delete(step, 9), 3.8, atol=0.15)
    assert np.isfinite(folded).all()


def test_vague_distances_give_a_compact_chain_without_clashes():
    # What is known of every pair is the separation: a normal distribution around the
    # mean of a globule, 4 angstrom wide.
    apart = np.abs(np.subtract.outer(np.arange(30), np.arange(30)))
    mean = np.minimum(3.0 * apart**0.6 + 2.4, 15.0)
    table = from_distances(mean, EDGE, spread=4.0)
    folded = fold(table, EDGE, sequence="ALKGV" * 6)
    ca = folded.coordinates[:, 1]
    radius = np.sqrt(((ca - ca.mean(axis=0)) ** 2).sum(axis=1).mean())
    assert 5 < radius < 12
    step = np.linalg.norm(np.diff(ca, axis=0), axis=1)
    np.testing.assert_allclose(step, 3.8, atol=0.2)
    nearest = distances(ca)[apart > 2].min()
    assert nearest > 3.3
    assert folded.confidence.mean() < 60


def test_confidence_follows_what_is_certain():
    sharp = refold(HELIX, known=True)
    true = lddt(virtual(HELIX), sharp.coordinates[:, 4].astype(float)).score
    assert sharp.confidence.mean() > 85
    assert abs(sharp.confidence.mean() - 100 * true) < 12
    vague = from_distances(distances(virtual(HELIX)), EDGE, spread=3.0)
    angles = torsions(HELIX)[:, :2]
    unsure = fold(vague, EDGE, sequence="A" * 20, torsions=angles)
    assert unsure.confidence.mean() < sharp.confidence.mean() - 20


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"distogram": np.full((9, 9, 42), np.nan)}, "residues 1 and 1"),
        ({"distogram": np.full((9, 9, 42), 1.0)}, "add up to 42"),
        ({"distogram": np.full((9, 8, 42), 1 / 42)}, r"shape \(9, 8, 42\)"),
        ({"distogram": np.full((9, 9, 40), 1 / 40)}, "40 bins for 41 edges"),
        ({"edges": EDGE[::-1]}, "ascending"),
        ({"sequence": "A" * 8}, "8 residues and the distogram 9"),
        ({"torsions": np.zeros((9, 3))}, r"shape \(9, 3\)"),
        ({"torsion_weight": -np.ones(9)}, "concentration"),
        ({"starts": 0}, "at least 1"),
        (
            {"distogram": np.full((3, 3, 42), 1 / 42), "sequence": "AAA"},
            "3 residues; chains of 4 to 2048",
        ),
    ],
)
def test_wrong_input_is_named(change, message):
    given = {
        "distogram": np.full((9, 9, 42), 1 / 42),
        "edges": EDGE,
        "sequence": "A" * 9,
        "torsions": None if change.get("sequence") == "AAA" else np.zeros((9, 2)),
        **change,
    }
    with pytest.raises(DataError, match=message):
        fold(given.pop("distogram"), given.pop("edges"), **given)


@pytest.mark.data
def test_a_real_chain_is_found_again(real_data):
    paths = sorted((real_data("protein/pfam40_pdb") / "pdb").iterdir())
    chain = min((read_chains(path)[0] for path in paths[:10]), key=len)
    x = chain.coordinates.astype(float)
    for known in (True, False):
        folded = refold(x, chain.sequence, known=known)
        assert tm_score(x[:, 1], folded.coordinates[:, 1].astype(float)) > 0.95
