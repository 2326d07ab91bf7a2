# %% [markdown]
# # Protein variants designed in rounds
#
# Which variants of protein G at four positions bind best? A model learns from 5,089
# variants, none fitter than the wild type, and proposes 96 to measure; it learns from
# these, too, and proposes the next 96. Nearly all of the 160,000 variants were measured
# (Wu et al. 2016), so that every proposal can be looked up. Get the data once with
# `jaxbio data get flip_gb1`.
#
#     python examples/design_rounds.py [--fast]

# %%
import sys

import numpy as np
import pandas as pd

import jaxbio as jb
from jaxbio.datasets import catalog
from jaxbio.run import retrain

FAST = "--fast" in sys.argv
SITES = (38, 39, 40, 53)  # in the construct, from 0
ROUNDS, BATCH = (2, 12) if FAST else (4, 96)

# %% What would be measured, and what is known at first
folder = catalog.path("flip_gb1")
landscape = pd.read_csv(folder / "landscape.csv.gz")
truth = dict(zip(landscape["variant"], landscape["fitness"], strict=True))
split = pd.read_csv(folder / "low_vs_high.csv.gz")
low = split[split["set"] == "train"]["sequence"]
first = ["".join(text[at] for at in SITES) for text in low][: 300 if FAST else None]


def measure(variants):
    table = pd.DataFrame({"variant": variants})
    table["fitness"] = table["variant"].map(truth)
    return jb.read(table, inputs={"variant": "protein"}, targets={"fitness": "number"})


# %% A model of what is known
rows = measure(first)
settings = {"epochs": 2, "members": 2} if FAST else {}
run = jb.fit(None, None, rows, quick=True, seed=0, **settings)

# %% Propose, measure, learn, and again
wanted = [jb.design.Term("fitness", "raise")]
library = {text: text for text in list(truth)[: 2000 if FAST else None]}
found = []
for number in range(1, ROUNDS + 1):
    known = jb.design.known_rows(run.predictor, rows, wanted)
    proposed = jb.design.choose(
        run.predictor, library, wanted, n=BATCH, optimism="ucb", known=known
    )
    new = measure(proposed.sequences)
    values = np.array([truth[text] for text in proposed.sequences])
    found.append(values)
    best = proposed.sequences[int(values.argmax())]
    print(
        f"round {number}: mean fitness {values.mean():.2f}, best {best} "
        f"{values.max():.2f}; {(values > 1).mean():.0%} fitter than the wild type"
    )
    print(run.evaluate(new), "before they were learned from")
    if number < ROUNDS:
        run = retrain(run, rows, new, baselines=False)
    rows = jb.data.concatenate([rows, new])

# %% A search finds variants that no library lists; here from the best one so far
known = jb.design.known_rows(run.predictor, rows, wanted)
(best,) = known.top(1).values()
start = {"best": jb.PROTEIN.decode(known.codes[best])}
how = {"n": 5, "calls": 60 if FAST else 2000, "known": known}
more = jb.design.design(run.predictor, start, wanted, method="policy", **how)
for text, distance in zip(more.sequences, more.table["training_distance"], strict=True):
    print(text, f"{distance:.0f} letters from what is known: {truth.get(text)}")

# %% A picture of the rounds
figure = jb.plot.figure(6, 3.2)
axes = figure.subplots()
usual = np.array([truth[text] for text in first])
axes.boxplot([usual, *found], whis=(5, 95), showfliers=False)
spread = np.random.default_rng(0).uniform(-0.2, 0.2, BATCH)
for number, values in enumerate(found, 2):
    axes.plot(number + spread, values, ".", markersize=3, alpha=0.6)
axes.axhline(1, linestyle=":", linewidth=1)
names = ["known", *(f"round {number}" for number in range(1, ROUNDS + 1))]
axes.set_xticks(range(1, ROUNDS + 2), names)
axes.set_ylabel("fitness (wild type 1)")
jb.plot.save(figure, "design_rounds.png")
print("design_rounds.png")
