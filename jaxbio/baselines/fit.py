"""Plain baselines that stand beside every score: mean or majority, and a linear one.

Where rows are pairs, as of drugs and proteins, the means of each are baselines too.

The linear baseline is a ridge or logistic regression on k-mer counts, positions,
standardised numbers and categories, fitted on the same training rows as the network.
"""

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from jaxbio._atomic import replacing
from jaxbio.baselines.boosting import BoostingBaseline
from jaxbio.baselines.entity_index import are_pairs, entity_inputs
from jaxbio.baselines.linear import LinearBaseline
from jaxbio.baselines.random_effects import RandomEffectsBaseline, fit_random_effects
from jaxbio.baselines.separation import SeparationBaseline
from jaxbio.baselines.symbols import CHAIN, SymbolChain
from jaxbio.baselines.trivial import TrivialBaseline
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.schema import Schema
from jaxbio.errors import CheckpointError

Fitted = (
    TrivialBaseline
    | LinearBaseline
    | BoostingBaseline
    | SeparationBaseline
    | RandomEffectsBaseline
    | SymbolChain
)


Baselines = dict[str, dict[str, Fitted]]
"""For each target its baselines: `trivial`, `linear` and means of entities by their
titles, or `separation`, or the `chain` of symbols."""


_WITH_ARRAYS: tuple[Any, ...] = ("linear", "separation", CHAIN)


def fit_baselines(
    schema: Schema,
    train: Arrays,
    *,
    edges: Mapping[str, Float32[np.ndarray, "edges"]] | None = None,
    seed: int = 0,
) -> Baselines:
    """Fit the plain baselines of every target, boosted trees for tables and molecules.

    Args:
        schema: The inputs and targets.
        train: The encoded training rows.
        edges: For each target of pairs the edges between its bins, in angstrom.
        seed: Which rows the linear ones hold out to choose their penalty.

    Returns:
        For each target `trivial`, `linear` and perhaps `boosting`, and, where rows are
        pairs of entities, their means, such as `drug mean`, `protein mean` and
        `drug + protein means`; for pairs of positions `separation`.
    """
    edges = edges or {}
    pairs = are_pairs(train, entity_inputs(train))
    baselines: Baselines = {}
    for spec in schema.targets:
        if spec.name in edges:
            separation = SeparationBaseline.fit(spec, train, edges[spec.name])
            baselines[spec.name] = {"separation": separation}
            continue
        linear = LinearBaseline.fit(schema, spec.name, train, seed=seed)
        means = fit_random_effects(spec, train) if pairs else {}
        trees = {}
        if BoostingBaseline.takes(schema, spec):
            trees["boosting"] = BoostingBaseline.fit(schema, spec.name, train)
        trivial = TrivialBaseline.fit(spec, train)
        baselines[spec.name] = {"trivial": trivial, "linear": linear, **trees, **means}
    return baselines


def save_baselines(baselines: Mapping[str, Mapping[str, Any]], path: str | Path):
    """Write fitted baselines to an `.npz` file.

    Args:
        baselines: What `fit_baselines` gave.
        path: The file.

    Raises:
        JaxbioError: If it cannot be written.
    """
    values = {}
    for number, baseline in enumerate(baselines.values()):
        fitted = next((baseline[x] for x in _WITH_ARRAYS if x in baseline), None)
        if fitted is not None:
            values |= {f"{number}/{k}": v for k, v in fitted.arrays().items()}
        trees = baseline.get("boosting")
        if trees is not None:
            values |= {f"{number}/{k}": v for k, v in trees.arrays().items()}
        trivial = baseline.get("trivial")
        if trivial is not None and trivial.value is not None:
            values[f"{number}/trivial"] = trivial.value
        means = [x for x in baseline.values() if isinstance(x, RandomEffectsBaseline)]
        for at, x in enumerate(means):
            values |= {f"{number}/means{at}/{k}": v for k, v in x.arrays().items()}
    names = np.array(json.dumps(list(baselines)))
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, targets=names, **values)


def load_baselines(path: str | Path, schema: Schema) -> Baselines:
    """Read what `save_baselines` wrote.

    Args:
        path: The file.
        schema: The schema that the baselines were fitted with.

    Returns:
        As `fit_baselines` gives them.

    Raises:
        CheckpointError: For a file that is damaged or belongs to another schema.
    """
    try:
        with Path(path).open("rb") as handle, np.load(handle) as file:
            values = {name: file[name] for name in file.files}
        baselines: Baselines = {}
        for number, target in enumerate(json.loads(str(values["targets"]))):
            own = _below(values, f"{number}/")
            spec = schema.target(target)
            if spec.kind == "points":
                separation = SeparationBaseline.from_arrays(spec, own)
                baselines[target] = {"separation": separation}
                continue
            if spec.kind == "embedding":
                baselines[target] = {CHAIN: SymbolChain.from_arrays(own)}
                continue
            trivial = TrivialBaseline(spec, own.get("trivial"))
            baselines[target] = {"trivial": trivial}
            if "coefficients" in own:
                linear = LinearBaseline.from_arrays(schema, target, own)
                baselines[target]["linear"] = linear
            if "boosting_column" in own:
                trees = BoostingBaseline.from_arrays(schema, target, own)
                baselines[target]["boosting"] = trees
            for at in itertools.count():
                fitted = _below(own, f"means{at}/")
                if not fitted:  # runs of earlier versions have none
                    break
                means = RandomEffectsBaseline.from_arrays(spec, fitted)
                baselines[target][means.title] = means
    except Exception as error:
        raise CheckpointError(
            f"{path} holds no baselines of this run ({type(error).__name__}: {error}): "
            f"delete it to go on without them"
        ) from None
    return baselines


def _below(values: Mapping[str, Any], start: str) -> dict[str, Any]:
    """The values whose names begin so, by the rest of their names."""
    length = len(start)
    return {n[length:]: value for n, value in values.items() if n.startswith(start)}
