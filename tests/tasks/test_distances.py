"""Distances of positions: bins and losses worked by hand, missing places, contacts."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.data.specs import TargetSpec
from jaxbio.errors import JaxbioError
from jaxbio.tasks import Distances, task_from_dict
from jaxbio.tasks.distances import contact_probability, pair_distances

SPEC = TargetSpec("cb", "points", per_position=True, columns=("x", "y", "z"))
LINE = jnp.array([[[0.0, 0, 0], [3, 0, 0], [7, 0, 0], [30, 0, 0]]])


def test_bins_run_from_the_first_edge_to_beyond_the_last():
    task = Distances()
    assert task.width(SPEC) == 22
    assert task.edges[0] == 2 and task.edges[-1] == 22 and 8 in task.edges


def test_the_loss_is_the_cross_entropy_of_the_true_bins():
    task = Distances(lowest=4.0, highest=8.0, step=4.0)  # bins <4, 4 to 8, beyond
    outputs = np.zeros((1, 4, 4, 3), np.float32)
    # Pairs at least two apart: 0-2 is 7 (bin 1), 0-3 is 30 and 1-3 is 27 (bin 2).
    outputs[0, 0, 2] = [0, 2, 0]
    outputs[0, 0, 3] = [0, 0, 1]
    outputs[0, 1, 0] = 50  # a neighbour and the lower triangle: not looked at
    outputs[0, 0, 1] = 50
    loss, known = task.loss(jnp.asarray(outputs), LINE, SPEC)
    by_hand = [
        np.log(2 + np.exp(2)) - 2,
        np.log(2 + np.exp(1)) - 1,
        np.log(3),
    ]
    assert float(loss[0]) == pytest.approx(np.mean(by_hand), abs=1e-5)
    assert known.tolist() == [1.0]


def test_missing_places_are_left_out_and_give_no_gradient():
    task = Distances()
    places = LINE.at[0, 2].set(jnp.nan)
    outputs = jax.random.normal(jax.random.key(0), (1, 4, 4, 22))

    def total(outputs):
        return task.loss(outputs, places, SPEC)[0].sum()

    gradient = np.asarray(jax.grad(total)(outputs))
    assert np.isfinite(gradient).all()
    assert not gradient[0, 2].any() and not gradient[0, :, 2].any()
    assert gradient[0, 0, 3].any()
    nothing = jnp.full((1, 4, 3), jnp.nan)
    loss, known = task.loss(outputs, nothing, SPEC)
    assert loss.tolist() == [0.0] and known.tolist() == [0.0]


def test_far_places_keep_their_distance():
    far = LINE + jnp.array([[[-60.0, 700.0, -310.0]]])
    np.testing.assert_allclose(
        pair_distances(far)[0], pair_distances(LINE)[0], atol=1e-4
    )


def test_a_distogram_of_the_truth_has_perfect_contacts():
    task = Distances()
    places = np.cumsum(np.random.default_rng(0).normal(size=(40, 3)) * 2, axis=0)
    places = places.astype(np.float32)
    table, _ = pair_distances(jnp.asarray(places)[None])
    bins = np.searchsorted(task.edges, np.asarray(table[0]), side="right")
    truth = np.eye(22, dtype=np.float32)[bins]
    scores = task.metrics([places], [truth], SPEC)
    worst = task.metrics([places], [truth[..., ::-1]], SPEC)
    assert scores["all_l5"] == 1.0 and worst["all_l5"] < 0.5


def test_contact_probability_sums_the_bins_below():
    edges = np.array([4.0, 8.0, 12.0], np.float32)
    table = np.array([[[0.1, 0.2, 0.3, 0.4]]], np.float32)
    assert contact_probability(table, edges)[0, 0] == pytest.approx(0.3)
    assert contact_probability(table, edges, below=12.0)[0, 0] == pytest.approx(0.6)


def test_json_and_wrong_bins():
    task = Distances(step=0.5)
    assert task_from_dict(task.to_dict()) == task
    with pytest.raises(JaxbioError, match="bins from 9"):
        Distances(lowest=9, highest=4)
    with pytest.raises(JaxbioError, match="a place for each position"):
        Distances(per_position=False)
