"""Defaults of networks and of training: pure functions of what training rows taught.

Each choice was made with validation rows of public data sets. A function gives fields
as a run keeps them. `Network.resolve`, the encoders' `resolve` and
`jaxbio.run.choose_training` take from them what was not given.
"""

from collections.abc import Collection, Mapping
from typing import Any

from jaxbio.data.columns.category import CategorySpec
from jaxbio.data.columns.counts import CountsSpec
from jaxbio.data.columns.images import ImageSpec
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import SHORT, VARIANT_LIBRARY, InputSpec

Fields = dict[str, Any]

ALONG_CHAINS: Fields = {
    "name": "rnn",
    "cell": "lstm",
    "widths": (128,),
    "channels": (128,) * 4,
    "kernel_sizes": (11, 7, 7, 7),
    "dropout": 0.2,
}
"""For values along proteins. On chains of NetSurfP-2.0 one point of Q3 better than a
dilated CNN that takes as long (validation chains)."""

_KEPT = 25  # beyond, about so many windows are
_KNOWN = SequenceSpec | NumericSpec | CountsSpec | CategorySpec | ImageSpec
_STEPS = 150  # of a recurrent network along a sequence, at most about so many
_FEW = 1000  # rows below which a network in bins is narrow
_MANY = 10_000  # rows from which one network and fewer epochs will do


def network(
    schema: Schema, given: Mapping[str, str], dropout: float | None = None
) -> Fields:
    """The network for a schema, around encoders that are already chosen.

    An MLP for variants of one parent, an LSTM after convolutions for values along
    proteins, a CNN for other sequences; a residual network for images.

    Args:
        schema: What the inputs are and how many training rows there are.
        given: The name of the encoder of each input that has one.
        dropout: That of the hidden layers, if it is chosen too.

    Returns:
        `hidden`, `dropout` and `average_strands`, and under `encoders` the fields of
        an encoder for each input of the package's own types that is not among those
        given.
    """
    sequences = schema.sequences
    kind, rate = _over_sequences(schema)
    names = {given.get(spec.name, kind["name"]) for spec in sequences}
    if any(spec.name in given for spec in sequences):
        rate = _dropout(schema)
        if "cnn" in names:
            rate = _cnn_dropout(schema)
    dropout = rate if dropout is None else dropout
    pictures = not sequences and any(
        isinstance(spec, ImageSpec) for spec in schema.inputs
    )
    image = {"channels": (16, 32, 64), "dropout": 0.2} if pictures else {}
    numbers = {
        "name": "mlp",
        "hidden": (64,) if pictures or names - {"mlp"} else (),
        "dropout": dropout,
        "input_dropout": 0.2,
    }

    def encoder(spec: InputSpec) -> Fields:
        if spec.is_sequence:
            return kind
        if isinstance(spec, CategorySpec):
            return {"name": "embedding"}
        if isinstance(spec, ImageSpec):
            return {"name": "resnet", **image}
        return numbers

    many = (128, 128) if variants(schema) else (128,)
    return {
        "encoders": {
            spec.name: encoder(spec)
            for spec in schema.inputs
            if spec.name not in given and isinstance(spec, _KNOWN)
        },
        "hidden": many if sequences else () if pictures else (64, 64),
        "dropout": dropout,
        # What may stand anywhere may stand on either strand.
        "average_strands": not placed(schema),
    }


def in_bins(schema: Schema) -> Fields:
    """A network of numbers in bins and of categories.

    Args:
        schema: Numbers and categories.
    """
    small = schema.n_train < _FEW
    own = {
        "name": "piecewise",
        "width": 8,
        "hidden": (64,) if small else (128, 128),
        "dropout": 0.3 if small else 0.2,
    }
    return {
        "encoders": {
            spec.name: own for spec in schema.inputs if isinstance(spec, NumericSpec)
        },
        "hidden": (64,) if small else (128,),
        "dropout": 0.3 if small else 0.2,
    }


def in_copies(schema: Schema) -> Fields:
    """A batch ensemble of numbers in bins and of categories.

    Args:
        schema: Numbers and categories.
    """
    alone = {"name": "piecewise", "width": 8, "hidden": ()}
    return {
        "encoders": {
            spec.name: alone for spec in schema.inputs if isinstance(spec, NumericSpec)
        },
        "hidden": (128, 128),
        "dropout": 0.2,
        "copies": 8,
    }


def recurrent(schema: Schema) -> Fields:
    """A recurrent network after a convolution, over the only sequence of a schema.

    On parts of the training rows of yeast leaders R2 .567 to .589 beside a CNN and a
    linear model, of factor binding (GUE tf_0) AUROC .859 to .862; of promoters of
    E. coli it got no weight.

    Args:
        schema: One sequence, and perhaps inputs of other kinds.
    """
    (sequence,) = schema.sequences
    short = sequence.max_length <= SHORT
    own = {
        "name": "rnn",
        "cell": "gru",
        "channels": (64,),
        "kernel_sizes": (5 if short else 11,),
        "pool_windows": (max(round(sequence.max_length / _STEPS), 1 if short else 2),),
    }
    return {"encoders": {sequence.name: own}}


