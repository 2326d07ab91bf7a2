"""Defaults: the network and the settings of training that suit the data."""

import dataclasses

from jaxbio.data.schema import Schema
from jaxbio.data.specs import SHORT, VARIANT_LIBRARY
from jaxbio.models.configs import CNN, MLP, RNN, Config
from jaxbio.train.config import Training

ALONG_CHAINS = RNN(
    cell="lstm",
    widths=(128,),
    channels=(128,) * 4,
    kernel_sizes=(11, 7, 7, 7),
    recurrent_dropout=0.2,
    dropout=0.3,
)
"""For values along proteins. On chains of NetSurfP-2.0 one point of Q3 better than a
dilated CNN that takes as long (validation chains)."""

CHOSEN = (
    "epochs",
    "batch_size",
    "learning_rate",
    "weight_decay",
    "patience",
    "mutate",
    "members",
)
"""The settings that `choose_training` takes from the data."""

_MANY = 10_000  # rows from which one network and fewer epochs will do


def choose_model(schema: Schema) -> Config:
    """The kind of network for a schema.

    MLP for numbers and for variants of one parent, an LSTM after convolutions for
    values along proteins, CNN for other sequences and for images.

    Args:
        schema: What the inputs are.

    Returns:
        A description with every None filled.
    """
    sequences = schema.sequences
    per_position = any(target.per_position for target in schema.targets)
    variants = all(spec.conservation >= VARIANT_LIBRARY for spec in sequences)
    if not sequences and any(spec.kind == "image" for spec in schema.inputs):
        return CNN(hidden=(), image_channels=(16, 32, 64), image_dropout=0.2).resolve(
            schema
        )
    if not sequences or (variants and not per_position):
        return MLP().resolve(schema)
    if per_position and any(spec.kind == "protein" for spec in sequences):
        return ALONG_CHAINS.resolve(schema)
    return CNN().resolve(schema)


def choose_training(schema: Schema) -> Training:
    """Settings that suit the data.

    They were found with validation rows of public data sets. Seven kinds are told
    apart: variants of one parent, short windows, sequences in which places matter or do
    not, values along sequences, images, and numbers alone.

    Args:
        schema: What the inputs are and how many training rows there are.

    Returns:
        Settings with a batch size of at most the number of rows.
    """
    rows = schema.n_train
    many = rows >= _MANY
    sequences = schema.sequences
    if any(spec.kind == "image" for spec in schema.inputs):
        choice = Training(epochs=20, batch_size=64, learning_rate=2e-3, patience=6)
    elif not sequences:
        few = rows < 200
        choice = Training(
            epochs=60, batch_size=16 if few else 64, learning_rate=1e-3, patience=20
        )
    elif all(spec.conservation >= VARIANT_LIBRARY for spec in sequences):
        choice = Training(
            epochs=30 if many else 80,
            batch_size=128 if many else 64,
            learning_rate=2e-3,
            weight_decay=1.0,
            patience=6 if many else 20,
        )
    elif all(s.fixed_length and s.max_length <= SHORT for s in sequences):
        choice = Training(
            epochs=18, batch_size=256 if many else 64, learning_rate=3e-3, patience=5
        )
    elif not all(spec.position_dependent for spec in sequences):
        choice = Training(
            epochs=10, batch_size=256 if many else 64, learning_rate=2e-3, patience=4
        )
    elif any(target.per_position for target in schema.targets):
        # A row is as good as hundreds. Of pairs there are a square, and fewer rows.
        pairs = any(target.kind == "points" for target in schema.targets)
        choice = Training(
            epochs=10,
            batch_size=8 if pairs else 32,
            learning_rate=1e-3 if pairs else 2e-3,
            weight_decay=2e-2,
            patience=4,
        )
    else:
        choice = Training(
            epochs=15,
            batch_size=256 if many else 64,
            learning_rate=2e-3,
            patience=5,
            mutate=0.05 if many else 0.1,
        )
    size = min(choice.batch_size, max(rows, 1))
    members = 3 if rows < 20_000 else 2 if rows < 100_000 else 1
    if any(target.per_position for target in schema.targets):
        members = 3 if rows < 1000 else 1
    return dataclasses.replace(choice, batch_size=size, members=members)
