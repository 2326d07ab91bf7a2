import numpy as np

from jaxbio.alphabet import SMILES
from jaxbio.data.columns.category import Category
from jaxbio.data.dataset import Dataset
from jaxbio.data.molecules.smiles import has_rdkit
from jaxbio.data.specs import TargetSpec
from jaxbio.data.views import with_views
from jaxbio.models import Network
from jaxbio.run.candidates import choose_candidates, choose_views, has_scores
from jaxbio.run.planning import make_plan
from jaxbio.run.recommendation import study
from jaxbio.tasks import (
    Binary,
    CountRegression,
    DeepHit,
    Distances,
    MultiLabel,
    Regression,
    Survival,
    Weibull,
    infer_tasks,
)
from tests.helpers import linear_data, motif_data, numbers, sequences_of

Y = numbers(np.arange(4)[:, None])


def names(data):
    tasks = infer_tasks(data)
    return set(choose_candidates(study(data, tasks, seed=0), tasks))


def test_kinds_of_networks_follow_the_inputs():
    assert names(linear_data(40)) == {"network", "bins", "boosting", "linear"}
    assert names(motif_data(40)) == {"network", "linear"}
    codes = Category.from_values(["a", "b"] * 20)
    mixed = Dataset({**linear_data(40).inputs, "c": codes}, linear_data(40).targets)
    assert names(mixed) == {"network", "bins", "boosting", "linear"}


def test_molecules_are_seen_in_several_ways():
    smiles = sequences_of(["CCO", "CCN", "CO", "CN"], SMILES)
    data = Dataset({"drug": smiles}, {"y": Y})
    views = choose_views(data, {"y": Regression()})
    more = {"fragments@drug", "descriptors@drug"} if has_rdkit() else set()
    assert set(views) == {"words@drug"} | more
    assert not choose_views(data, {"y": Distances()})
    brought = with_views(data, ["words@drug"])
    assert not choose_views(brought, {"y": Regression()})
    plan = make_plan(None, None, {"train": data, "valid": data})
    # A network over spellings has its say where there are no descriptors.
    kinds = {"features", "boosting", "linear"}
    assert set(plan.model.parts) == kinds | (set() if has_rdkit() else {"network"})
    quick = make_plan(None, None, {"train": data, "valid": data}, quick=True)
    assert set(quick.model.parts) == {"features"}
    table = linear_data(40)
    quick = make_plan(None, None, {"train": table, "valid": table}, quick=True)
    assert isinstance(quick.model, Network)
    assert "drug" not in plan.model.parts["features"].encoders
    assert "drug" not in plan.model.parts["linear"].inputs


def test_a_linear_network_gives_the_outputs_of_known_tasks_alone():
    labels = TargetSpec("y", "labels", columns=tuple("abcdefghijklmnopqrstuvwxyzABCDE"))
    assert not has_scores(MultiLabel(), labels)
    count = TargetSpec("y", "count", columns=("y",))
    assert has_scores(CountRegression(), count)
    assert not has_scores(CountRegression(distribution="negative_binomial"), count)
    assert not has_scores(Binary(per_position=True), count)

    times = TargetSpec("t,e", "survival", times=(1.0,), hazards=(0.1,))
    assert has_scores(Survival(), times)
    assert not has_scores(Weibull(), times) and not has_scores(DeepHit(), times)

    class Own(Regression):
        name = "own of test candidates"

    assert not has_scores(Own(), count)
