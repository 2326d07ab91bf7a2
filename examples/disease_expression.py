# %% [markdown]
# # Disease from expression profiles with gaps
#
# The subtype of breast tumours from three profiles: mRNA, microRNA and proteins (TCGA).
# The test tumours lack the proteins altogether: modality dropout teaches the network to
# do without a profile. Then more and more of the cells of the test tables are removed.
#
#     python examples/disease_expression.py [--fast]

# %%
import sys
import tempfile
from pathlib import Path

import numpy as np

import jaxbio as jb

FAST = "--fast" in sys.argv
SHARES = (0.0, 0.3, 0.6) if FAST else (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
REPEATS = 1 if FAST else 5
folder = Path(tempfile.mkdtemp())

# %% 150 tumours to train and validate, 70 to test; these have no proteins
parts = jb.datasets.load("breast_tcga")
test = parts["test"]
train, valid = jb.split(parts["train"], fractions=(0.8, 0.2), seed=0)
for name, column in test.inputs.items():
    gaps = np.isnan(column.values).all(axis=1).sum()
    print(
        f"{name}: {len(column.names)} columns, missing for {gaps} of {len(test)} rows"
    )

# %% Train a network that may lose a profile in training, and one that never does
runs = {}
for name, dropped in (("modality dropout", 0.3), ("no dropout", 0.0)):
    model = jb.Network(
        jb.MLP(hidden=(32,)),
        hidden=(32,),
        fusion=jb.Gated(128),
        modality_dropout=dropped,
    )
    runs[name] = jb.fit(
        model,
        jb.MultiClass(),
        train,
        valid,
        seed=0,
        **({"epochs": 5, "members": 1} if FAST else {"epochs": 60, "members": 5}),
    )
print(runs["modality dropout"].evaluate(test))


# %% How many of the test tumours are named rightly when cells are removed
def with_gaps(data: jb.Dataset, share: float, seed: int, gone: str = "") -> jb.Dataset:
    """The rows without a share of the cells, and without one of the profiles."""
    random = np.random.default_rng(seed)
    inputs = {}
    for name, column in data.inputs.items():
        lost = random.random(column.values.shape) < (1 if name == gone else share)
        values = np.where(lost, np.nan, column.values).astype(np.float32)
        inputs[name] = jb.data.Numeric(values, column.names)
    return jb.Dataset(inputs, data.targets, ids=data.ids, source=data.source)


def accuracies(data: jb.Dataset) -> dict[str, float]:
    """The accuracies of both networks and of the linear baseline."""
    scores = {name: run.evaluate(data).scores["subtype"] for name, run in runs.items()}
    found = {name: each["model"]["accuracy"] for name, each in scores.items()}
    return found | {"linear": scores["no dropout"]["linear"]["accuracy"]}


print("\nwithout a profile, besides the proteins:")
for gone in ("mrna", "mirna"):
    found = accuracies(with_gaps(test, 0.0, 0, gone))
    print(f"{gone}: ", {name: round(value, 3) for name, value in found.items()})

curves: dict[str, list[float]] = {
    "modality dropout": [],
    "no dropout": [],
    "linear": [],
}
for share in SHARES:
    found = [accuracies(with_gaps(test, share, seed)) for seed in range(REPEATS)]
    for name, curve in curves.items():
        curve.append(float(np.mean([each[name] for each in found])))
    print(f"{share:4.0%} removed: ", {n: round(c[-1], 3) for n, c in curves.items()})

# %% A picture of it
figure = jb.plot.figure(4.5, 3.0)
axes = figure.subplots()
for name, curve in curves.items():
    axes.plot(np.array(SHARES) * 100, curve, marker="o", label=name)
axes.set(xlabel="cells removed (%)", ylabel="accuracy on 70 tumours without proteins")
axes.legend(frameon=False, fontsize=7)
jb.plot.style(axes)
jb.plot.save(figure, folder / "gaps.png")
print(f"see {folder / 'gaps.png'}")
