# %% [markdown]
# # DNA classification with a recurrent network
#
# Does a window of 60 nucleotides hold a donor site (EI), an acceptor site (IE) or
# neither (N)? The rows are the primate splice junctions of the UCI repository. Get them
# once with `jaxbio data get splice_uci_primate`.
#
#     python examples/dna_rnn.py [--fast]

# %%
import sys

import numpy as np

import jaxbio as jb

FAST = "--fast" in sys.argv

# %% Equal sequences are one group, so that none is in two parts
data = jb.datasets.load("splice_uci_primate")["all"]
if FAST:
    data = data.take(np.arange(0, len(data), 4))
train, valid, test = jb.split(data, by="group", seed=0)

# %% A gated recurrent unit in both directions, and the same with a parallel recurrence
for cell in ("mingru",) if FAST else ("gru", "mingru"):
    run = jb.fit(
        jb.RNN(cell=cell, widths=(32,)),
        jb.MultiClass(),
        train,
        valid,
        epochs=1 if FAST else 20,
        members=1,
        seed=0,
    )
    print(cell)
    print(run.evaluate(test))

# %% The confusion table: rows are true classes, columns predicted ones
target = run.predictor.schema.targets[0]
confusion = run.evaluate(test).scores[target.name]["model"]["confusion"]
for name, counts in zip(target.classes, confusion, strict=True):
    print(f"{name:>3}", *(f"{count:5d}" for count in counts))