def over_views(schema: Schema) -> Fields:
    """A network of views of molecules, such as descriptors, and inputs beside them.

    With validation rows of ESOL, lipophilicity, BBBP, Tox21 and Davis.

    Args:
        schema: What it sees: the sequences themselves it does not.
    """
    many = schema.n_train >= _MANY
    rate = 0.2 if many else 0.3
    own = {
        "name": "mlp",
        "hidden": (256,) if many else (128,),
        "dropout": rate,
        "input_dropout": 0.1,
    }
    return {
        "encoders": {
            spec.name: own for spec in schema.inputs if isinstance(spec, NumericSpec)
        },
        "hidden": (512, 512) if many else (128,),
        "dropout": rate,
    }


def convolutions(schema: Schema, channels: tuple[int, ...] | None) -> Fields:
    """Fields of a CNN over the sequences of a schema."""
    short = _longest(schema) <= SHORT
    if per_position(schema) and not short:
        # Deeper, and every position sees far.
        channels = channels or (128,) * 5
        blocks = range(len(channels))
        return branches(schema) | {
            "channels": channels,
            "kernel_sizes": tuple(11 if not at else 7 for at in blocks),
            "dilations": tuple(2 ** min(max(at - 1, 0), 4) for at in blocks),
            "pool_windows": (1,) * len(channels),
            "residual": True,
            "pool": "max",
            "dropout": 0.1,
        }
    channels = channels or (64, 64)
    fixed = _fixed(schema)
    first = 1 if per_position(schema) or (fixed and short) else 4 if fixed else 2
    windows = [first] + [1] * (len(channels) - 1)
    if fixed and not per_position(schema) and len(channels) > 1:
        windows[1] = max(1, round(_longest(schema) / first / _KEPT))
    return branches(schema) | {
        "channels": channels,
        "kernel_sizes": (5 if short else 11,) + (5,) * (len(channels) - 1),
        "dilations": (1,) * len(channels),
        "residual": False,
        "pool_windows": tuple(windows),
        "pool": "flatten" if fixed else "max",
        "dropout": 0.0 if short else 0.2 if placed(schema) else 0.1,
    }


def recurrence(schema: Schema, channels: tuple[int, ...]) -> Fields:
    """Fields of an RNN over the sequences of a schema."""
    fixed = all(spec.fixed_length for spec in schema.sequences)
    return branches(schema) | {
        "widths": (64,),
        "kernel_sizes": (9,) * len(channels),
        "pool_windows": (1,) * len(channels),
        "pool": "flatten" if fixed and _longest(schema) <= 64 else "attention",
    }


def attention(schema: Schema, channels: tuple[int, ...]) -> Fields:
    """Fields of a transformer over the sequences of a schema."""
    fields = recurrence(schema, channels)
    return {name: value for name, value in fields.items() if name != "widths"}


def perceptron(schema: Schema) -> Fields:
    """Fields of an MLP: no layers of its own, symbols by position."""
    return branches(schema) | {
        "hidden": (),
        "dropout": _dropout(schema),
        "input_dropout": 0.2,
        "kmers": 0,
        "positions": True,
    }


def branches(schema: Schema) -> Fields:
    """Fields of the linear branches beside an encoder of sequences."""
    fixed = any(spec.fixed_length for spec in schema.sequences)
    return {
        "kmers": _longest_kmers(schema),
        "both_strands": not placed(schema),
        "positions": fixed and placed(schema),
        # A mutation left out of one of two alike variants is mere noise.
        "position_dropout": 0.0 if variants(schema) else 0.2,
    }


