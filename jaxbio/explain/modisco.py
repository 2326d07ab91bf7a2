"""What TF-MoDISco reads."""

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32


def write_modisco(
    folder: str | Path,
    sequences: Float32[np.ndarray, "n len symbols"],
    hypothetical: Float32[np.ndarray, "n len symbols"],
) -> tuple[Path, Path]:
    """Write what `modisco motifs -s ohe.npz -a contributions.npz` reads.

    Args:
        folder: Where to write.
        sequences: One-hot, of one length.
        hypothetical: What each symbol would contribute at each position.

    Returns:
        Both files, of arrays `[n symbols len]`.

    Source:
        Shrikumar et al. 2018, TF-MoDISco; the layout is that of modisco-lite.
    """
    paths = Path(folder) / "ohe.npz", Path(folder) / "contributions.npz"
    for path, values in zip(paths, (sequences, hypothetical), strict=True):
        array: Any = np.ascontiguousarray(values.swapaxes(1, 2))
        np.savez_compressed(path, array)
    return paths
