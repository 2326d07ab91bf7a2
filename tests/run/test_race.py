from typing import Any

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.models import Mixture
from jaxbio.run import candidates, race
from jaxbio.run.clock import Clock
from jaxbio.run.ensemble import Trained
from jaxbio.run.planning import make_plan
from jaxbio.train import Callback
from tests.helpers import linear_data

QUICK: dict[str, Any] = {"epochs": 4, "members": 2, "batch_size": 32}


def parts(rows=160):
    data = linear_data(rows, columns=3)
    train, valid = np.arange(rows - 40), np.arange(rows - 40, rows)
    return {"train": data.take(train), "valid": data.take(valid)}


class Heard(Callback):
    """Keeps of what it was told how long it takes."""

    def __init__(self):
        self.parts = set()

    def on_pace(self, record):
        self.parts.add(record["part"])


def rival(schema, tasks):
    """The usual candidates, and a network that can learn next to nothing."""
    found = candidates.choose_candidates(schema, tasks)
    idle = jb.Training.from_dict(
        {**found["network"].training.to_dict(), "learning_rate": 1e-9}
    )
    return {**found, "idle": found["network"]._replace(training=idle)}


@pytest.fixture
def raced(monkeypatch):
    """Races of few rows, with a network that learns nothing, whatever runs take."""
    monkeypatch.setattr(race, "_TIMES", np.inf)
    monkeypatch.setattr(race, "_CHEAP", 0.0)
    monkeypatch.setattr("jaxbio.run.plan.RACED", 100)
    monkeypatch.setattr("jaxbio.run.planning.choose_candidates", rival)


def test_networks_race_where_rows_are_many_and_not_folded(monkeypatch):
    sets = parts()
    plan = make_plan(None, None, sets, settings=QUICK)
    assert plan.contenders == ()
    monkeypatch.setattr("jaxbio.run.plan.RACED", 100)
    assert plan.contenders == ("network", "bins")
    folded = make_plan(None, None, {"train": sets["train"]}, settings={"epochs": 4})
    assert folded.folds and folded.contenders == ()
    quick = make_plan(None, None, sets, settings=QUICK, quick=True)
    assert quick.contenders == ()


def test_what_has_no_say_is_not_trained_whole(raced, tmp_path):
    sets = parts()
    how: dict[str, Any] = {"out": tmp_path / "run", **QUICK}
    run = jb.fit(None, None, sets["train"], sets["valid"], **how)
    (told,) = [note for note in run.notes if note.startswith("short runs on")]
    assert "on 30 rows: network" in told and "idle" in told
    kept = race.Race.from_dict(run_race_of(tmp_path / "run")).kept
    assert "idle" not in kept and kept
    assert isinstance(run.model, Mixture) and "idle" not in run.model.parts
    again = jb.load(tmp_path / "run")
    np.testing.assert_array_equal(
        again(sets["valid"]).values, run.predictor(sets["valid"]).values
    )


def run_race_of(path):
    from jaxbio.run.folder import RunDirectory

    return RunDirectory(path).read_json("race.json")


def test_a_race_is_not_run_twice(raced, tmp_path, monkeypatch):
    sets = parts()
    how: dict[str, Any] = {"out": tmp_path / "run", **QUICK}
    first = jb.fit(None, None, sets["train"], sets["valid"], **how)

    def never(*args, **how):
        raise AssertionError("raced again")

    monkeypatch.setattr("jaxbio.run.mixing.run_race", never)
    again = jb.fit(None, None, sets["train"], sets["valid"], resume=True, **how)
    np.testing.assert_array_equal(
        first.predictor(sets["valid"]).values, again.predictor(sets["valid"]).values
    )


def test_a_slow_network_does_not_go_on(raced, monkeypatch):
    monkeypatch.setattr(race, "PATIENCE", 0.0)
    sets = parts()
    how: dict[str, Any] = {**QUICK, "batch_size": 4, "epochs": 8}
    heard = Heard()
    how["callbacks"] = [heard]
    run = jb.fit(None, None, sets["train"], sets["valid"], **how)
    assert "short run of network" in heard.parts and "network" in heard.parts
    (told,) = [note for note in run.notes if note.startswith("short runs on")]
    assert "bins would take about" in told and "network is trained whole" in told


def test_what_won_a_race_is_trained_though_the_machine_got_slower(raced, monkeypatch):
    monkeypatch.setattr("jaxbio.run.mixing.PATIENCE", 0.0)
    sets = parts()
    won = race.Race((), {}, ("network", "bins"))
    monkeypatch.setattr("jaxbio.run.mixing.run_race", lambda *_, **__: won)
    run = jb.fit(None, None, sets["train"], sets["valid"], **QUICK)
    assert not any("is left out" in note for note in run.notes)
    monkeypatch.setattr("jaxbio.run.mixing.SETTLED", 0.0)
    run = jb.fit(None, None, sets["train"], sets["valid"], **QUICK)
    assert any(note.startswith("bins would take") for note in run.notes)


