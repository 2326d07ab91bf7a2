# %% [markdown]
# # A pretrained model of antibodies: vectors, species, mutations, fine-tuning
#
# AntiBERTy (Ruffolo et al. 2021, MIT licence) has read 558 million variable domains.
# Its weights (104 MB) are fetched from the Python package index, or are in a folder:
#
#     python examples/antibodies.py [--fast] [FOLDER]

# %%
import sys
import tempfile
from pathlib import Path

import jax
import jax.numpy as jnp
import matplotlib
import numpy as np
import pandas as pd

import jaxbio as jb

matplotlib.use("Agg")
from matplotlib.figure import Figure

FAST = "--fast" in sys.argv
FOLDERS = [word for word in sys.argv[1:] if not word.startswith("--")]
DOMAINS = {
    "human heavy chain": "EVQLVQSGPEVKKPGTSVKVSCKASGFTFMSSAVQWVRQARGQRLEWIGWIVIGSGNTN"
    "YAQKFQERVTITRDMSTSTAYMELSSLRSEDTAVYYCAAPYCSSISCNDGFDIWGQGTMVTVS",
    "mouse light chain": "DVVMTQTPFSLPVSLGDQASISCRSSQSLVHSNGNTYLHWYLQKPGQSPKLLIYKVSNR"
    "FSGVPDRFSGSGSGTDFTLKISRVEAEDLGVYFCSQSTHVPYTFGGGTKLEIK",
}
LETTERS = "ACDEFGHIKLMNPQRSTVWY"
SPECIES = ("camel", "human", "mouse", "rabbit", "rat", "rhesus")  # as in its package

# %% The model: config, parameters and tokenizer
name = FOLDERS[0] if FOLDERS else str(jb.models.pretrained.get("antiberty"))
model = jb.pretrained(name)
print(f"{model.config.layers} layers of width {model.config.block.dim}")

# %% A vector of each domain, and the classes that its own heads name
vectors = jb.embed(model, DOMAINS)
module = model.module()
for title, text in DOMAINS.items():
    tokens = jnp.asarray(model.tokenizer.encode(text)[None])
    hidden = jax.jit(module.hidden)(tokens, jnp.array([tokens.shape[1]]))
    found = module.classify(hidden)
    chain = ("heavy", "light")[int(found["chain"][0].argmax())]
    species = SPECIES[int(found["species"][0].argmax())]
    print(f"{title}: {species}, {chain}; vector of length {len(vectors[title])}")

# %% All mutations of a domain: each residue is masked; what is likely in its place?
wild = DOMAINS["human heavy chain"]
ids = np.array([model.tokenizer.encode(letter)[1] for letter in LETTERS])
tokens = model.tokenizer.encode(wild)
places = np.arange(0, len(wild), 8 if FAST else 1)
rows = np.repeat(tokens[None], len(places), axis=0)
order = np.arange(len(places))
rows[order, places + 1] = model.tokenizer.mask
score = jax.jit(lambda rows: module.logits(rows, jnp.full(len(rows), rows.shape[1])))
parts = [score(jnp.asarray(rows[at : at + 16])) for at in range(0, len(rows), 16)]
at_masks = np.concatenate(parts)[order, places + 1][:, ids]
likely = jax.nn.log_softmax(jnp.asarray(at_masks), axis=-1)
own = np.array([LETTERS.index(wild[place]) for place in places])
effects = np.asarray(likely) - np.asarray(likely)[order, own][:, None]
best = np.unravel_index(np.argsort(-effects, axis=None)[:5], effects.shape)
first = (own == at_masks.argmax(1)).mean()
print(f"{19 * len(places)} mutations; the wild type is first at {first:.0%} of places")
for at, letter in zip(*best, strict=True):
    mutation = f"{wild[places[at]]}{places[at] + 1}{LETTERS[letter]}"
    print(f"  {mutation} {effects[at, letter]:+.2f}")
figure = Figure(figsize=(14, 3.5), layout="constrained")
axes = figure.add_subplot()
image = axes.imshow(effects.T, aspect="auto", cmap="RdBu", vmin=-8, vmax=8)
axes.set_yticks(range(20), [*LETTERS])
axes.set_xlabel("residue")
figure.colorbar(image, label="log-likelihood over wild type")
heat_map = Path(tempfile.gettempdir()) / "antibody_mutations.png"
figure.savefig(heat_map)
print(heat_map)

# %% Fine-tuning by LoRA, on a property that is computed so that anybody can run this:
# the charge of mutants, of which a linear model knows all. Put your own in its place.
random = np.random.default_rng(0)
texts = []
for _ in range(40 if FAST else 480):
    text = list(wild)
    for place in random.choice(len(wild), random.integers(1, 9), replace=False):
        text[place] = random.choice([*LETTERS])
    texts.append("".join(text))
charge = [sum(t.count(c) for c in "KR") - sum(t.count(c) for c in "DE") for t in texts]
table = pd.DataFrame({"domain": texts, "charge": np.array(charge, float) + 1e-9})
data = jb.read(table, inputs={"domain": "protein"}, targets=["charge"])
train, valid, test = jb.split(data, by="random", seed=0)
encoder = jb.Pretrained(name, tune="lora", rank=4, targets=("query", "value"))
settings = {"epochs": 1, "members": 1} if FAST else {"epochs": 8}
run = jb.fit(encoder, jb.Regression(), train, valid, seed=0, **settings)
print(run.evaluate(test))
