# %% [markdown]
# # Which kinases does a new drug bind?
#
# 68 kinase inhibitors and 442 kinases, all against all (Davis et al. 2011). The network
# reads a SMILES string and a protein sequence; each drug and each protein is encoded
# once, not once a pair. Test drugs are in no training pair, so that the means of
# entities and the linear model beside the score say what a network adds for them.
#
#     python examples/drug_affinity.py [--fast]

# %%
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import jaxbio as jb
from jaxbio.metrics import spearman, within_group
from jaxbio.predict import best, cross

FAST = "--fast" in sys.argv
KINASE = "EGFR"
folder = Path(tempfile.mkdtemp())

# %% All pairs, split so that validation and test drugs are new
data = jb.data.concatenate(list(jb.datasets.load("davis").values()))
train, valid, test = jb.split(data, by="cold:drug", fractions=(0.7, 0.1, 0.2), seed=0)
if FAST:
    draw = np.random.default_rng(0)
    train, valid, test = (
        part.take(draw.permutation(len(part))[:few])
        for part, few in ((train, 400), (valid, 100), (test, 200))
    )
for name, part in (("train", train), ("test", test)):
    print(f"{name}: {len(part)} pairs of {len(set(part.inputs['drug'].indices))} drugs")

# %% Train, and look at the scores beside those of the plain baselines
small = jb.CNN(channels=(8,), kernel_sizes=(7,), kmers=0)
run = jb.fit(
    small if FAST else None,
    jb.Regression(),
    train,
    valid,
    seed=0,
    **({"epochs": 1, "members": 1} if FAST else {"members": 3}),
)
print(run.evaluate(test))
pkd = run.predictor(test).values[:, 0]
measured = test.targets["pkd"].values[:, 0]
ranks = within_group(spearman, measured, pkd, test.inputs["drug"].indices)
print(f"Spearman over the kinases of a new drug, on average: {ranks['mean']:.3f}")

# %% Screen the drugs against one kinase; as files this is `jaxbio predict --cross`
found = jb.datasets.tables("davis")
library = found.entities["drug"].rename(columns={"smiles": "drug"})[["id", "drug"]]
kinases = found.entities["protein"]
target = kinases[kinases["name"] == KINASE].rename(columns={"name": "protein"})
pairs = cross(run.predictor, library, {"protein": target})
ranked = pd.DataFrame(best(pairs, top=len(library)))
rows = found.rows[found.rows["protein"] == target.index[0]]
affinity = dict(zip(library["id"][rows["drug"]], rows["pkd"], strict=True))
trained = set(library["id"].iloc[np.unique(train.inputs["drug"].indices)])
ranked["measured"] = [affinity[name] for name in map(int, ranked["id"])]
ranked["new"] = [int(name) not in trained for name in ranked["id"]]
print(f"\nThe drugs against {KINASE}")
print(ranked.head(8).round(2).to_string(index=False))

# %% A picture: new drugs, predicted against measured
figure = jb.plot.figure(3.4, 3.2)
axes = figure.subplots()
axes.scatter(measured, pkd, s=4, alpha=0.4, linewidths=0)
low, high = measured.min(), measured.max()
axes.plot([low, high], [low, high], color="0.6", linewidth=0.8)
axes.set(xlabel="measured pKd", ylabel="predicted pKd", title="drugs not trained on")
jb.plot.style(axes)
jb.plot.save(figure, folder / "affinity.png")
print(f"\nPicture: {folder / 'affinity.png'}")
