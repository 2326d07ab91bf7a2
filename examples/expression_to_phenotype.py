# %% [markdown]
# # From gene expression to a phenotype, with a multi-layer perceptron
#
# The classic shape: 1,000 values in, two layers of 64, one value out, squared error.
# The rows are 580 cancer cell lines with expression and copy number of 706 genes
# (CCLE, as prepared by TGSA); the phenotype is the logarithm of the concentration at
# which the drug trametinib halves their growth (GDSC2).
#
#     python examples/expression_to_phenotype.py [--fast]

# %%
import sys

import numpy as np

import jaxbio as jb
from jaxbio.data import Numeric

FAST = "--fast" in sys.argv
DRUG = "Trametinib"

# %% The tables of the set
found = jb.datasets.tables("gdsc2_response")
cells, drugs = found.entities["cell"], found.entities["drug"]

# %% One row a cell line: expression and copy number side by side, and the response
matrices = found.matrices["cell"]
kinds = ("expression", "copy_number")
values = np.concatenate([matrices[kind] for kind in kinds], axis=1)
names = [f"{gene} {kind}" for kind in kinds for gene in found.genes]
names = tuple(f"{number} {name}" for number, name in enumerate(names))
number = drugs.index[drugs["name"] == DRUG][0]
measured = found.rows[found.rows["drug"] == number].set_index("cell")["ln_ic50"]
target = measured.reindex(cells.index).to_numpy(np.float32)

data = jb.Dataset(
    {"profile": Numeric(values, names)},
    {"ln_ic50": Numeric(target[:, None], ("ln_ic50",))},
    ids=cells["name"].to_numpy(object),
    source="gdsc2_response",
).take(~np.isnan(target))
train, valid, test = jb.split(data, fractions=(0.7, 0.15, 0.15), seed=0)

# %% The 1,000 values that vary most among the training rows
count = 100 if FAST else 1000
varying = np.sort(train.inputs["profile"].values.var(axis=0).argsort()[-count:])


def chosen(part: jb.Dataset) -> jb.Dataset:
    """The rows with these columns only."""
    few = Numeric(
        part.inputs["profile"].values[:, varying], tuple(np.array(names)[varying])
    )
    return jb.Dataset({"profile": few}, part.targets, ids=part.ids, source=part.source)


# %% Train, and look at the scores beside those of the plain baselines
run = jb.fit(
    jb.Network(jb.MLP(input_dropout=0.2), hidden=(64, 64)),
    jb.Regression(),
    chosen(train),
    chosen(valid),
    epochs=3 if FAST else 100,
    learning_rate=1e-3,
    weight_decay=0.1,
    patience=15,
    members=1 if FAST else 5,
    seed=0,
)
scores = run.evaluate(chosen(test))
print(scores)

# %% Predictions by name
table = run.predictor(chosen(test)).frame()
table["measured"] = test.targets["ln_ic50"].values[:, 0]
print(table.sort_values("ln_ic50").head())
