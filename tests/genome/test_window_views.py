"""Windows as networks see them."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxbio as jb
from jaxbio.errors import DataError, JaxbioError
from jaxbio.genome.window_views import WindowViews, distinct
from tests.genome.genomes import LENGTH, run_of


def first(outputs, predictions):
    return predictions["y"].reshape(len(predictions["y"]), -1)


@pytest.fixture(scope="module")
def run():
    return run_of(members=2)


def windows_of(*texts):
    return np.stack([np.frombuffer(text.encode(), np.uint8) for text in texts])


def test_windows_that_are_alike_are_computed_once(run, monkeypatch):
    views = WindowViews(run.predictor, first, "first", strands="forward")
    counts, strand = [], views._strand
    monkeypatch.setattr(
        views, "_strand", lambda codes, r: counts.append(len(codes)) or strand(codes, r)
    )
    windows = windows_of("A" * LENGTH, "C" * LENGTH, "A" * LENGTH)
    found = views(windows)
    assert counts == [2] and found.shape == (3, 2, 1)
    assert (found[0] == found[2]).all() and (found[0] != found[1]).any()
    unique, places = distinct(windows)
    assert (unique[places] == windows).all()


def test_what_lies_along_a_window_is_turned_with_it(run):
    def place(outputs, predictions):  # the number of each position, whatever is there
        count = len(predictions["y"])
        return jnp.tile(jnp.arange(float(LENGTH)), (count, 1))[..., None]

    views = WindowViews(run.predictor, place, "place", along=True)
    found = views(windows_of("ACGT" * 5))[0, :, :, 0]
    assert found.shape == (4, LENGTH)  # two networks on two strands
    assert (found[:2] == np.arange(LENGTH)).all()
    assert (found[2:] == np.arange(LENGTH)[::-1]).all()


def test_models_of_something_else_are_refused():
    rows = jb.data.Sequences.from_strings(["MAKW", "MGKW"] * 20, jb.PROTEIN)
    y = jb.data.Numeric(np.array([[0.0], [1.0]] * 20, np.float32), ("y",))
    data = jb.Dataset({"seq": rows}, {"y": y})
    run = jb.fit(
        jb.Network(jb.MLP(hidden=(2,))),
        None,
        data,
        data,
        epochs=1,
        members=1,
        baselines=False,
    )
    with pytest.raises(DataError, match=r"takes seq \(protein\).*parent='wild.fa'"):
        WindowViews(run.predictor, first, "first")


def test_lengths_that_a_model_does_not_take(run):
    assert WindowViews(run.predictor, first, "first").length == LENGTH
    with pytest.raises(JaxbioError, match="length=0"):
        WindowViews(run.predictor, first, "first", length=0)
