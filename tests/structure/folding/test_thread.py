import numpy as np

from jaxbio.structure.folding.thread import alpha_carbons, built, thread
from jaxbio.structure.geometry import torsions
from jaxbio.structure.metrics.superposition import rmsd
from tests.proteins import ALPHA, EXTENDED, build

HELIX = build([ALPHA] * 24)[:, :5]
STRAND = build([EXTENDED] * 24)[:, :5]


def test_traces_become_backbones():
    for true in (HELIX, STRAND):
        alpha = alpha_carbons(true[:, 4])
        off = np.linalg.norm(alpha - true[:, 1], axis=1)[1:-1]
        assert off.mean() < 0.8
        backbone = thread(true[:, 1])
        off = np.linalg.norm(backbone - true[:, :3], axis=-1)[2:-2]
        assert off.mean() < 0.4


def test_chains_are_built_from_torsions():
    for true in (HELIX, STRAND):
        angles = torsions(true)
        found = built(np.nan_to_num(angles[:, :2]).astype(float))
        assert rmsd(true[:, 1], found[:, 1]) < 0.3
        np.testing.assert_allclose(
            torsions(found)[1:-1, :2], angles[1:-1, :2], atol=1e-4
        )
