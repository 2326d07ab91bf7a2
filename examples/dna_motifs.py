# %% [markdown]
# # From a trained run to motifs and rules
#
# What did a network see in the variants of ARS1, a yeast origin of replication? It
# learns which variants replicate; then logos say which positions matter, motifs what
# its filters look for, and a few rules imitate it. Get the data once with
# `jaxbio data get ars1`.
#
#     python examples/dna_motifs.py [--fast]

# %%
import sys

import numpy as np

import jaxbio as jb
from jaxbio.datasets import ars1_wild_type

FAST = "--fast" in sys.argv

# %% Train on variants of the origin
rows = jb.datasets.load("ars1")["all"]
order = np.random.default_rng(0).permutation(len(rows))
rows = rows.take(order[: 400 if FAST else 20_000])
train, valid, test = jb.split(rows, by="random", seed=0)
settings = {"epochs": 10, "members": 1} if FAST else {"members": 1}
run = jb.fit(jb.CNN(), None, train, valid, seed=0, **settings)
print(run.evaluate(test))

# %% What each substitution of the wild type does, and which stretch matters most
wild = ars1_wild_type()
label = run.predictor.schema.targets[0].classes[1]
(effects,) = jb.explain.substitution_effects(run.predictor, [wild], label=label)
loss = -effects.sum(axis=1) / 3  # of the substitutions of a position, on average
sums = np.convolve(loss, np.ones(11), "valid")
start = int(sums.argmax())
print(f"the 11 positions that matter most: {start + 1}-{start + 11}, ", end="")
print(wild[start : start + 11], "(the A element, WAAAYRTAAAW on this strand)")

# %% The same of all sequences: seqlets by DeepLIFT
some = test.take(np.arange(10 if FAST else 200))
texts = some.inputs["sequence"].strings()
found = list(jb.explain.sequence_attributions(run.predictor, texts, label=label))
seqlets = jb.explain.find_seqlets([each.values for each in found], width=11)
for one in seqlets[:5]:
    print(one.row, one.start + 1, texts[one.row][one.start : one.end])

# %% What the filters of the first convolution look for
motifs = jb.explain.filter_motifs(run.predictor, test)
jb.explain.write_meme(motifs, "motifs.meme")
print(len(motifs), "motifs of filters: motifs.meme")

# %% A few rules that answer as the network mostly does
print(jb.explain.rules(run.predictor, test, depth=2))

# %% A logo of the wild type
page = jb.plot.contribution_logo(effects, wild, jb.DNA, title="ARS1", unit="log-odds")
jb.plot.save(page, "ars1_logo.png")
print("ars1_logo.png")
