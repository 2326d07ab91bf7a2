# %% [markdown]
# # Protein structure from sequence
#
# Train one network on the backbones of small proteins: secondary structure, torsions,
# and the distances of all pairs of residues. Score it on other chains beside plain
# baselines, look at one of them, and write a PDB file for a new sequence. Without
# alignments or a pretrained model the folds are rough: the scores say how rough.
#
#     python examples/protein_structure.py [--fast]

# %%
import sys
import tempfile
from pathlib import Path

import numpy as np

import jaxbio as jb
from jaxbio.datasets import catalog, cgdms_chains
from jaxbio.structure import metrics, plot, predict_structures

FAST = "--fast" in sys.argv
folder = Path(tempfile.mkdtemp())

# %% Chains with known structures; a tenth of them, kept apart by similarity, decides
# when to stop
parts = jb.datasets.load("cgdms_structures")
known, test = parts["train"], parts["valid"]
chains = cgdms_chains(catalog.path("cgdms_structures"), "valid")
if FAST:  # of about one length, for which one program is compiled
    lengths = known.inputs["sequence"].lengths
    known = known.take(np.flatnonzero((lengths > 64) & (lengths <= 72))[:40])
    test = test.take(np.arange(12))
train, valid = jb.split(known, by="similarity", fractions=(0.9, 0.1), seed=0)

# %% One network for all targets; those of pairs are distances
small = jb.Network(
    jb.CNN(channels=(16,), kernel_sizes=(7,), dilations=(1,)),
    pairs=jb.models.Pairs(channels=8),
)
run = jb.fit(
    small if FAST else None,
    jb.structure.chain_tasks(train.targets),
    train,
    valid,
    seed=0,
    out=folder / "run",
    **({"epochs": 1, "members": 1, "batch_size": 16} if FAST else {}),
)

# %% Scores on the test chains, and on those of them that are unlike all training chains
scores, clean = jb.structure.evaluate_dissimilar(run, test, known)
few = clean[:1] if FAST else clean
print(f"\nall: {len(test)} chains\n{run.evaluate(test)}")
print(f"\nclean: {len(clean)} chains\n{scores}")

# %% Folded backbones of clean chains against the known ones
sequences = test.inputs["sequence"].strings()
found = list(predict_structures(run.predictor, [sequences[row] for row in few]))
true = [chains[row] for row in few]
states = metrics.secondary_structure_metrics(
    [chain.ss3 for chain in true], [each.states["ss3"] for each in found]
)
pairs = [
    (chain.coordinates[:, 1], each.backbone.coordinates[:, 1])
    for chain, each in zip(true, found, strict=True)
]
scores = [metrics.tm_score(*pair) for pair in pairs]
print(
    f"\nQ3 {states['q3']:.3f}, SOV {states['sov']:.1f}, TM-score {np.mean(scores):.3f}"
)
print(f"lDDT of CA {np.mean([metrics.lddt(*pair).score for pair in pairs]):.3f}")
best = int(np.argmax(scores))
figure = plot.predicted_structure(found[best], true=true[best])
jb.plot.save(figure, folder / "chain.png")

# %% A new sequence: trp-cage, 20 residues, to a PDB file
(new,) = predict_structures(run.predictor, ["NLYIQWLKDGGPSSGRPPPS"], names=["trp-cage"])
print(f"\n{new.sequence}\n{new.states['ss3']}")
(path,) = jb.structure.write_chain(folder, new)
print(f"{path.name}: {len(path.read_text().splitlines())} lines; see {folder}")
