# %% [markdown]
# # Diagnosis from images, and where the network looks
#
# Chest X-rays of children, 28 x 28 pixels: pneumonia or normal (PneumoniaMNIST, with
# the published training, validation and test rows). A small residual network, its
# scores beside plain baselines, an answer 'unknown' where it is not sure, and
# activation maps (Grad-CAM) laid over images. Get the images once with
# `jaxbio data get pneumoniamnist`.
#
#     python examples/image_diagnosis.py [--fast]

# %%
import sys
import tempfile
from pathlib import Path

import numpy as np

import jaxbio as jb
from jaxbio.predict import UNKNOWN, threshold_for_precision

FAST = "--fast" in sys.argv
NAMES = {"0": "normal", "1": "pneumonia"}
folder = Path(tempfile.mkdtemp())

# %% The published parts
parts = jb.datasets.load("pneumoniamnist")
train, valid, test = (parts[name] for name in ("train", "valid", "test"))
if FAST:
    train, test = train.take(np.arange(1000)), test.take(np.arange(200))

# %% Train. Images are turned and shifted a little anew in each epoch.
small = jb.ResNet((8, 16)) if FAST else None
run = jb.fit(
    small,
    jb.Binary(),
    train,
    valid,
    augment=[jb.Rotate(10.0), jb.Translate(0.07)],
    seed=0,
    out=folder / "run",
    **({"epochs": 2, "members": 1} if FAST else {}),
)
print(run.evaluate(test))

# %% 'unknown' where fewer than 95 % of the validation images would be named rightly
chance = run.predictor(valid).values
truth = valid.targets["label"].values.astype(int)
least = threshold_for_precision(
    np.stack([1 - chance, chance], axis=1), truth, precision=0.95
)
named = run.predictor(test).columns(min_probability=least)["label"]
known = test.targets["label"].values
sure = named != UNKNOWN
right = (named == known)[sure].mean()
print(f"\nat {least:.2f}: {sure.mean():.0%} of images named, {right:.1%} of them right")

# %% Where the images hold what speaks for pneumonia
chance = run.predictor(test).values
rows = np.concatenate(
    [
        np.flatnonzero(known == "1")[np.argsort(-chance[known == "1"])[:6]],
        np.flatnonzero(known == "0")[np.argsort(chance[known == "0"])[:3]],
    ]
)
some = test.take(rows)
heats = jb.explain.activation_maps(run.predictor, some, label="1")
titles = [f"{NAMES[known[row]]}, P = {chance[row]:.3f}" for row in rows]
figure = jb.plot.overlays(
    some.inputs["image"].values,
    heats,
    titles=titles,
    title="What speaks for pneumonia",
)
jb.plot.save(figure, folder / "pneumonia.png")
print(f"see {folder / 'pneumonia.png'}")
