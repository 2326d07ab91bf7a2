"""What a user of PyTorch writes: `users/torch_cells.py HOW IN.h5ad MODEL.pt [OUT.tsv]`.

Trains a classifier of cells for one epoch, or, with OUT, predicts all cells. HOW is
`dense` (the matrix becomes dense and is normalised once) or `sparse` (each batch does).
The network, the optimizer and the batches are those that jaxbio chooses by itself.
"""

import csv
import math
import sys
from pathlib import Path

import h5py
import numpy as np
import torch
from scipy import sparse
from torch import nn

BATCH, RATE, WARMUP, TOTAL = 64, 1e-3, 0.05, 1e4

how, file, model_file, *out = sys.argv[1:]
torch.manual_seed(0)


class Classifier(nn.Module):
    """Two hidden layers; the last one also sees the genes."""

    def __init__(self, genes, classes):
        super().__init__()
        self.first = nn.Dropout(0.2)
        drop = nn.Dropout(0.5)
        self.hidden = nn.Sequential(
            nn.Linear(genes, 64), nn.ReLU(), drop, nn.Linear(64, 64), nn.ReLU(), drop
        )
        self.last = nn.Linear(genes + 64, classes)

    def forward(self, x):
        """Scores of the classes."""
        x = self.first(x)
        return self.last(torch.cat([self.hidden(x), x], dim=1))


def logs(values, totals):
    """Library sizes are levelled, then log(1 + x), in place."""
    values *= (TOTAL / np.maximum(totals, 1)).astype(np.float32)[:, None]
    return np.log1p(values, out=values)


def read():
    """The rows of the matrix as a function of their numbers, and the labels."""
    with h5py.File(file, "r") as f:
        x = f["X"]
        parts = [x[name][...] for name in ("data", "indices", "indptr")]
        matrix = sparse.csr_matrix(tuple(parts), shape=tuple(x.attrs["shape"]))
        del parts
        names = f["obs/_index"].asstr()[...]
        labels = f["obs/cell_type/codes"][...].astype(np.int64)
        classes = f["obs/cell_type/categories"].asstr()[...]
    totals = np.asarray(matrix.sum(axis=1)).ravel()
    if how == "sparse":
        take = lambda rows: logs(matrix[rows].toarray(), totals[rows])  # noqa: E731
    else:
        whole = matrix.toarray()
        del matrix
        logs(whole, totals)
        take = whole.__getitem__
    return take, labels, classes, names


def scale_of(take, rows):
    """Mean and deviation of each gene over some rows."""
    sums = 0
    for part in np.array_split(rows, max(len(rows) // 512, 1)):
        x = take(part)
        sums = sums + np.array([x.sum(axis=0), (x * x).sum(axis=0)], np.float64)
    mean, square = sums / len(rows)
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    return mean, np.where(deviation > 0, deviation, np.inf)


def batch(take, rows, mean, deviation):
    """Standard scores of some rows."""
    x = torch.from_numpy(take(rows))
    return ((x - mean) / deviation).clip_(-10, 10)


def train():
    """One epoch of nine tenths of the rows; the others are scored after it."""
    take, labels, classes, _ = read()
    order = np.random.default_rng(0).permutation(len(labels))
    held = np.sort(order[: len(order) // 10])
    seen = order[len(order) // 5 :]
    scale = [torch.tensor(x, dtype=torch.float32) for x in scale_of(take, seen)]
    model = Classifier(len(scale[0]), len(classes))
    kernels = [p for p in model.parameters() if p.ndim > 1]
    biases = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": kernels}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, RATE, weight_decay=0.01)
    batches = np.array_split(seen, math.ceil(len(seen) / BATCH))
    rise = WARMUP * len(batches)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(
            (step + 1) / rise,
            (1 + math.cos(math.pi * max(step - rise, 0) / (len(batches) - rise))) / 2,
        ),
    )
    for rows in batches:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(
            model(batch(take, rows, *scale)), torch.from_numpy(labels[rows])
        )
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    predicted = predict(model, take, held, scale).argmax(axis=1)
    print("accuracy", (predicted == labels[held]).mean())
    saved = {"weights": model.state_dict(), "scale": scale}
    torch.save(saved, model_file)


def predict(model, take, rows, scale):
    """Probabilities of the classes."""
    model.eval()
    found = np.empty((len(rows), model.last.out_features), np.float32)
    with torch.inference_mode():
        for start in range(0, len(rows), 256):
            part = rows[start : start + 256]
            scores = model(batch(take, part, *scale))
            found[start : start + 256] = torch.softmax(scores, dim=1).numpy()
    return found


def predict_file():
    """All cells, to a table."""
    take, labels, classes, names = read()
    saved = torch.load(model_file)
    model = Classifier(len(saved["scale"][0]), len(classes))
    model.load_state_dict(saved["weights"])
    found = predict(model, take, np.arange(len(labels)), saved["scale"])
    with Path(out[0]).open("w", newline="") as handle:
        writer = csv.writer(handle, delimiter="\t")
        writer.writerow(["id", "cell_type", *(f"cell_type:{name}" for name in classes)])
        for name, values in zip(names, found, strict=True):
            writer.writerow([name, classes[values.argmax()], *values.tolist()])


if out:
    predict_file()
else:
    train()
