"""Ramachandran regions: how likely phi and psi are for an L-amino acid."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

UNLIKELY = 5.0
"""The energy beyond which lie 2 % of the residues of crystal structures.

Measured on 3,902 residues of 150 chains of pfam40_pdb; an even density has 3.7.
"""

SURE = 10.0
"""The concentration from which torsions, within 18 degrees, need no regions beside."""

# Of residues other than glycine, and of glycine: share, phi, psi (degrees),
# concentrations of both. Mixtures of von Mises distributions fitted to the 2,004
# training chains of cgdms_structures, with concentrations held at 12 or below, so that
# they say which region, not which angle.
_BASINS = np.array(
    [
        [0.500, -65, -38, 12, 12],
        [0.158, -75, 141, 12, 12],
        [0.118, -114, 131, 12, 12],
        [0.088, -138, 153, 12, 12],
        [0.056, -102, 2, 12, 12],
        [0.030, -114, 87, 6, 1.8],
        [0.017, 58, 35, 12, 12],
        [0.003, 66, -85, 10, 0.6],
    ]
)
_GLYCINE_BASINS = np.array(
    [
        [0.390, 85, 4, 12, 12],
        [0.237, -64, -37, 12, 12],
        [0.099, 176, -176, 5.8, 12],
        [0.080, 92, 180, 12, 6.5],
        [0.078, -80, 163, 12, 9.1],
        [0.071, -122, 169, 3.7, 2.2],
        [0.045, 66, -133, 12, 12],
        [0.001, 0, 0, 0.1, 0.1],
    ]
)


def ramachandran(
    cosine: Float[Array | np.ndarray, "len 2"],
    sine: Float[Array | np.ndarray, "len 2"],
    glycine: Float[Array | np.ndarray, "len"],
) -> Float[Array, "len"]:
    """Negative log likelihood of phi and psi.

    Args:
        cosine: Of phi and psi.
        sine: The same.
        glycine: Above 0 where a residue is glycine.

    Example:
        >>> both = np.deg2rad([[[-63.0, -42.0]], [[63.0, 42.0]]])
        >>> helix, left = jnp.asarray(both)
        >>> plain = jnp.zeros(1)
        >>> bool(ramachandran(jnp.cos(helix), jnp.sin(helix), plain)[0] < 1)
        True
        >>> bool(ramachandran(jnp.cos(left), jnp.sin(left), plain)[0] > 3)
        True
    """
    return jnp.where(
        jnp.asarray(glycine) > 0,
        _mixture(cosine, sine, _GLYCINE_BASINS),
        _mixture(cosine, sine, _BASINS),
    )


def draw(
    torsions: Float[np.ndarray, "len 2"],
    certainty: Float[np.ndarray, "len 2"],
    glycine: Float[np.ndarray, "len"],
    *,
    rng: np.random.Generator | None,
) -> Float[np.ndarray, "len 2"]:
    """Phi and psi from the regions and from what is expected, taken together.

    The product of two von Mises distributions is another one, around the sum of their
    vectors; a region is taken the more often the more of it is expected.

    Args:
        torsions: Expected phi and psi (radians).
        certainty: Their von Mises concentrations, 0 where nothing is expected; at
            `SURE` and above the regions have no say.
        glycine: Above 0 where a residue is glycine.
        rng: Of the draws; None for the middle of the likeliest region.

    Example:
        >>> nothing = np.zeros((3, 2))
        >>> np.rad2deg(draw(nothing, nothing, np.zeros(3), rng=None))[0].round()
        array([-65., -38.])
    """
    angles = np.empty(torsions.shape)
    for at, (mean, kappa) in enumerate(zip(torsions, certainty, strict=True)):
        basins = _GLYCINE_BASINS if glycine[at] > 0 else _BASINS
        own = basins[:, 3:5] * (1 - np.clip(kappa.min() / SURE, 0, 1))
        vectors = own * np.exp(1j * np.deg2rad(basins[:, 1:3]))
        vectors = vectors + kappa * np.exp(1j * mean)
        share = np.log(basins[:, 0]) + (log_i0(np.abs(vectors)) - log_i0(own)).sum(1)
        share = np.exp(share - share.max())
        region = (
            int(share.argmax())
            if rng is None
            else rng.choice(len(share), p=share / share.sum())
        )
        angles[at] = np.angle(vectors[region])
        if rng is not None:
            angles[at] = rng.vonmises(angles[at], np.abs(vectors[region]))
    return angles


def log_i0(concentration: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Logarithm of the modified Bessel function of order 0, also of large numbers.

    Example:
        >>> log_i0(np.array([0.0, 1000.0])).round(1).tolist()
        [0.0, 995.6]
    """
    from scipy.special import i0e

    return np.log(i0e(concentration)) + concentration


def _mixture(
    cosine: Float[Array | np.ndarray, "len 2"],
    sine: Float[Array | np.ndarray, "len 2"],
    basins: np.ndarray,
) -> Float[Array, "len"]:
    """Negative log likelihood of a mixture of von Mises distributions."""
    centres, concentration = np.deg2rad(basins[:, 1:3]), basins[:, 3:5]
    # log of share / (2 pi I0(k))^2, with the exp(k) of the I0 taken into the exponent.
    scale = 2 * np.pi * np.i0(concentration) * np.exp(-concentration)
    log_share = np.log(basins[:, 0]) - np.log(scale).sum(axis=1)
    along = cosine @ (concentration * np.cos(centres)).T
    across = sine @ (concentration * np.sin(centres)).T
    return -jax.nn.logsumexp(
        along + across + (log_share - concentration.sum(axis=1))[None], axis=1
    )
