# %% [markdown]
# # How does a drug act on a cell line that was not trained on?
#
# 82,833 responses of 580 cancer cell lines to 170 drugs (GDSC2). The network reads the
# SMILES of the drug and 706 genes of the cell line: expression, mutation, copy number.
# A random split asks for gaps in a known table, a split by cell lines for a new
# patient's row. Most of the variance is between drugs, so the correlation within each
# drug is what tells whether cell lines are understood.
#
#     python examples/drug_response.py [--fast]

# %%
import dataclasses
import sys

import numpy as np

import jaxbio as jb
from jaxbio.metrics import spearman, within_group

FAST = "--fast" in sys.argv
data = jb.datasets.load("gdsc2_response")["all"]
if FAST:
    few = (data.inputs["drug"].indices < 12) & (data.inputs["expression"].indices < 40)
    some = {name: data.inputs[name] for name in ("drug", "expression")}
    data = dataclasses.replace(data, inputs=some).take(np.flatnonzero(few))
for name, column in data.inputs.items():
    print(f"{name}: {column.kind}, {len(column.values)} values for {len(column)} rows")

# %% One network; a drug and a cell line stand once, however many rows have them
model = jb.Network(
    {
        "drug": jb.CNN(channels=(8,) if FAST else (64, 64), kmers=0 if FAST else 3),
        "expression": jb.MLP(hidden=(8,) if FAST else (64,)),
    },
    hidden=(8,) if FAST else (128, 64),
)

# %% Train by both splits
SPLITS = {"random": "random", "new cell lines": "cold:expression"}
for name, by in list(SPLITS.items())[: 1 if FAST else 2]:
    train, valid, test = jb.split(data, by=by, fractions=(0.8, 0.1, 0.1), seed=0)
    run = jb.fit(
        model,
        jb.Regression(),
        train,
        valid,
        seed=0,
        **({"epochs": 1, "members": 1} if FAST else {"members": 3}),
    )
    print(f"\n{name}")
    print(run.evaluate(test))
    predicted = run.predictor(test).values[:, 0]
    measured = test.targets["ln_ic50"].values[:, 0]
    drug = test.inputs["drug"].indices
    within = within_group(spearman, measured, predicted, drug)
    print(f"Spearman within a drug: {within['mean']:.3f} ({within['groups']} drugs)")
