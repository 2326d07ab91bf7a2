import json

import harness
import numpy as np
import pytest


def suite(*words):
    return harness.Suite("mlp", "What it is.", list(words))


def test_both_sides_run_in_turn_and_the_warm_up_is_not_timed():
    order = []
    now = iter(range(100))
    timing = harness.compare(
        lambda: order.append("a"),
        lambda: (order.append("b"), next(now)),  # a second longer
        repeats=2,
        warmup=1,
        clock=lambda: float(next(now)),
    )
    assert order == ["a", "b"] * 3
    assert timing.ours == (1.0, 1.0) and timing.theirs == (2.0, 2.0)
    assert timing.ratio == 2.0


def test_ratio_and_spread_by_hand():
    timing = harness.Timing((1.0, 2.0, 3.0, 4.0, 100.0), (6.0, 6.0, 6.0))
    assert timing.ratio == 2.0  # medians 6 and 3
    assert harness.spread(timing.ours) == pytest.approx((4 - 2) / 3)
    assert harness.spread(timing.theirs) == harness.spread((1.0,)) == 0.0


@pytest.mark.parametrize("theirs", [[1.0, 2.001], [1.0, np.nan], [1.0]])
def test_what_does_not_agree_is_not_timed(theirs):
    assert harness.agree([1.0, 2.0], [1.0, 2.00001]) == pytest.approx(1e-5, rel=1e-3)
    with pytest.raises(SystemExit, match="differ"):
        harness.agree([1.0, 2.0], theirs)


def test_a_line_has_what_the_table_needs(capsys, tmp_path):
    out = tmp_path / "lines.jsonl"
    made = suite("--quick", "--json-lines", str(out))
    wait = [sum] * 2
    line = made.compare(
        "10 epochs",
        "PyTorch loop",
        lambda: wait[0](range(10)),
        lambda: wait[1](range(100_000)),
        agreement=1e-6,
        repeats=3,
        per=10,
        flops=1e3,
        derive=lambda timing: {"pairs": len(timing.ours)},
    )
    assert json.loads(capsys.readouterr().out) == line == json.loads(out.read_text())
    assert line["ratio"] == pytest.approx(line["peer_s"] / line["jaxbio_s"], rel=1e-2)
    assert line["ratio"] > 1 and line["quick"]
    assert line["spread"] == max(line["jaxbio_spread"], line["peer_spread"])
    assert line["fraction_of_peak"] > 0 and line["pairs"] == 3
    assert {"python", "jaxbio", "jax", "flax", "optax", "numpy"} <= set(
        line["versions"]
    )
    assert {"device", "threads", "cpu", "date", "agreement", "repeats"} <= set(line)


def test_a_missing_peer_is_told_with_the_remedy(capsys):
    made = suite()
    assert made.peer("no_such_module", "10 epochs", "A", "B") is None
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["peer"] for line in lines] == ["A", "B"]
    assert {line["status"] for line in lines} == {"missing"}
    assert lines[0]["remedy"] == "pip install no_such_module"


def test_peers_that_were_not_asked_for_are_left_out(capsys):
    made = suite("--peer", "keras")
    assert made.peer("no_such_module", "10 epochs", "PyTorch loop") is None
    assert capsys.readouterr().out == ""
    assert made.wants("Keras fit") and not made.alone
    assert suite("--peer", "none").alone


def test_a_peer_that_fails_is_told_and_the_others_go_on(capsys):
    made = suite()
    with made.attempt("10 epochs", "PyTorch compiled"):
        raise RuntimeError("no compiler\nand much more")
    line = json.loads(capsys.readouterr().out)
    assert line["status"] == "failed"
    assert line["reason"] == "RuntimeError: no compiler"
