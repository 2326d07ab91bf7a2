"""Protein structure from sequence: targets to learn, prediction, folding, files.

```python
chains = [chain for file in files for chain in jb.structure.read_chains(file)]
data = jb.structure.from_chains(chains, jb.structure.TARGETS)
train, valid, test = jb.split(data, by="similarity", seed=0)
run = jb.fit(None, jb.structure.chain_tasks(), train, valid, out="run")
for chain in jb.structure.predict_structures(run.predictor, ["MKTAYIAKQR…"]):
    jb.structure.write_chain(folder, chain)
```
"""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer

if TYPE_CHECKING:
    from jaxbio.structure import metrics, plot
    from jaxbio.structure.chain import Chain, assemble
    from jaxbio.structure.dataset import CHAIN_TARGETS, from_chains
    from jaxbio.structure.evaluation import evaluate_dissimilar
    from jaxbio.structure.files.predicted import residue_table, write_chain
    from jaxbio.structure.files.read import read_chains
    from jaxbio.structure.files.write import write_structure
    from jaxbio.structure.folding.distogram import from_distances
    from jaxbio.structure.folding.fold import Backbone, fold
    from jaxbio.structure.predict import Structure, predict_structures
    from jaxbio.structure.tasks import TARGETS, chain_tasks, known_targets

# Reading and measuring need no JAX.
_HOMES = {
    "chain": ("Chain", "assemble"),
    "dataset": ("CHAIN_TARGETS", "from_chains"),
    "evaluation": ("evaluate_dissimilar",),
    "files.predicted": ("residue_table", "write_chain"),
    "files.read": ("read_chains",),
    "files.write": ("write_structure",),
    "folding.distogram": ("from_distances",),
    "folding.fold": ("Backbone", "fold"),
    "predict": ("Structure", "predict_structures"),
    "tasks": ("TARGETS", "chain_tasks", "known_targets"),
}

__all__ = [
    "CHAIN_TARGETS",
    "TARGETS",
    "Backbone",
    "Chain",
    "Structure",
    "assemble",
    "chain_tasks",
    "evaluate_dissimilar",
    "fold",
    "from_chains",
    "from_distances",
    "known_targets",
    "metrics",
    "plot",
    "predict_structures",
    "read_chains",
    "residue_table",
    "write_chain",
    "write_structure",
]

__getattr__ = importer(__name__, _HOMES, ("metrics", "plot"))
