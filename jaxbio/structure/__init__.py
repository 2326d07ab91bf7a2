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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
