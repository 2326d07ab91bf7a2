import numpy as np
import pytest
from matplotlib.colors import to_hex

from jaxbio.errors import DataError
from jaxbio.plot.embeddings import embedding, plane
from jaxbio.plot.page import save

POINTS = np.random.default_rng(0).normal(size=(6, 2))


def names(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def colours(axes):
    return [handle.get_color() for handle in axes.get_legend().legend_handles]


def drawn(axes):
    """The colour of each point, by its place."""
    (dots,) = axes.collections
    places = map(tuple, np.asarray(dots.get_offsets()).tolist())
    return dict(zip(places, map(to_hex, dots.get_facecolors()), strict=True))


def test_neighbours_stay_together():
    rng = np.random.default_rng(0)
    centres = 20 * np.eye(3, 6)
    latent = np.repeat(centres, 10, axis=0) + rng.normal(size=(30, 6))
    points = plane(latent, perplexity=5)
    assert points.shape == (30, 2) and points.dtype == np.float32
    apart = np.linalg.norm(points[:, None] - points, axis=-1)
    np.fill_diagonal(apart, np.inf)
    group = np.repeat(np.arange(3), 10)
    assert (group[apart.argmin(axis=1)] == group).all()
    np.testing.assert_array_equal(points, plane(latent, perplexity=5))


def test_few_cells_are_laid_out_and_two_are_refused():
    assert plane(POINTS[:4]).shape == (4, 2)
    with pytest.raises(DataError, match="2 cells: three are the least"):
        plane(POINTS[:2])


def test_what_agrees_has_the_same_colour(tmp_path):
    types = ["T", "T", "B", "B", "B", None]
    clusters = [1, 1, 2, 2, 1, 2]
    page = embedding(POINTS, {"type": types, "cluster": clusters}, title="cells")
    left, right = page.axes
    assert page.get_suptitle() == "cells"
    assert (names(left), names(right)) == (["B", "T"], ["1", "2"])
    b, t = colours(left)
    assert colours(right) == [t, b]  # 2 is mostly B, 1 is T
    wanted = [t, t, b, b, b, "#bbbbbb"]
    assert drawn(left) == dict(zip(map(tuple, POINTS.tolist()), wanted, strict=True))
    wanted = [t, t, b, b, t, b]
    assert drawn(right) == dict(zip(map(tuple, POINTS.tolist()), wanted, strict=True))
    save(page, tmp_path / "a.png")


def test_groups_beyond_the_colours_are_grey_and_numbers_are_sorted():
    rng = np.random.default_rng(0)
    page = embedding(rng.normal(size=(40, 2)), {"cluster": np.arange(40) % 20})
    assert names(page.axes[0]) == [str(at) for at in range(20)]
    assert colours(page.axes[0])[-1] == "#bbbbbb"
    assert len(set(colours(page.axes[0])[:14])) == 14


def test_labels_of_other_cells_are_refused():
    with pytest.raises(DataError, match="6 points, but 2 labels of type"):
        embedding(POINTS, {"type": ["a", "b"]})
    with pytest.raises(DataError, match="no labels"):
        embedding(POINTS, {})
