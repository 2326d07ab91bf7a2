"""The picture of a predicted structure: as much of it as was predicted."""

from pathlib import Path

import numpy as np

from jaxbio.structure import Structure
from jaxbio.structure.chain import Chain
from jaxbio.structure.folding.distogram import expected
from jaxbio.structure.plot.overview import secondary_structure_strip, structure_overview


def predicted_structure(
    path: str | Path, structure: Structure, *, true: Chain | None = None
) -> bool:
    """Draw a predicted chain: distances, secondary structure and trace.

    Args:
        path: Where to write; `.png`, `.pdf` or `.svg`.
        structure: The prediction.
        true: The known structure, to be drawn beside it.

    Returns:
        Whether there was anything to draw: states of residues at least.
    """
    states = structure.states.get("ss3", structure.states.get("ss8"))
    if states is None:
        return False
    rsa = structure.numbers.get("rsa")
    backbone, table = structure.backbone, structure.distogram
    if backbone is None or table is None:
        secondary_structure_strip(
            path, structure.sequence, states, rsa=rsa, title=structure.name
        )
        return True
    distances = expected(table.probabilities.astype(np.float32), table.edges)[0]
    np.fill_diagonal(distances, 0)
    structure_overview(
        path,
        structure.sequence,
        distances=distances,
        states=states,
        model=backbone.coordinates[:, 1],
        contacts=table.contacts,
        confidence=backbone.confidence,
        rsa=rsa,
        true=true,
        title=structure.name,
    )
    return True
