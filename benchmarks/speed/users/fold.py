"""What a user of jaxbio writes: `users/fold.py DISTANCES.npz OUT.npy`.

Folds a chain from its distances and torsions and writes the coordinates.
"""

import sys

import numpy as np

import jaxbio as jb

given, out = np.load(sys.argv[1]), sys.argv[2]
backbone = jb.structure.fold(
    given["distogram"],
    given["edges"],
    sequence=str(given["sequence"]),
    torsions=given["torsions"],
)
np.save(out, backbone.coordinates)
