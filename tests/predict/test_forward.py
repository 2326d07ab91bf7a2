"""Many rows in one program: the same numbers, few compilations."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.alphabet import DNA
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import Dictionary, DictionaryArray
from jaxbio.predict.forward import Forward, by_rows, rows_at_once
from tests.helpers import runs_of


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
    monkeypatch.setattr("jaxbio.predict.forward.MOST_ROWS", 64)
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
    column = runs_of(texts)
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


TEXTS = ["ACGTACGTAC", "AC", "GGAT", "TTTTT"]
ITEMS = np.random.default_rng(1).normal(size=(3, 3)).astype(np.float32)


def shared_rows(n=50, missing=True) -> Arrays:
    """Rows that refer to sequences and to vectors."""
    random = np.random.default_rng(n)
    column = runs_of(TEXTS)
    places = random.integers(-1 if missing else 0, len(TEXTS), n).astype(np.int32)
    lengths = np.append(column.lengths, 0)[places]
    vectors = DictionaryArray(ITEMS, random.integers(0, 3, n).astype(np.int32))
    own = random.normal(size=(n, 2)).astype(np.float32)
    inputs = {"s": DictionaryArray(column, places), "v": vectors, "x": own}
    return Arrays(inputs, {}, np.ones(n, np.float32), lengths)


def encode(weights, name, values):
    """For sequences a number for each symbol and their sum; else a product."""
    if name == "v":
        return {"summary": jnp.tanh(values @ weights["v"])}
    known = values != DNA.pad
    positions = jnp.where(known, weights["s"][values], 0.0)
    return {"summary": positions.sum(axis=1), "positions": positions, "mask": known}


def whole(weights, inputs):
    """Rows from their own numbers and from what the items gave, which may be ready."""
    found = {}
    for name in ("s", "v"):
        given = inputs[name]
        if isinstance(given, Dictionary):
            place = jnp.maximum(given.indices, 0)
            there = given.indices >= 0
            found[name] = {
                key: jnp.where(there.reshape(-1, *[1] * (x.ndim - 1)), x[place], 0)
                for key, x in given.values.items()
            }
        else:
            found[name] = encode(weights, name, given)
    s, v = found["s"], found["v"]
    weighted = (s["positions"] * s["mask"]).max(axis=1)
    y = s["summary"] + weighted + v["summary"][:, 0] * inputs["x"][:, 0]
    return {"y": jnp.stack([y, v["summary"][:, 1]], axis=1)}


def member(seed):
    random = np.random.default_rng(seed)
    symbols = jnp.asarray(random.normal(size=DNA.n_codes), jnp.float32)
    return {"s": symbols, "v": jnp.asarray(random.normal(size=(3, 2)), jnp.float32)}


def expanded(arrays: Arrays) -> Arrays:
    inputs = {
        name: x.expanded() if isinstance(x, DictionaryArray) else x
        for name, x in arrays.inputs.items()
    }
    return dataclasses.replace(arrays, inputs=inputs)


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("rows", [None, 8])
def test_items_are_encoded_once_and_give_what_copies_give(members, rows):
    values = [member(seed) for seed in range(members)]
    arrays, seen = shared_rows(), []

    def counted(weights, name, items):
        seen.append((name, items.shape))
        return encode(weights, name, items)

    shared = Forward(whole, values, encode=counted)
    plain = Forward(whole, values)
    found = results(shared, arrays, (4, 8), rows=rows)
    for copies in (expanded(arrays), arrays):  # without `encode` rows are expanded
        expected = results(plain, copies, (4, 8), rows=rows)
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert {name for name, _ in seen} == {"s", "v"}
    assert max(shape[0] for _, shape in seen) <= 4  # items, and not rows
    count = len(seen)
    again = results(shared, arrays, (4, 8), rows=rows)
    np.testing.assert_array_equal(again, found)
    assert len(seen) == count  # nothing is compiled anew


def test_the_spread_of_shared_items_is_that_of_copies():
    values, arrays = [member(0), member(1)], shared_rows(20)
    shared, plain = Forward(whole, values, encode=encode), Forward(whole, values)
    spread = np.full((2, 20, 2), np.nan, np.float32)
    for at, (forward, rows) in enumerate(((shared, arrays), (plain, expanded(arrays)))):
        for plan, _, each in forward.start(rows, (4, 8)):
            spread[at, plan.rows] = np.asarray(each["y"])[: plan.counted]
    np.testing.assert_allclose(spread[0], spread[1], atol=1e-5)
    assert spread[0].min() > 0


def test_a_library_of_which_few_items_are_referred_to():
    """Only these are encoded."""
    many = np.random.default_rng(0).normal(size=(1000, 3)).astype(np.float32)
    arrays = shared_rows(12)
    places = np.array([7, 900, 7] * 4, np.int32)
    arrays = dataclasses.replace(
        arrays, inputs={**arrays.inputs, "v": DictionaryArray(many, places)}
    )
    seen = []

    def counted(weights, name, items):
        seen.append(items.shape[0])
        return encode(weights, name, items)

    values = [member(0)]
    found = results(Forward(whole, values, encode=counted), arrays, (4, 8))
    expected = results(Forward(whole, values), expanded(arrays), (4, 8))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert max(seen) <= 4


def test_the_same_items_are_not_encoded_again():
    """As in the parts of a library that is crossed with proteins."""
    arrays, ran = shared_rows(30, missing=False), []
    forward = Forward(whole, [member(0)], encode=encode)
    found = results(forward, arrays, (4, 8))
    start = Forward._start

    def counted(self, *rest):
        ran.append(self)
        return start(self, *rest)

    # Encoded anew, they are other objects around the same arrays.
    s = arrays.inputs["s"]
    again = dataclasses.replace(s, values=dataclasses.replace(s.values))
    arrays = dataclasses.replace(arrays, inputs={**arrays.inputs, "s": again})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Forward, "_start", counted)
        np.testing.assert_array_equal(results(forward, arrays, (4, 8)), found)
    assert len(ran) == 1  # the rows


def test_other_members_of_the_same_shape():
    arrays = numbers(5)
    other = FORWARD.of([2 * WEIGHTS])
    np.testing.assert_allclose(
        results(other, arrays), np.tanh(2 * (arrays.inputs["x"] @ WEIGHTS)), atol=1e-6
    )
    np.testing.assert_allclose(
        results(FORWARD, arrays), np.tanh(arrays.inputs["x"] @ WEIGHTS), atol=1e-6
    )
