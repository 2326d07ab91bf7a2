"""Many rows in one program: the same numbers, few compilations."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxbio.alphabet import DNA
from jaxbio.data.arrays import Arrays
from jaxbio.data.columns import Sequences
from jaxbio.forward import Forward, by_rows, rows_at_once


def numbers(n: int, columns: int = 3) -> Arrays:
    values = np.random.default_rng(n).normal(size=(n, columns)).astype(np.float32)
    return Arrays({"x": values}, {}, np.ones(n, np.float32), np.zeros(n, np.int64))


def product(weights, inputs):
    return {"y": jnp.tanh(inputs["x"] @ weights)}


def results(forward: Forward, arrays: Arrays, buckets=(0,), **options) -> np.ndarray:
    found = np.full((len(arrays), 2), np.nan, np.float32)
    for plan, mean, _ in forward.start(arrays, buckets, **options):
        found[plan.rows] = np.asarray(mean["y"])[: plan.counted]
    return found


WEIGHTS = jnp.asarray(np.random.default_rng(0).normal(size=(3, 2)), jnp.float32)


@given(n=st.integers(1, 70), rows=st.sampled_from([None, 1, 4, 7, 32]))
@settings(max_examples=30, deadline=None)
def test_rows_are_what_the_function_gives(n, rows):
    arrays = numbers(n)
    found = results(FORWARD, arrays, rows=rows)
    np.testing.assert_allclose(found, np.tanh(arrays.inputs["x"] @ WEIGHTS), atol=1e-6)


FORWARD = Forward(product, [WEIGHTS])


def test_many_rows_are_several_calls(monkeypatch):
    monkeypatch.setattr("jaxbio.forward.MOST_ROWS", 64)
    forward, arrays = Forward(product, [WEIGHTS]), numbers(150)
    plans = [plan for plan, *_ in forward.start(arrays, (0,), rows=16)]
    assert [plan.counted for plan in plans] == [64, 64, 22]
    found = results(forward, arrays, rows=16)
    np.testing.assert_allclose(found, np.tanh(arrays.inputs["x"] @ WEIGHTS), atol=1e-6)


def test_any_number_of_rows_is_one_program(monkeypatch):
    traced = []

    def counted(weights, inputs):
        traced.append(inputs["x"].shape)
        return product(weights, inputs)

    forward = Forward(counted, [WEIGHTS])
    results(forward, numbers(300), rows=8)
    compiled = len(traced)
    for n in (9, 40, 299):
        results(forward, numbers(n), rows=8)
    assert len(traced) == compiled
    results(forward, numbers(5), rows=8)
    assert len(traced) > compiled


def test_an_ensemble_is_compiled_once():
    traced = []

    def counted(weights, inputs):
        traced.append(inputs["x"].shape)
        return product(weights, inputs)

    members = [WEIGHTS * scale for scale in (1.0, 0.5, -1.0)]
    arrays = numbers(20)
    ((_, mean, spread),) = Forward(counted, members).start(arrays, (0,), rows=4)
    each = [np.tanh(arrays.inputs["x"] @ member) for member in members]
    np.testing.assert_allclose(mean["y"][:20], np.mean(each, axis=0), atol=1e-6)
    np.testing.assert_allclose(spread["y"][:20], np.std(each, axis=0), atol=1e-6)
    assert len(traced) == 2  # for the shapes, and in the program


def test_sequences_of_several_lengths():
    texts = ["ACGT" * 2, "AC", "GG", "ACGTACGTAC"]
    column = Sequences.from_strings(texts, DNA)
    arrays = Arrays({"s": column}, {}, np.ones(4, np.float32), column.lengths)

    def count(_, inputs):
        return {"y": (inputs["s"] == 0).sum(axis=1, dtype=jnp.int32)[:, None]}

    found = {}
    for plan, mean, spread in Forward(count, [jnp.zeros(1)]).start(arrays, (4, 8)):
        assert not spread
        found |= dict(zip(plan.rows.tolist(), mean["y"][:, 0].tolist(), strict=False))
    assert found == {0: 2, 1: 1, 2: 0, 3: 3}


@pytest.mark.parametrize(
    ("length", "rows"), [(249, 32), (1000, 8), (60, 128), (0, 256), (100_000, 1)]
)
def test_rows_on_a_cpu(length, rows):
    assert rows_at_once(length) == rows


def test_by_rows_stops_where_it_is_told():
    x = jnp.arange(12.0).reshape(6, 2)
    found = by_rows(lambda part: {"y": part["x"] + 1}, {"x": x}, 2, rows=2)
    assert found["y"].tolist() == [[1, 2], [3, 4], [5, 6], [7, 8], [0, 0], [0, 0]]
