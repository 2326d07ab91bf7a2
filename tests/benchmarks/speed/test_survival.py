import harness
import numpy as np
import pytest
import survival


def test_batches_are_the_same_again_and_a_third_is_censored():
    case = survival.Case(60, 3, 4, 20, members=5)
    first, again = survival.random_batches(case), survival.random_batches(case)
    assert first.inputs.shape == (3, 20, 3) and first.targets.shape == (3, 20, 3)
    assert first.weights.shape == (5, 3, 20)
    assert first.weights.sum(axis=(1, 2)).tolist() == [60] * 5
    assert (first.inputs == again.inputs).all() and first.spec == again.spec
    assert 0.5 < first.targets[..., 1].mean() < 0.85


def test_the_loss_in_pytorch_is_that_of_the_task():
    torch = pytest.importorskip("torch")
    import jax.numpy as jnp

    case = survival.Case(20, 3, 4, 20)
    batches = survival.random_batches(case)
    ratio = np.linspace(-1, 1, 20, dtype=np.float32)
    task = survival.Survival(model="cox", ties="breslow")
    ours, dated = task.loss(
        jnp.asarray(ratio[:, None]), jnp.asarray(batches.targets[0]), batches.spec
    )
    weights = np.arange(20, dtype=np.float32) % 3
    expected = float((ours * dated * weights).sum() / (dated * weights).sum())
    exposures = survival.cohort_exposures(batches)
    given = (ratio, batches.targets[0], exposures[0], weights)
    found = survival.torch_loss(*map(torch.tensor, given))
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_networks_at_once_and_one_by_one_agree_with_pytorch(monkeypatch, capsys):
    pytest.importorskip("torch")
    monkeypatch.setattr(harness, "REST", 0)
    suite = harness.Suite("survival", "", ["--quick"])
    case = survival.Case(40, 3, 4, 20, members=2)
    survival.measure(suite, survival.BOOTSTRAP, case)
    assert [line["peer"] for line in suite.lines] == [
        survival.SINGLE,
        survival.IN_TURN,
    ]
    assert all(line["agreement"] < 1e-4 and line["ratio"] for line in suite.lines)
    capsys.readouterr()
