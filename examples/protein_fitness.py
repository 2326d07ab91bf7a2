# %% [markdown]
# # Protein fitness with a convolutional network
#
# How well does a variant of protein G's domain B1 bind? Training rows have one to three
# mutations at four sites, test rows four (FLIP, split three_vs_rest). Get them once
# with `jaxbio data get flip_gb1`.
#
#     python examples/protein_fitness.py [--fast]

# %%
import sys

import numpy as np

import jaxbio as jb

FAST = "--fast" in sys.argv
parts = jb.datasets.load("flip_gb1", "three_vs_rest")
if FAST:
    parts = {n: part.take(np.arange(0, len(part), 8)) for n, part in parts.items()}

# %% A CNN that keeps positions, beside what the data themselves choose
for name, model in (("CNN", jb.CNN(pool="flatten", channels=(32,))), ("chosen", None)):
    run = jb.fit(
        model,
        jb.Regression(),
        parts["train"],
        parts["valid"],
        seed=0,
        **({"epochs": 2, "members": 1, "quick": True} if FAST else {}),
    )
    print(f"{name}: {run.model}")
    print(run.evaluate(parts["test"]))

# %% The fittest of the test variants, by prediction and by measurement
fitness = run.predictor(parts["test"]).values[:, 0]
measured = parts["test"].targets["fitness"].values[:, 0]
sites = [38, 39, 40, 53]
texts = parts["test"].inputs["sequence"].strings()
for row in fitness.argsort()[::-1][:5]:
    letters = "".join(texts[row][site] for site in sites)
    print(f"{letters}  predicted {fitness[row]:.2f}  measured {measured[row]:.2f}")
