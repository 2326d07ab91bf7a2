import numpy as np
from hypothesis import given, settings, strategies as st

from jaxbio.data.batching.batches import in_order, plan_epoch, plan_rows
from jaxbio.data.batching.buckets import choose_buckets

LENGTHS = st.lists(st.integers(1, 200), min_size=1, max_size=60).map(np.array)


@settings(deadline=None, max_examples=60)
@given(LENGTHS, st.integers(1, 9), st.integers(0, 3))
def test_every_row_counts_once_in_an_epoch(lengths, size, epoch):
    buckets = choose_buckets(lengths)
    plans = plan_epoch(lengths, buckets, size, seed=7, epoch=epoch)
    counted = np.concatenate([plan.rows[: plan.counted] for plan in plans])
    assert sorted(counted.tolist()) == list(range(len(lengths)))
    for plan in plans:
        assert len(plan.rows) == size
        assert lengths[plan.rows].max() <= plan.length


def test_the_order_follows_from_seed_and_epoch():
    lengths = np.full(50, 10)

    def rows(seed, epoch):
        plans = plan_epoch(lengths, (10,), 8, seed=seed, epoch=epoch)
        return np.concatenate([plan.rows for plan in plans]).tolist()

    assert rows(1, 2) == rows(1, 2)
    assert rows(1, 2) != rows(1, 3)
    assert rows(1, 2) != rows(2, 2)


def test_filling_rows_are_other_rows_of_the_bucket():
    plans = plan_epoch(np.full(9, 5), (5,), 8, seed=0, epoch=0)
    last = plans[-1]
    assert last.counted == 1
    assert len(set(last.rows.tolist())) == 8


@settings(deadline=None, max_examples=40)
@given(LENGTHS, st.integers(1, 9))
def test_results_come_back_in_order(lengths, size):
    plans = plan_rows(lengths, choose_buckets(lengths), size)
    whole = in_order([(plan, plan.rows * 10) for plan in plans], np.zeros_like(lengths))
    assert [int(value) for value in whole] == [10 * row for row in range(len(lengths))]
    positions = [
        (plan, np.repeat(plan.rows[:, None], plan.length, axis=1)) for plan in plans
    ]
    ragged = in_order(positions, lengths)
    for row, (values, length) in enumerate(zip(ragged, lengths, strict=True)):
        assert values.tolist() == [row] * length


def test_every_row_counts_once_where_batches_differ_in_size():
    lengths = np.append(np.full(40, 100), [300_000] * 5)
    for plans in (
        plan_epoch(lengths, (104, 300_000), 16, seed=0, epoch=0),
        plan_rows(lengths, (104, 300_000), 16),
    ):
        counted = np.concatenate([plan.rows[: plan.counted] for plan in plans])
        assert sorted(counted.tolist()) == list(range(45))
        sizes = {(plan.length, len(plan.rows)) for plan in plans}
        assert sizes == {(104, 16), (300_000, 1)}
