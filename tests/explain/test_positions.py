"""A planted motif is found, by networks whose weights are set by hand."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxbio as jb
from jaxbio.data.columns.dictionary import plain
from jaxbio.errors import DataError, JaxbioError
from jaxbio.explain.positions import METHODS, sequence_attributions
from jaxbio.explain.sanity import untrained
from tests.networks import SMALL, drugs_and_proteins, predictor_of

MOTIF, AT = "TATA", 9


@pytest.fixture(scope="module")
def predictor():
    """Of a network that learned to see the motif."""
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("CGA"), 24)) for _ in range(64)]
    has = np.arange(64) % 2
    places = rng.integers(0, 20, 64)
    for row in np.flatnonzero(has):
        at = places[row]
        texts[row] = texts[row][:at] + MOTIF + texts[row][at + 4 :]
    data = jb.Dataset(
        {"seq": jb.data.Sequences.from_strings(texts, jb.DNA)},
        {"y": jb.data.Category.from_values([("no", "yes")[x] for x in has])},
    )
    encoder = jb.CNN(channels=(8,), kernel_sizes=(5,), kmers=2, positions=False)
    model = jb.Network(encoder, hidden=(), average_strands=True)
    run = jb.fit(
        model, None, data, data, epochs=30, members=2, batch_size=16,
        learning_rate=0.02, baselines=False,
    )  # fmt: skip
    return run.predictor


@pytest.fixture(scope="module")
def text():
    base = "".join(np.random.default_rng(1).choice(list("CGA"), 24))
    return base[:AT] + MOTIF + base[AT + 4 :]


@pytest.mark.parametrize("method", METHODS)
def test_the_motif_stands_out_by_every_method(predictor, text, method):
    (found,) = sequence_attributions(
        predictor, [text], method=method, label="yes", count=5
    )
    sizes = np.abs(found.values)
    within = sizes[AT : AT + 4].mean()
    assert found.values.shape == (24,) and found.hypothetical.shape == (24, 4)
    least = 1 if method == "saliency" else 2  # which knows no direction
    assert within > least * np.delete(sizes, range(AT, AT + 4)).mean()
    assert np.isnan(found.delta) == (method not in ("integrated", "deeplift"))


def test_deeplift_is_complete_in_any_length_and_for_each_class(predictor, text):
    rows = [text, text[:15], "ACNNGT" + text]
    for label in ("no", "yes"):
        found = list(sequence_attributions(predictor, rows, label=label, count=3))
        assert max(abs(x.delta) for x in found) < 1e-4
        assert [len(x.values) for x in found] == list(map(len, rows))
    logits = predictor.function(outputs="logits")
    tokens = jnp.asarray(jb.DNA.encode(text))[None]
    expected = float(logits[0](logits[1], {"seq": tokens})["y"][0, 0])
    (own,) = sequence_attributions(predictor, [text], label="yes", count=1)
    assert own.output == pytest.approx(expected, abs=1e-4)


def test_what_stands_there_has_its_hypothetical_part(predictor, text):
    (found,) = sequence_attributions(predictor, [text], label="yes", count=4)
    codes = jb.DNA.encode(text)
    own = found.hypothetical[np.arange(24), codes]
    np.testing.assert_allclose(own, found.values, atol=1e-5)


def test_without_what_was_learned_contributions_differ(predictor, text):
    how = {"label": "yes", "count": 4}
    (found,) = sequence_attributions(predictor, [text], **how)
    (other,) = sequence_attributions(untrained(predictor), [text], **how)
    assert np.corrcoef(found.values, other.values)[0, 1] < 0.8


def test_methods_and_models_that_do_not_fit(predictor, text):
    with pytest.raises(JaxbioError, match="method='deplift': did you mean 'deeplift'"):
        list(sequence_attributions(predictor, [text], method="deplift"))
    with pytest.raises(DataError, match="has no 'maybe'"):
        list(sequence_attributions(predictor, [text], label="maybe"))


def test_one_sequence_of_several_inputs():
    rng = np.random.default_rng(0)
    data = drugs_and_proteins(rng.integers(-1, 4, 24), rng.integers(0, 3, 24))
    model = jb.Network(SMALL, hidden=(), fusion=jb.Gated(4))
    predictor = predictor_of(data, model)
    how = {"method": "integrated", "background": "shuffled", "count": 2}
    rows = data.take([0, 1])
    found = list(sequence_attributions(predictor, rows, input="protein", **how))
    texts = plain(rows.input("protein")).strings()
    assert [len(each.values) for each in found] == list(map(len, texts))
    outputs = predictor(rows).values[:, 0]
    differences = [each.output for each in found] - outputs
    np.testing.assert_allclose(differences, differences[0], atol=1e-4)
    assert max(abs(each.delta) for each in found) < 5e-2  # of 16 steps
    with pytest.raises(DataError, match="no sequence input 'protin': did you mean"):
        list(sequence_attributions(predictor, rows, input="protin"))
    lacking = data.take(np.flatnonzero(data.input("drug").indices < 0))
    with pytest.raises(DataError, match="has no drug to explain"):
        list(sequence_attributions(predictor, lacking, input="drug"))
