"""Candidates: the networks that are tried for a data set where none is asked for."""

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

from jaxbio import recipes
from jaxbio.baselines.boosting import BoostingBaseline
from jaxbio.data.columns.category import CategorySpec
from jaxbio.data.columns.code_lists import CodesSpec
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.columns.ordinal import OrdinalSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.molecules.smiles import has_rdkit
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.data.views import source_of, views_for
from jaxbio.models import Boosting, Linear, Network, network_from_dict
from jaxbio.models.mixture import Part
from jaxbio.tasks import (
    Binary,
    CompetingRisks,
    CountRegression,
    MultiClass,
    MultiLabel,
    Regression,
    Survival,
    Task,
)
from jaxbio.train import Training

RACED = 1_000
"""Training rows from which networks race: of fewer all learn, from folds."""

_OF_TABLES = (NumericSpec, CodesSpec, CategorySpec, OrdinalSpec)
_COPIED_RATE = 2e-3  # of batch ensembles; others still learn when epochs end
_SLOW = 20_000  # molecules from which descriptors take too long
_MOST_LABELS = 30  # for which the linear baseline has log-odds


class Candidate(NamedTuple):
    """A network to try, and how it is trained."""

    part: Part
    training: Training


def choose_views(train: Dataset, tasks: Mapping[str, Task]) -> tuple[str, ...]:
    """What else than the inputs themselves networks should see of training rows.

    Of molecules their words, and with RDKit fragments and descriptors; of proteins that
    are one of several inputs, as of pairs with drugs, their words. Nothing for targets
    by position, or of inputs of which rows bring views already.

    Args:
        train: The training rows.
        tasks: What each target means.

    Returns:
        Inputs such as `words@smiles`.
    """
    if any(task.over != "row" for task in tasks.values()):
        return ()
    viewed = {source_of(name) for name in train.inputs}
    names = []
    for name, column in train.inputs.items():
        in_pairs = column.kind == "protein" and len(train.inputs) > 1
        if name in viewed or not (column.kind == "smiles" or in_pairs):
            continue
        several = isinstance(column, DictionaryColumn)
        count = len(column.values) if several else len(column)
        for view in views_for(column):
            slow = view == "descriptors" and count > _SLOW
            if view == "words" or (has_rdkit() and not slow):
                names.append(f"{view}@{name}")
    return tuple(names)


def choose_candidates(
    schema: Schema, tasks: Mapping[str, Task]
) -> dict[str, Candidate]:
    """The networks to try for a schema, by name.

    Args:
        schema: What the training rows taught.
        tasks: What each target means.
    """
    whole = Network().resolve(schema)
    training = Training.from_dict(recipes.training(schema))
    found = {"network": Candidate(whole, training)}
    if any(task.over != "row" for task in tasks.values()):
        return found
    viewed = {source_of(spec.name) for spec in schema.inputs}
    seen = schema.of([spec.name for spec in schema.inputs if spec.name not in viewed])
    if len(seen.inputs) < len(schema.inputs):
        network = network_from_dict(recipes.over_views(seen)).resolve(seen)
        own = Training.from_dict(recipes.training(seen))
        # Before the slower one, which may take too long.
        found = {"features": Candidate(network, own), **found}
        if _is_described(schema):
            del found["network"]
    if _worth_reading(schema, seen):
        reader = network_from_dict(recipes.recurrent(schema)).resolve(schema)
        found["rnn"] = Candidate(reader, training)
    numbers = [spec for spec in schema.inputs if isinstance(spec, NumericSpec)]
    table = all(type(spec) in _OF_TABLES for spec in schema.inputs)
    if table and numbers and all(spec.edges for spec in numbers):
        network = network_from_dict(recipes.in_bins(schema)).resolve(schema)
        found["bins"] = Candidate(network, training)
        if schema.n_train >= RACED:
            network = network_from_dict(recipes.in_copies(schema)).resolve(schema)
            own = dataclasses.replace(training, learning_rate=_COPIED_RATE)
            found["batch_ensemble"] = Candidate(network, own)
    if not all(has_scores(task, schema.target(name)) for name, task in tasks.items()):
        return found
    if all(BoostingBaseline.takes(schema, schema.target(name)) for name in tasks):
        found["boosting"] = Candidate(Boosting.of(schema), training)
    if all(Linear.takes(spec) for spec in schema.inputs):
        found["linear"] = Candidate(Linear.of(schema), training)
    return found


def _worth_reading(schema: Schema, seen: Schema) -> bool:
    """Check that a recurrent network may enter the race: for one sequence alone."""
    return (
        schema.n_train >= RACED
        and len(schema.sequences) == 1
        and len(seen.inputs) == len(schema.inputs)
        and not recipes.variants(schema)
    )


def _is_described(schema: Schema) -> bool:
    """Check that all sequences are molecules with descriptors.

    Beside these a network over their spelling takes most of the time and gets next to
    no weight: 5 to 7 % on validation rows of FreeSolv and ESOL.
    """
    names = {spec.name for spec in schema.inputs}
    return all(f"descriptors@{spec.name}" in names for spec in schema.sequences)


def has_scores(task: Task, spec: TargetSpec) -> bool:
    """Check that the scores of fitted baselines can stand for a task's outputs."""
    if task.per_position:
        return False
    if isinstance(task, MultiLabel):
        return len(spec.columns) <= _MOST_LABELS
    if isinstance(task, CountRegression):
        return task.distribution == "poisson"
    if isinstance(task, CompetingRisks):
        return task.model == "piecewise"
    return type(task) in (Regression, Binary, MultiClass, Survival)
