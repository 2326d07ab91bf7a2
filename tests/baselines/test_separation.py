"""Distances by separation and residues: counts worked by hand."""

import numpy as np

from jaxbio.alphabet import PROTEIN
from jaxbio.baselines.fit import fit_baselines, load_baselines, save_baselines
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema

EDGES = np.array([4.0, 8.0, 12.0], np.float32)


def chains(texts, places):
    offsets = np.cumsum([0, *(len(text) for text in texts)]).astype(np.int64)
    track = Track(np.concatenate(places).astype(np.float32), offsets)
    data = Dataset({"seq": Sequences.from_strings(texts, PROTEIN)}, {"cb": track})
    schema = learn_schema(data, {"cb": ("points", True)})
    return schema, schema.encode(data)


def line(length, step):
    return np.arange(length)[:, None] * np.array([[step, 0, 0]])


def test_bins_by_separation_are_the_shares_of_the_training_pairs():
    # Neighbours are 3 apart in one chain and 5 in the other: half in either bin.
    schema, arrays = chains(["AAA", "AAA"], [line(3, 3.0), line(3, 5.0)])
    fitted = fit_baselines(schema, arrays, edges={"cb": EDGES})["cb"]["separation"]
    table = next(fitted.predict(arrays))
    np.testing.assert_allclose(table[0, 1], [0.5, 0.5, 0, 0], atol=1e-3)
    np.testing.assert_allclose(table[0, 2], [0, 0.5, 0.5, 0], atol=1e-3)
    np.testing.assert_allclose(table.sum(axis=-1), 1, rtol=1e-5)


def test_residues_that_touch_more_often_than_others_are_likelier_to_touch():
    near, far = line(8, 1.0), line(8, 9.0)
    texts = ["LLLLLLLL"] * 30 + ["KKKKKKKK"] * 30
    schema, arrays = chains(texts, [near] * 30 + [far] * 30)
    fitted = fit_baselines(schema, arrays, edges={"cb": EDGES})["cb"]["separation"]
    first, *_, last = fitted.predict(arrays)
    assert first[0, 7, :2].sum() > 2 * last[0, 7, :2].sum()


def test_unknown_places_are_left_out_and_files_keep_everything(tmp_path):
    places = line(3, 3.0)
    places[1] = np.nan
    schema, arrays = chains(["AGA"], [places])
    fitted = fit_baselines(schema, arrays, edges={"cb": EDGES})
    assert fitted["cb"]["separation"].bins[2].argmax() == 1
    save_baselines(fitted, tmp_path / "b.npz")
    loaded = load_baselines(tmp_path / "b.npz", schema)["cb"]["separation"]
    (again,), (table,) = (
        each.predict(arrays) for each in (loaded, fitted["cb"]["separation"])
    )
    np.testing.assert_array_equal(again, table)
