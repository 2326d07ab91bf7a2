# %% [markdown]
# # DNA classification with a convolutional network
#
# Is a stretch of 101 nucleotides bound by a transcription factor? The rows are those of
# GUE's task tf_0 (human, from ChIP-seq), with the published training, development and
# test rows. Get them once with `jaxbio data get gue`.
#
#     python examples/dna_cnn.py [--fast]

# %%
import sys
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

import jaxbio as jb

FAST = "--fast" in sys.argv
out = Path(mkdtemp()) / "tf_0"

# %% The published parts
parts = jb.datasets.load("gue", "tf_0")
train, valid, test = (parts[name] for name in ("train", "valid", "test"))
if FAST:
    train, valid, test = (part.take(np.arange(800)) for part in (train, valid, test))

# %% Train. Everything that is not said here is chosen by the data.
run = jb.fit(
    jb.CNN(),
    jb.Binary(),
    train,
    valid,
    out=out,
    **({"epochs": 1, "members": 1} if FAST else {}),
)
print("\n".join(run.notes))
print(run.evaluate(test))

# %% The folder alone gives the predictor back
predictor = jb.load(out)
sequence = test.inputs["sequence"].strings()[0]
print(predictor(sequence).frame())

# %% … or the pure function, for a larger JAX program
predict, params = predictor.function()
tokens = jb.DNA.encode(sequence)[None]
print(predict(params, {"sequence": tokens})["label"])
