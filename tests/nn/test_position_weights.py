import jax.numpy as jnp
import numpy as np
from flax import nnx

from jaxbio.alphabet import PROTEIN
from jaxbio.nn import (
    PositionWeights,
)
from jaxbio.nn.amino_acids import residue_properties


def test_a_parent_contributes_nothing():
    layer = PositionWeights(
        PROTEIN, 2, length=4, wild_type="MKVL", properties=True, rngs=nnx.Rngs(0)
    )
    layer.project.kernel[...] = jnp.ones_like(layer.project.kernel[...])
    wild_type = jnp.asarray(PROTEIN.encode("MKVL"))[None]
    np.testing.assert_allclose(layer(wild_type), 0, atol=1e-6)
    variant = jnp.asarray(PROTEIN.encode("MKWL"))[None]
    table = residue_properties(PROTEIN)
    change = table[PROTEIN.symbols.index("W")] - table[PROTEIN.symbols.index("V")]
    np.testing.assert_allclose(layer(variant)[0, 0], change.sum(), rtol=1e-4)
