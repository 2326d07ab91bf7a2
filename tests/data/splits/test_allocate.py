import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.data.splits.allocate import bins, checked_shares, deal, whole_groups
from jaxbio.errors import DataError

SHARES = np.array([0.5, 0.3, 0.2])


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ((1.0,), "two or more"),
        ((1.2, -0.2), "each above 0"),
        ((0.5, 0.4), r"fractions 0\.5, 0\.4 add up to 0\.9, not to 1"),
    ],
)
def test_shares_that_are_none(shares, message):
    with pytest.raises(DataError, match=message):
        checked_shares(shares)


@given(
    strata=st.lists(st.integers(0, 3), min_size=3, max_size=60), seed=st.integers(0, 9)
)
@settings(max_examples=60, deadline=None)
def test_every_part_has_its_share_of_every_stratum(strata, seed):
    strata = np.unique(strata, return_inverse=True)[1]
    part = deal(strata, SHARES, np.random.default_rng(seed))
    assert set(part) == {0, 1, 2}
    sizes = np.bincount(part)
    assert (np.abs(sizes - len(strata) * SHARES) < 3).all()
    if len(strata) > 30:  # where no part had to be given a row
        for stratum in np.unique(strata):
            counts = np.bincount(part[strata == stratum], minlength=3)
            wanted = (strata == stratum).sum() * SHARES
            assert (np.abs(counts - wanted) < 3).all()


def test_whole_groups_by_hand():
    codes = np.repeat(np.arange(5), [50, 30, 10, 6, 4])
    part = whole_groups(codes, SHARES, np.random.default_rng(0), "clusters")
    assert np.bincount(part).tolist() == [50, 30, 20]
    assert all(len(set(part[codes == group])) == 1 for group in range(5))
    # As many groups as parts: none stays empty, whatever the sizes are.
    few = whole_groups(
        np.array([0, 0, 0, 0, 1, 2]), SHARES, np.random.default_rng(0), ""
    )
    assert sorted(np.bincount(few).tolist()) == [1, 1, 4]
    with pytest.raises(DataError, match="clusters: there are 2, too few for 3 parts"):
        whole_groups(np.array([0, 1]), SHARES, np.random.default_rng(0), "clusters")


def test_many_numbers_are_tenths_and_missing_ones_apart():
    values = np.arange(101.0)
    values[7] = np.nan
    strata = bins(values)
    counts = np.bincount(strata)
    assert len(counts) - 1 == 10 and counts[:10].min() >= 9 and counts[10] == 1
    assert (np.diff(np.delete(strata, 7)) >= 0).all()
