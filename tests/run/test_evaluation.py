from jaxbio.baselines.fit import fit_baselines
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.run.evaluation import measure
from jaxbio.tasks import Objective, make_task
from tests.helpers import PAIR_KINDS, drug_pairs


def test_scores_of_pairs(tmp_path):
    data = drug_pairs()
    schema = learn_schema(data, PAIR_KINDS)
    arrays = schema.encode(data)
    fitted = fit_baselines(schema, arrays)
    tasks = {
        "kd": make_task("regression"), "reads": make_task("poisson"),
        "binds": make_task("binary"), "labels": make_task("multilabel"),
    }  # fmt: skip
    objective = Objective.of(tasks, schema)
    guess = {name: each["trivial"].predict(arrays) for name, each in fitted.items()}
    scores = measure(objective, arrays, guess, baselines=fitted).scores
    found = scores["kd"]["drug + protein means"]
    assert found["concordance_index"] > 0.9 and found["r_m2"] > 0.8
    assert found["within_drug_pearson"] > 0.9
    assert scores["kd"]["drug mean"]["within_drug_pearson"] is None
    assert scores["kd"]["model"]["concordance_index"] == 0.5
    assert not any("r_m2" in scores[name]["model"] for name in ("reads", "binds"))
    single = Dataset({"drug": data.inputs["drug"]}, data.targets)
    schema = learn_schema(single, PAIR_KINDS)
    rows = schema.encode(single)
    alone = measure(Objective.of(tasks, schema), rows, guess).scores
    assert "concordance_index" not in alone["kd"]["model"]
