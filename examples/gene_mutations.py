# %% [markdown]
# # Mutations found without labels
#
# A bidirectional LSTM reads genes, of which it is told nothing but their letters, and
# learns which letter stands where. What it does not expect in new genes may be a
# mutation. The genes are those of E. coli K-12 if `JAXBIO_DATA` names a folder with
# genomics/genome_ecoli_k12/; else variants of a yeast origin of replication, which come
# with the package's quickstart.
#
#     python examples/gene_mutations.py [--fast]

# %%
import gzip
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

import jaxbio as jb

FAST = "--fast" in sys.argv
FOLDER = Path(os.environ.get("JAXBIO_DATA", "")) / "genomics" / "genome_ecoli_k12"
OTHER = str.maketrans("ACGT", "TGCA")


# %% The genes, each in the direction in which it is read
def genes(folder):
    with gzip.open(folder / "U00096.2.fa.gz", "rt") as file:
        genome = "".join(line.strip() for line in file if line[0] != ">")
    for line in (folder / "U00096.2_genes.bed").read_text().splitlines():
        _, start, end, _, _, strand, *_ = line.split("\t")
        text = genome[int(start) : int(end)]
        yield text if strand == "+" else text[::-1].translate(OTHER)


real = FOLDER.is_dir()
if real:
    texts = list(genes(FOLDER))[: 60 if FAST else None]
else:
    rows = jb.datasets.load("ars1")["all"].take(np.arange(400 if FAST else 20_000))
    texts = rows.inputs["sequence"].strings()
data = jb.Dataset({"dna": jb.data.Sequences.from_strings(texts, jb.DNA)})

# %% Genes that are alike stay together; then long ones are cut into windows
parts = jb.split(data, by="similarity" if real else "random", seed=0)
train, valid, test = (jb.data.cut_windows(part) for part in parts)

# %% Train on hidden letters; beside it stand Markov chains of the same genes
model = jb.Masked(jb.RNN(cell="lstm", widths=(16,))) if FAST else jb.Masked()
settings = {"epochs": 1} if FAST else {}
run = jb.fit(model, None, train, valid, seed=0, **settings)
print(run.evaluate(test))

# %% One letter of each new window becomes another
random = np.random.default_rng(0)
reads = test.inputs["dna"].strings()[: 10 if FAST else 400]
places = [int(random.integers(len(read))) for read in reads]
mutated = []
for read, at in zip(reads, places, strict=True):
    letter = random.choice(sorted(set("ACGT") - {read[at]}))
    mutated.append(read[:at] + letter + read[at + 1 :])

# %% Where is it? A score for every place: 0 where the expected letter stands
found = jb.detect(run, mutated, fdr=1.0)
scores = [np.zeros(len(read)) for read in mutated]
for read, at, score in zip(found.ids, found.positions, found.scores, strict=True):
    scores[int(read) - 1][at - 1] = score
pairs = list(zip(scores, places, strict=True))
planted = np.concatenate([np.arange(len(each)) == at for each, at in pairs])
auroc = jb.metrics.binary_metrics(planted.astype(int), np.concatenate(scores))["auroc"]
first = np.mean([each.argmax() == at for each, at in pairs])
print(f"AUROC of planted letters {auroc:.3f}; the clearest of its read {first:.0%}")
print(found.frame().head())

# %% A picture of three reads: the planted letter in red
figure = jb.plot.figure(8, 4.5)
clearest = np.argsort([-each[at] for each, at in pairs])[:3]
for row, number in enumerate(clearest):
    axes = figure.add_subplot(3, 1, row + 1)
    height, at = scores[number], places[number]
    axes.bar(np.arange(len(height)) + 1, height, width=1, color="0.6")
    axes.bar(at + 1, height[at], width=3, color="tab:red")
    axes.set_ylabel("surprise")
axes.set_xlabel("place in the read")
picture = Path(tempfile.gettempdir()) / "gene_mutations.png"
jb.plot.save(figure, picture)
print(picture)