def test_a_heat_has_so_many_rows_at_most(raced, monkeypatch):
    monkeypatch.setattr(race, "_MOST_ROWS", 12)
    sets = parts()
    run = jb.fit(None, None, sets["train"], sets["valid"], **QUICK)
    (told,) = [note for note in run.notes if note.startswith("short runs on")]
    assert told.startswith("short runs on 12 rows")


def test_a_budget_ends_a_race_and_all_are_left_to_the_clock(raced):
    sets = parts()
    plan = make_plan(None, None, sets, settings=QUICK)
    encoded = {name: plan.schema.encode(part) for name, part in plan.parts.items()}
    clock = Clock(1.0, now=iter([0.0, *[9.0] * 99]).__next__)

    def judge(own, values):
        raise AssertionError("nothing was trained")

    found = race.run_race(
        plan, encoded["train"], encoded["valid"],
        fitted={}, judge=judge, callback=Callback(), clock=clock,
    )  # fmt: skip
    assert found.kept == plan.contenders and clock.expired and not found.heats


def test_a_race_is_kept_as_json():
    heats = (race.Heat(30, {"a": 0.5, "b": 0.25}),)
    one = race.Race(heats, {"c": 900.0}, ("a", "b"))
    assert race.Race.from_dict(one.to_dict()) == one
    assert str(one) == (
        "short runs on 30 rows: a 50%, b 25%; c would take about 15 min, and is left "
        "out (budget=1800 trains it too); a and b are trained whole"
    )


def test_a_small_budget_is_not_used_up_by_the_race(raced, monkeypatch):
    sets = parts()

    def used_up(plan, *rows, clock, **how):
        assert clock.budget == 20.0  # a third
        clock.expired = True
        return race.Race((), {}, plan.contenders)

    monkeypatch.setattr("jaxbio.run.mixing.run_race", used_up)
    run = jb.fit(None, None, sets["train"], sets["valid"], budget=60.0, **QUICK)
    assert any("all are trained in turn" in note for note in run.notes)
    assert not run.interrupted and any(run.history)


@pytest.mark.parametrize(
    "share, kept",
    [
        (0.4, ("network",)),
        (0.6, ("network", "idle")),
        (0.85, ("network", "bins", "idle")),  # the first two take little
    ],
)
def test_a_network_of_little_weight_may_not_take_most_of_the_time(
    raced, monkeypatch, share, kept
):
    monkeypatch.setattr(race, "_TIMES", 3.0)
    monkeypatch.setattr(race, "_CHEAP", 1 / 3)
    plan = make_plan(None, None, parts(), settings=QUICK)
    encoded = {name: plan.schema.encode(part) for name, part in plan.parts.items()}

    def run_short(own, train, valid, rows, watch, clock, callback):
        watch(4.0 if own.training.learning_rate < 1e-6 else 1.0)  # idle is slow
        return Trained([{}], [], [], False)

    def say(plan, outputs, fitted, valid):
        shares = {"network": 1 - share, "bins": 0.1, "idle": share}
        return {name: shares[name] for name in outputs}

    monkeypatch.setattr(race, "_run_short", run_short)
    monkeypatch.setattr(race, "_say", say)
    how = {"fitted": {}, "judge": lambda own, values: {}, "callback": Callback()}
    train, valid = encoded["train"], encoded["valid"]
    found = race.run_race(plan, train, valid, clock=Clock(), **how)
    assert found.kept == kept
    assert list(found.slow) == ["idle"] * ("idle" not in kept)
    patient = race.run_race(plan, train, valid, clock=Clock(1e6), **how)
    assert patient.kept == ("network", "idle")[share > 0.8 :]


def test_a_heat_without_the_quickest_network_has_another(raced, monkeypatch):
    plan = make_plan(None, None, parts(), settings=QUICK)
    encoded = {name: plan.schema.encode(part) for name, part in plan.parts.items()}

    def run_short(own, train, valid, rows, watch, clock, callback):
        watch(0.0 if len(rows) == 30 else 1e9)  # slow in the second heat
        return Trained([{}], [], [], False)

    def say(plan, outputs, fitted, valid):
        return {name: 0.0 if name == "network" else 0.5 for name in outputs}

    monkeypatch.setattr(race, "_run_short", run_short)
    monkeypatch.setattr(race, "_say", say)
    how = {"fitted": {}, "judge": lambda own, values: {}, "callback": Callback()}
    found = race.run_race(
        plan, encoded["train"], encoded["valid"], clock=Clock(), **how
    )
    assert found.kept == ("bins",) and list(found.slow) == ["idle"]
