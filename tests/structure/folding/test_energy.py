"""The terms of the objective, on ideal, mirrored and padded chains."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.metrics.contacts import distances
from jaxbio.structure.folding.distogram import (
    EDGES,
    energies,
    first_knot,
    from_distances,
)
from jaxbio.structure.folding.energy import (
    Problem,
    _oxygens,
    beta_carbons,
    squared_distances,
    terms as eager_terms,
)
from jaxbio.structure.geometry import torsions, virtual_cb, virtual_o
from tests.proteins import ALPHA, EXTENDED, build

EDGE = np.array(EDGES)
HELIX = build([ALPHA] * 14)[:, :3].astype(np.float32)


terms = jax.jit(lambda x, given: eager_terms(x, Problem(*map(jnp.asarray, given))))


def problem(x, more=0, certainty=5.0):
    length = len(x)
    cb = virtual_cb(x[:, 0], x[:, 1], x[:, 2])
    table, slope = energies(from_distances(distances(cb), EDGE), EDGE)
    angles = torsions(x)[:, :2]
    pad = (0, more)
    return Problem(
        present=np.pad(np.ones(length, np.float32), pad),
        bonded=np.pad(np.append(np.ones(length - 1, np.float32), np.float32(0)), pad),
        glycine=np.zeros(length + more, np.float32),
        torsions=np.pad(np.nan_to_num(angles), (pad, (0, 0))),
        certainty=np.pad(np.float32(certainty) * np.isfinite(angles), (pad, (0, 0))),
        pairs=np.pad(1 - np.eye(length, dtype=np.float32), (pad, pad)),
        table=np.pad(table, (pad, pad, (0, 0))),
        first=np.float32(first_knot(EDGE)),
        slope=np.pad(slope, (pad, pad)),
    )


def test_the_ideal_chain_is_near_the_lowest():
    found = terms(HELIX, problem(HELIX))
    assert set(found) == {
        "distances", "geometry", "torsions", "ramachandran", "clashes",
    }  # fmt: skip
    assert found["torsions"] < 1e-2
    assert found["geometry"] / len(HELIX) < 3
    assert found["clashes"] == 0
    stretched = terms(HELIX * 1.1, problem(HELIX))
    assert stretched["geometry"] > found["geometry"] + 100
    assert stretched["distances"] > found["distances"] + 10


@pytest.mark.parametrize(
    ("name", "certainty"), [("torsions", 5.0), ("ramachandran", 0.0)]
)
def test_the_mirror_image_is_worse(name, certainty):
    given = problem(HELIX, certainty=certainty)
    mirrored = terms(HELIX * np.array([1, 1, -1], np.float32), given)
    found = terms(HELIX, given)
    assert mirrored[name] > found[name] + 10
    assert mirrored["geometry"] == pytest.approx(float(found["geometry"]), rel=1e-3)


def test_terms_do_not_see_padding():
    padded = np.pad(HELIX, ((0, 5), (0, 0), (0, 0)))
    found, wide = terms(HELIX, problem(HELIX)), terms(padded, problem(HELIX, more=5))
    for name, value in found.items():
        assert float(wide[name]) == pytest.approx(float(value), rel=1e-3, abs=1e-3)
    slope = jax.grad(lambda x: sum(terms(x, problem(HELIX, more=5)).values()))(padded)
    assert np.isfinite(slope).all() and not slope[14:].any()


def test_slopes_are_those_of_differences():
    rng = np.random.default_rng(0)
    x = HELIX + rng.normal(size=HELIX.shape).astype(np.float32) * 0.3
    given = problem(HELIX)

    def total(x):
        return sum(terms(x, given).values())

    way = rng.normal(size=HELIX.shape).astype(np.float32)
    slope = float((jax.grad(total)(x) * way).sum())
    step = 2e-3
    difference = float(total(x + step * way) - total(x - step * way)) / (2 * step)
    assert slope == pytest.approx(difference, rel=0.02)


def test_strands_of_l_amino_acids_are_likely_and_left_helices_not():
    left = build([(57, 47)] * 14)[:, :3].astype(np.float32)
    strand = build([EXTENDED] * 14)[:, :3].astype(np.float32)
    given = problem(strand, certainty=0.0)
    right, wrong, flat = (
        float(terms(x, given)["ramachandran"]) / 12 for x in (HELIX, left, strand)
    )
    assert right < flat < wrong
    assert wrong - right > 2


def test_clashes_count_pairs_that_are_too_near():
    strand = build([EXTENDED] * 8)[:, :3].astype(np.float32)
    two = np.concatenate([strand, strand + np.float32([0, 0, 2.0])])
    apart = np.concatenate([strand, strand + np.float32([0, 0, 12.0])])
    given = problem(apart)
    given.bonded[7] = 0
    assert terms(two, given)["clashes"] > 50
    assert terms(apart, given)["clashes"] < 1


def test_virtual_atoms_are_those_of_the_labels():
    cb = virtual_cb(HELIX[:, 0], HELIX[:, 1], HELIX[:, 2])
    np.testing.assert_allclose(beta_carbons(jnp.asarray(HELIX)), cb, atol=1e-4)
    o = virtual_o(HELIX[:, 1], HELIX[:, 2], HELIX[:, 0])
    np.testing.assert_allclose(_oxygens(jnp.asarray(HELIX))[:-1], o[:-1], atol=1e-4)


def test_squared_distances_of_two_sets():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(5, 3)) + 100, rng.normal(size=(7, 3)) + 100
    one, other = one.astype(np.float32), other.astype(np.float32)
    true = ((one[:, None] - other) ** 2).sum(axis=-1)
    np.testing.assert_allclose(
        squared_distances(jnp.asarray(one), jnp.asarray(other)), true, rtol=1e-2
    )
