"""What a user of jaxbio writes: `jaxbio_fit.py TRAIN.csv VALID.csv OUT.csv`.

Trains on one table and writes the predictions of another.
"""

import sys

import jaxbio as jb
from jaxbio.data import write_table

train_file, valid_file, out = sys.argv[1:]
train, valid = jb.read(train_file, targets=["y"]), jb.read(valid_file, targets=["y"])
run = jb.fit(
    jb.Network(jb.MLP(), hidden=(64, 64), dropout=0.0, skip=False),
    jb.Regression(),
    train,
    valid,
    epochs=10,
    batch_size=32,
    patience=0,
    members=1,
    optimizer="adam",
    learning_rate=1e-3,
    baselines=False,
)
write_table([run.predictor(valid).columns()], out)
