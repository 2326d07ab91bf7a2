"""Defaults: the network and the settings of training that suit the data, and why."""

import dataclasses
from collections.abc import Collection, Mapping
from typing import NamedTuple

from jaxbio.baselines.positional import detect_position_dependence
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.data.schema import Schema
from jaxbio.data.specs import SHORT, VARIANT_LIBRARY, InputSpec, TargetKind
from jaxbio.models import Network, recipes
from jaxbio.tasks import Task, infer_tasks
from jaxbio.train import Mutate, Training, resolve_augment

CHOSEN = (
    "epochs",
    "batch_size",
    "learning_rate",
    "weight_decay",
    "patience",
    "augment",
    "members",
)
"""The settings that `choose_training` takes from the data."""

_MANY = 10_000  # rows from which one network and fewer epochs will do


class Choice(NamedTuple):
    """What was chosen for one thing, and why, in a sentence."""

    what: str
    choice: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Recommendation:
    """What suits a data set; prints as a table.

    Attributes:
        model: The network, with everything filled in.
        training: The settings of training.
        reasons: What was chosen and why, one decision each.
    """

    model: Network
    training: Training
    reasons: tuple[Choice, ...]

    def __str__(self) -> str:
        first = max(len(each.what) for each in self.reasons)
        second = max(len(each.choice) for each in self.reasons)
        return "\n".join(
            f"{what:<{first}}  {choice:<{second}}  {reason}"
            for what, choice, reason in self.reasons
        )


def recommend(
    train: Dataset, tasks: Mapping[str, Task] | None = None, *, seed: int = 0
) -> Recommendation:
    """What `fit` would choose for a data set, and why.

    Args:
        train: The training rows.
        tasks: What each target means; None to infer.
        seed: For the test of whether positions matter.

    Returns:
        The network and the settings, as `fit(it.model, …, training=it.training)` takes
        them.

    Example:
        >>> import pandas as pd
        >>> from jaxbio.data import read
        >>> table = pd.DataFrame({"x": range(40), "y": [2.0 * x for x in range(40)]})
        >>> found = recommend(read(table, inputs={"x": "numeric"}, targets=["y"]))
        >>> found.model.hidden, found.training.batch_size
        ((64, 64), 16)
        >>> found.reasons[0].what, found.reasons[0].choice
        ('encoder of x', 'mlp')
    """
    schema = study(train, tasks or infer_tasks(train), seed=seed)
    return with_reasons(schema, choose_model(schema), choose_training(schema))


def study(train: Dataset, tasks: Mapping[str, Task], *, seed: int) -> Schema:
    """What the training rows teach of inputs and targets."""
    kinds: dict[str, tuple[TargetKind, bool]]
    kinds = {name: (t.target_kind, t.per_position) for name, t in tasks.items()}
    schema = learn_schema(train, kinds)
    return detect_position_dependence(schema, schema.encode(train), seed=seed)


def with_reasons(
    schema: Schema, model: Network, training: Training, given: Collection[str] = ()
) -> Recommendation:
    """A network and settings of training, with the reason of each choice.

    Args:
        schema: The inputs and targets.
        model: The network, with everything filled in.
        training: The settings of training.
        given: What was not chosen: `encoder of INPUT`, `hidden layers`, `strands`, or
            fields of `Training`.
    """
    rows = f"{schema.n_train:,} training rows"
    kind = _kind(schema)
    by_input = resolve_augment(training.augment, schema).items()
    augment = "; ".join(
        f"{name}: {', '.join(change.name for change in changes)}"
        for name, changes in by_input
    )
    found = [
        *(
            Choice(f"encoder of {spec.name}", encoder.name, _of_input(spec, schema))
            for spec in schema.inputs
            if (encoder := model.by_input(schema)[spec.name])
        ),
        Choice("hidden layers", "-".join(map(str, model.hidden or ())) or "none", kind),
        Choice(
            "strands",
            "both" if model.average_strands else "as given",
            "what may stand anywhere may stand on either strand"
            if model.average_strands
            else "places matter, or there is one strand only",
        ),
        *(
            Choice(name, f"{getattr(training, name):g}", kind)
            for name in ("epochs", "learning_rate", "weight_decay", "patience")
        ),
        Choice("batch_size", str(training.batch_size), rows),
        Choice("augment", augment or "none", kind),
        Choice("members", str(training.members), f"{rows}: fewer rows, more networks"),
    ]
    reasons = [
        each._replace(reason="as given") if each.what in given else each
        for each in found
    ]
    return Recommendation(model, training, tuple(reasons))


def _of_input(spec: InputSpec, schema: Schema) -> str:
    """Why an input has its encoder."""
    if not isinstance(spec, SequenceSpec):
        return {
            "category": "a category: a learned vector for each",
            "image": "an image: residual blocks of convolutions",
        }.get(spec.kind, "numbers: standard scores through layers")
    if recipes.per_position(schema):
        return "a value a position needs an encoder that keeps positions"
    if recipes.variants(schema):
        return (
            f"variants of one parent (the commonest symbol stands in "
            f"{spec.conservation:.0%} of the rows): symbols by position say most"
        )
    where = "at their places" if spec.position_dependent else "anywhere"
    return f"motifs {where}, in {spec.min_length} to {spec.max_length} symbols"


def _kind(schema: Schema) -> str:
    """The kind of data by which settings are chosen."""
    sequences = schema.sequences
    if any(spec.kind == "image" for spec in schema.inputs):
        return "images"
    if not sequences:
        return "numbers alone"
    if recipes.variants(schema):
        return "variants of one parent"
    if all(spec.fixed_length and spec.max_length <= SHORT for spec in sequences):
        return "short windows of one length"
    if not recipes.placed(schema):
        return "sequences in which places do not matter"
    if recipes.per_position(schema):
        return "values along sequences"
    return "sequences in which places matter"


def choose_model(schema: Schema) -> Network:
    """The network for a schema, with everything filled in; see `jaxbio.models.recipes`.

    Args:
        schema: What the inputs are.
    """
    return Network().resolve(schema)


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
            augment=(Mutate(0.05 if many else 0.1),),
        )
    size = min(choice.batch_size, max(rows, 1))
    members = 3 if rows < 20_000 else 2 if rows < 100_000 else 1
    if any(target.per_position for target in schema.targets):
        members = 3 if rows < 1000 else 1
    return dataclasses.replace(choice, batch_size=size, members=members)
