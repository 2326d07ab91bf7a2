# %% [markdown]
# # Survival after breast cancer: learned in Rotterdam, tested on a German trial
#
# 2,982 patients of the Rotterdam tumour bank to train, 686 of the trial GBSG 2 to test.
# What is predicted is the time to relapse or death, which of half of the patients is
# not known: they were last seen without it. With --fast on a fifth of the rows, one
# kind of network for three epochs.

# %%
import sys
import tempfile
from pathlib import Path

import numpy as np

import jaxbio as jb
from jaxbio.run import survival_pages

FAST = "--fast" in sys.argv
SETTINGS = {"quick": True, "epochs": 3, "members": 1} if FAST else {}
YEARS = 365.25 * np.array([1.0, 3.0, 5.0])

# %% Train
cohort = jb.datasets.load("rotterdam")["all"]
trial = jb.datasets.load("gbsg_trial")["all"]
if FAST:
    cohort, _ = jb.split(cohort, by="stratified", fractions=(0.2, 0.8))

run = jb.fit(None, jb.Survival(), cohort, test=trial, seed=0, **SETTINGS)
print(run.scores["test"])

# %% Risks, median times and survival at times of your choice
predicted = run.predictor(trial)
table = predicted.frame(at=YEARS.round())
print(table.sort_values("days_risk").iloc[[0, len(table) // 2, -1]].T)

# %% Curves of three patients beside all of the trial
outcomes = np.asarray(trial.targets["days,event"].values)
everybody = jb.metrics.kaplan_meier(outcomes[:, 0], outcomes[:, 1])
order = np.argsort(table["days_risk"].to_numpy())
chosen = order[[len(order) // 20, len(order) // 2, -len(order) // 20]]
page = jb.plot.survival_curves(
    predicted.times,
    predicted.values[chosen],
    [f"patient {predicted.ids[row]}" for row in chosen],
    cohort=(everybody.times, everybody.values),
    unit="days",
)
folder = Path(tempfile.mkdtemp())
jb.plot.save(page, folder / "patients.png")

# %% Do those of high risk fare worse?
for name, page in survival_pages(run.predictor, trial).items():
    jb.plot.save(page, folder / f"{name}.png")
print(f"pictures: {folder}")

# %% Which columns raise the risk?
some = trial.take(np.arange(20))
found = jb.explain.contributions(run.predictor, some, background=cohort)
mean = np.abs(found.values).mean(axis=0)
for at in np.argsort(-mean)[:5]:
    print(f"{found.columns[at]:<8} {mean[at]:.3f} of the log hazard")
