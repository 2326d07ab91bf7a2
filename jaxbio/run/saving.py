"""`save`: a predictor that was not made by `fit`, as a run's folder."""

from pathlib import Path

from jaxbio.data.splits.leakage import Leakage
from jaxbio.errors import JaxbioError
from jaxbio.predict.predictor import Predictor
from jaxbio.run.checkpoint import Checkpoints
from jaxbio.run.ensemble import owner_of, results_of
from jaxbio.run.folder import RunDirectory
from jaxbio.run.plan import Plan
from jaxbio.train import Training


def save(predictor: Predictor, path: str | Path) -> None:
    """Write a predictor as `fit` writes a run, without scores and history.

    Args:
        predictor: The predictor; it knows the description of its network.
        path: A folder that is new or empty.

    Raises:
        JaxbioError: If the folder is in use, or the description is not known.
    """
    if predictor.model is None:
        raise JaxbioError(
            "the predictor does not know how its network is built: give "
            "Predictor.of(…, model=…) the description, such as jaxbio.Network(…)"
        )
    objective = predictor.objective
    plan = Plan(
        tasks=objective.tasks,
        schema=predictor.schema,
        model=predictor.model.resolve(predictor.schema),
        training=Training(members=len(predictor.members)),
        optimizer=None,
        rates=None,
        metrics=objective.metrics,
        freeze=(),
        init=(),
        parts={},
        leakage=Leakage(()),
        notes=(),
    )
    folder = RunDirectory(path)
    folder.check(resume=False)
    plan.check_registered()
    with folder.held():
        folder.write_config(plan.to_dict())
        config = folder.read_config()
        for number, values in enumerate(predictor.members):
            owner = owner_of(config, number)
            with Checkpoints(folder.member(number), owner) as checkpoints:
                checkpoints.save(1, {"best": values}, notes={})
        folder.write_results(results_of(predictor.members, ()))
