import numpy as np
import pytest

import jaxbio as jb
from jaxbio.errors import DataError
from jaxbio.explain import occlusion_maps
from jaxbio.explain.occlusion import _spread, _starts


@pytest.fixture(scope="module")
def spots():
    """Images of 12 x 12, of which every other one has a bright spot, and a run."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 100, (160, 12, 12, 1)).astype(np.uint8)
    corners = rng.integers(0, 9, (160, 2))
    for at in range(0, 160, 2):
        y, x = corners[at]
        pixels[at, y : y + 4, x : x + 4] += 130
    rows = jb.Dataset(
        {"image": jb.data.Images(pixels)},
        {"spot": jb.data.Category.from_values(["yes", "no"] * 80)},
    )
    model = jb.ResNet(channels=(8,))
    how: dict = {"epochs": 12, "members": 1, "batch_size": 16, "learning_rate": 0.01}
    run = jb.fit(model, None, rows, baselines=False, seed=0, **how)
    return run.predictor, rows, corners


def test_the_spot_is_what_counts(spots):
    predictor, rows, corners = spots
    some = np.arange(0, 24, 2)
    maps = occlusion_maps(predictor, rows.take(some), label="yes", size=4)
    points = maps.reshape(len(maps), -1).argmax(axis=1)
    away = np.stack([points // 12, points % 12], axis=1) - corners[some]
    assert ((away >= 0) & (away < 4)).all(axis=1).mean() >= 0.9
    # what speaks for one class speaks against the other
    against = occlusion_maps(predictor, rows.take(some), label="no", size=4)
    np.testing.assert_allclose(against, -maps, atol=1e-4)


def test_squares_reach_the_edge_and_pixels_have_the_mean_of_theirs():
    assert _starts(8, 4) == [0, 2, 4] and _starts(7, 4) == [0, 2, 3]
    assert _starts(3, 1) == [0, 1, 2] and _starts(4, 4) == [0]
    heat = _spread(np.array([1.0, 3.0]), [(0, 0), (0, 1)], 2, 2, 3)
    assert heat.tolist() == [[1, 2, 3], [1, 2, 3]]


def test_what_cannot_be_hidden(spots):
    predictor, rows, _ = spots
    for size in (0, 13):
        with pytest.raises(DataError, match=f"size={size}: give 1 to 12"):
            occlusion_maps(predictor, rows.take([0]), size=size)
    with pytest.raises(DataError, match="did you mean 'yes'"):
        occlusion_maps(predictor, rows.take([0]), label="yess")
