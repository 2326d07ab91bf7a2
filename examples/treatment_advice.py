# %% [markdown]
# # Advice on treatments, from a cohort to a trial
#
# Hormone therapy after breast cancer: effects on the time without relapse are learned
# in the Rotterdam cohort, where doctors chose who got it, and the advice is valued in
# the trial of the German Breast Cancer Study Group. Then two women get a page each.
#
#     python examples/treatment_advice.py [--fast]

# %%
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import jaxbio as jb

FAST = "--fast" in sys.argv
folder = Path(tempfile.mkdtemp())
sets = Path(os.environ["JAXBIO_DATA"]) / "survival"
COLUMNS = ["age", "meno", "size", "grade", "nodes", "pgr", "er", "hormon"]

# %% The cohort: women with positive nodes, as in the trial; months to relapse or death
cohort = pd.read_csv(sets / "rotterdam" / "data.csv").query("nodes > 0")
cohort["size"] = cohort["size"].map({"<=20": 15, "20-50": 35, ">50": 60})
cohort["event"] = np.maximum(cohort["recur"], cohort["death"])
days = np.where(cohort["recur"] == 1, cohort["rtime"], cohort["dtime"])
cohort["months"] = days / 30.4375
cohort = cohort[[*COLUMNS, "months", "event"]]

trial = pd.read_csv(sets / "gbsg_trial" / "data.csv")
trial["size"] = np.select([trial["size"] <= 20, trial["size"] <= 50], [15, 35], 60)
trial["months"], trial["event"] = trial["rfstime"] / 30.4375, trial["status"]
trial = trial[[*COLUMNS, "months", "event"]]

# %% Read both: effects are those on the mean time without relapse in five years
how = {"treatment": "hormon", "outcome": "months,event", "horizon": 60}
train = jb.clinical.read_trial(cohort.reset_index(drop=True), **how)
test = jb.clinical.read_trial(trial, **how)
print(dict(zip(train.arms, train.counts.tolist(), strict=True)), train.outcome.name)

# %% Learn the effects; each model is cross-fitted, and propensities are learned, too
run = jb.clinical.fit_treatment(
    train,
    quick=True,
    out=folder / "run",
    report=print,
    **({"epochs": 2, "folds": 3} if FAST else {}),
)
print("\nWhat the model says of women of the cohort:")
print(run.evaluation)

# %% The value of its advice in the trial, whose arms were mostly drawn by lot
found = run.evaluate(test, randomised=True)
print("\nAdvice in the trial:")
print(found)

# %% A picture: values of policies, and effects in thirds of the predicted effect
page = jb.plot.figure(7.2, 2.6)
left, right = page.subplots(1, 2)
names = [each.policy.replace(", ", ",\n") for each in found.policies]
places = np.arange(len(names))
for at, each in enumerate(found.policies):
    left.plot([each.low, each.high], [at, at], color="#8fb0d3")
    left.plot(each.value, at, "o", color="#3b6fa8")
left.set_yticks(places, names)
left.set(xlabel="months without relapse, of 60", ylim=(3.5, -0.5))
means, errors = np.array(found.effects[0].thirds).T
right.errorbar(range(3), means, 1.96 * errors, fmt="o", color="#c4553b")
right.axhline(0, color="#9a9a9a", linestyle="--")
right.set_xticks(range(3), ["least", "middle", "most"])
right.set(xlabel="third of the predicted effect", ylabel="months gained in the trial")
for axes in (left, right):
    jb.plot.style(axes)
jb.plot.save(page, folder / "advice.png")

# %% A page each for two women, one of whom was not asked for her receptors
some = trial.head(2).copy()
some.loc[1, ["pgr", "er"]] = np.nan
pages = jb.clinical.write_patient_pages(folder / "run", some, folder / "pages")
print(f"\nsee {folder / 'advice.png'} and {pages[0]}")
