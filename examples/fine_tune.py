# %% [markdown]
# # Fine-tuning: a trained network learns a second task
#
# Promoters are many, those with a TATA box few. A network that tells promoters from
# other DNA begins a second one: its encoder stays as it is (frozen weights, frozen
# statistics), new layers learn from few rows. Beside it a network that begins anew.
#
#     python examples/fine_tune.py [--fast]

# %%
import sys
import tempfile

import numpy as np

import jaxbio as jb

FAST = "--fast" in sys.argv
SETTINGS = {"epochs": 1 if FAST else 8, "members": 1, "seed": 0, "baselines": False}
folder = tempfile.mkdtemp()


def some(data, count, seed=0):
    """Rows drawn at random."""
    return data.take(np.random.default_rng(seed).permutation(len(data))[:count])


# %% The first task: promoters without a TATA box, of which there are many
many = jb.datasets.load("gue", "prom_core_notata")
rows = 600 if FAST else len(many["train"])
first = jb.fit(
    jb.Network(jb.CNN(channels=(64, 64)), hidden=(64,)),
    jb.Binary(),
    some(many["train"], rows),
    some(many["valid"], rows),
    out=f"{folder}/promoters",
    **SETTINGS,
)

# %% The second: promoters with one, from 300 rows
few = jb.datasets.load("gue", "prom_core_tata")
train, valid, test = some(few["train"], 300), some(few["valid"], 100), few["test"]
tuned = jb.fit(
    first.model,
    jb.Binary(),
    train,
    valid,
    init=jb.load(f"{folder}/promoters"),
    freeze=("encoders/*",),
    out=f"{folder}/tata",
    **SETTINGS,
)
print(next(note for note in tuned.notes if note.startswith("init")))
anew = jb.fit(first.model, jb.Binary(), train, valid, **SETTINGS | {"baselines": True})

# %% Both on the same test rows
for name, run in (("tuned", tuned), ("anew", anew)):
    print(f"\n{name}\n{run.evaluate(test)}")
