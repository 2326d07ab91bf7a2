"""Defaults: the network and the settings of training that suit the data, and why."""

import dataclasses
from collections.abc import Collection, Mapping
from typing import NamedTuple

from jaxbio import recipes
from jaxbio.baselines.positional import detect_position_dependence
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.data.schema import Schema
from jaxbio.data.specs import SHORT, InputSpec, TargetKind
from jaxbio.models import Network
from jaxbio.tasks import Task, infer_tasks
from jaxbio.train import Training, resolve_augment

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
        *_of_strands(schema, model),
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


def _of_strands(schema: Schema, model: Network) -> list[Choice]:
    """Whether both strands are read, where there are two."""
    if not any(spec.alphabet.complement for spec in schema.sequences):
        return []
    if model.average_strands:
        why = "what may stand anywhere may stand on either strand"
        return [Choice("strands", "both", why)]
    return [Choice("strands", "as given", "places matter")]


def _of_input(spec: InputSpec, schema: Schema) -> str:
    """Why an input has its encoder."""
    if not isinstance(spec, SequenceSpec):
        return {
            "category": "a category: a learned vector for each",
            "ordinal": "grades: a learned step to each",
            "codes": "a list of codes: zeros and ones through layers",
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
    """The network for a schema, with everything filled in; see `jaxbio.recipes`.

    Args:
        schema: What the inputs are.
    """
    return Network().resolve(schema)


def choose_training(schema: Schema) -> Training:
    """Settings that suit the data; see `jaxbio.recipes`.

    Args:
        schema: What the inputs are and how many training rows there are.
    """
    return Training.from_dict(recipes.training(schema))
