"""Protein structure from sequence: targets to learn, prediction, folding, files.

```python
chains = [chain for file in files for chain in jb.data.read_chains(file)]
data = jb.data.from_chains(chains, jb.structure.TARGETS)
train, valid, test = jb.split(data, by="similarity", seed=0)
run = jb.fit(None, jb.structure.chain_tasks(), train, valid, out="run")
for chain in jb.structure.predict_structures(run.predictor, ["MKTAYIAKQR…"]):
    jb.structure.write_chain(folder, chain)
```
"""

from jaxbio.structure.files import residue_table, write_chain
from jaxbio.structure.fold import Backbone, fold
from jaxbio.structure.potential import from_distances
from jaxbio.structure.predict import Structure, predict_structures
from jaxbio.structure.targets import TARGETS, chain_tasks, known_targets
from jaxbio.structure.write import write_structure

__all__ = [
    "TARGETS",
    "Backbone",
    "Structure",
    "chain_tasks",
    "fold",
    "from_distances",
    "known_targets",
    "predict_structures",
    "residue_table",
    "write_chain",
    "write_structure",
]
