from types import SimpleNamespace

import numpy as np
import pytest

from jaxbio.structure.sasa import PROBE, RADII, SIDE_CHAIN, relative, sasa
from tests.proteins import ALPHA, ATOMS, build


def test_one_atom_is_a_sphere():
    areas = sasa(np.zeros((1, 3)), np.array(["N"]))
    assert areas[0] == pytest.approx(4 * np.pi * (1.65 + 1.4) ** 2, rel=1e-6)


@pytest.mark.parametrize("apart", [2.0, 4.0, 6.0, 7.0])
def test_two_atoms_cover_caps(apart):
    """The cap of a sphere of radius r that a like one covers: 2 pi r (r - d / 2)."""
    radius = SIDE_CHAIN + PROBE
    covered = 2 * np.pi * radius * max(radius - apart / 2, 0)
    places = np.array([[0, 0, 0], [0, apart, 0]])
    areas = sasa(places, np.array(["CB", "CB"]), points=4000)
    np.testing.assert_allclose(areas, 4 * np.pi * radius**2 - covered, rtol=2e-3)


def test_an_atom_inside_another_is_covered():
    areas = sasa(np.zeros((2, 3)), np.array(["CA", "O"]))
    assert areas[0] > 0 and areas[1] == 0


def test_as_biopython_counts():
    from Bio.PDB.SASA import ShrakeRupley

    places = build([ALPHA] * 20).reshape(-1, 3).astype(np.float32)
    names = np.array(ATOMS * 20)
    atoms = [
        SimpleNamespace(coord=place, element=name if name in RADII else "side")
        for place, name in zip(places, names.tolist(), strict=True)
    ]
    entity = SimpleNamespace(level="S", get_atoms=lambda: atoms)
    radii = {**RADII, "side": SIDE_CHAIN}
    ShrakeRupley(n_points=100, radii_dict=radii).compute(entity)
    expected = [atom.sasa for atom in atoms]
    areas = sasa(places, names, points=100)
    np.testing.assert_allclose(areas, expected, rtol=1e-5)


def test_relative_to_the_theoretical_maxima():
    areas = np.array([129.0, 285.0, 10.0, np.nan], np.float32)
    found = relative(areas, "AWXG")
    np.testing.assert_allclose(found, [1, 1, np.nan, np.nan])