def training(schema: Schema) -> Fields:
    """Fields of the settings of training.

    Seven kinds of data are told apart: variants of one parent, short windows, sequences
    in which places matter or do not, values along sequences, images, and numbers alone.

    Args:
        schema: What the inputs are and how many training rows there are.

    Returns:
        Settings with a batch size of at most the number of rows.
    """
    rows = schema.n_train
    many = rows >= _MANY
    sequences = schema.sequences
    choice: Fields
    if any(isinstance(spec, ImageSpec) for spec in schema.inputs):
        # Changes that no kind of image minds; flips are for those without sides.
        choice = {
            "epochs": 30 if rows < _MANY else 15,
            "batch_size": 64,
            "learning_rate": 2e-3,
            "patience": 8,
            "augment": [
                {"name": "rotate", "most": 10.0},
                {"name": "translate", "most": 0.07},
                {"name": "brightness", "most": 0.1},
            ],
        }
    elif not sequences:
        few = rows < 200
        choice = {
            "epochs": 60,
            "batch_size": 16 if few else 64,
            "learning_rate": 1e-3,
            "patience": 20,
        }
    elif variants(schema):
        choice = {
            "epochs": 30 if many else 80,
            "batch_size": 128 if many else 64,
            "learning_rate": 2e-3,
            "weight_decay": 1.0,
            "patience": 6 if many else 20,
        }
    elif all(s.fixed_length and s.max_length <= SHORT for s in sequences):
        choice = {
            "epochs": 18,
            "batch_size": 256 if many else 64,
            "learning_rate": 3e-3,
            "patience": 5,
        }
    elif not placed(schema):
        choice = {
            "epochs": 10,
            "batch_size": 256 if many else 64,
            "learning_rate": 2e-3,
            "patience": 4,
        }
    elif per_position(schema):
        # A row is as good as hundreds. Of pairs there are a square, and fewer rows.
        pairs = any(target.kind == "points" for target in schema.targets)
        choice = {
            "epochs": 10,
            "batch_size": 8 if pairs else 32,
            "learning_rate": 1e-3 if pairs else 2e-3,
            "weight_decay": 2e-2,
            "patience": 4,
        }
    else:
        choice = {
            "epochs": 15,
            "batch_size": 256 if many else 64,
            "learning_rate": 2e-3,
            "patience": 5,
            "augment": [{"name": "mutate", "share": 0.05 if many else 0.1}],
        }
    size = min(choice["batch_size"], max(rows, 1))
    members = 3 if rows < 20_000 else 2 if rows < 100_000 else 1
    if per_position(schema):
        members = 3 if rows < 1000 else 1
    return choice | {"batch_size": size, "members": members}


def adaptation(schema: Schema, tuned: Collection[str]) -> Fields:
    """Fields of the settings of training of networks over pretrained models.

    Args:
        schema: What the inputs are and how many training rows there are.
        tuned: How the models are trained: `frozen`, `lora`, `full`.
    """
    rows = schema.n_train
    pairs = any(target.kind == "points" for target in schema.targets)
    if set(tuned) == {"frozen"}:  # whose vectors are there: epochs are short
        size, own = 64, {"epochs": 60, "learning_rate": 1e-3, "patience": 10}
        own["members"] = 3 if rows < 20_000 else 1
    else:
        size = 4 if pairs else 16
        rate = 5e-5 if "full" in tuned else 5e-4
        own = {"epochs": 15, "learning_rate": rate, "patience": 4, "members": 1}
        own["warmup"] = 0.1
    return own | {"batch_size": min(size, max(rows, 1))}


def per_position(schema: Schema) -> bool:
    """Check that any target has a value a position."""
    return any(target.per_position for target in schema.targets)


def variants(schema: Schema) -> bool:
    """Check that the sequences are variants of one parent."""
    sequences = schema.sequences
    return bool(sequences) and all(
        spec.conservation >= VARIANT_LIBRARY for spec in sequences
    )


def placed(schema: Schema) -> bool:
    """Check that it matters where in the sequences a symbol stands."""
    return all(spec.position_dependent for spec in schema.sequences)


def _over_sequences(schema: Schema) -> tuple[Fields, float]:
    """The encoder of sequences, and the dropout of the layers after it."""
    along = per_position(schema)
    if not schema.sequences or (variants(schema) and not along):
        return {"name": "mlp"}, _dropout(schema)
    if along and any(spec.kind == "protein" for spec in schema.sequences):
        return ALONG_CHAINS, 0.3
    return {"name": "cnn"}, _cnn_dropout(schema)


def _dropout(schema: Schema) -> float:
    return 0.2 if variants(schema) else 0.5 if placed(schema) else 0.3


def _cnn_dropout(schema: Schema) -> float:
    short = _longest(schema) <= SHORT
    if per_position(schema) and not short:
        return 0.3
    return 0.2 if _fixed(schema) and short else _dropout(schema)


def _fixed(schema: Schema) -> bool:
    sequences = schema.sequences
    return bool(sequences) and all(
        spec.fixed_length and spec.position_dependent for spec in sequences
    )


def _longest(schema: Schema) -> int:
    return max((spec.max_length for spec in schema.sequences), default=0)


def _longest_kmers(schema: Schema) -> int:
    """As long as the rows can bear: words that few rows share are learned by heart.

    Where positions mean something and rows are few, a spectrum only does harm.
    """
    sequences, many = schema.sequences, schema.n_train >= 10_000
    fixed = any(spec.fixed_length and spec.position_dependent for spec in sequences)
    if not sequences or (fixed and (not many or _longest(schema) < 40)):
        return 0
    symbols = max(spec.alphabet.size for spec in sequences)
    words = 4**6 if many else 4**4
    return max((k for k in range(1, 7) if symbols**k <= words), default=1)
