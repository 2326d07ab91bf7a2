"""Encoders trained on hidden symbols: no leak, loss where hidden, bad input."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import jaxbio as jb
from jaxbio.data import Dataset, Sequences
from jaxbio.data.learn import learn_schema
from jaxbio.errors import JaxbioError
from jaxbio.models import model_from_dict, model_to_dict

ENCODERS = {
    "lstm": jb.RNN(cell="lstm", widths=(6, 6)),
    "mingru": jb.RNN(cell="mingru", widths=(6,), channels=(8,)),
    "cnn": jb.CNN(channels=(8, 8), kernel_sizes=(5, 3)),
    "transformer": jb.Transformer(dim=8, layers=1, heads=2),
}


def schema_of(texts, alphabet=jb.DNA):
    data = Dataset({"seq": Sequences.from_strings(texts, alphabet)})
    return learn_schema(data, {})


def made(encoder, texts=("ACGTACGTAC", "ACGTA"), alphabet=jb.DNA):
    schema = schema_of(list(texts), alphabet)
    model = jb.Masked(encoder).resolve(schema)
    network = model.build(schema, {}, rngs=nnx.Rngs(0), dtype="float32")
    return model, nnx.view(network, deterministic=True, use_running_average=True,
                           raise_if_not_found=False)  # fmt: skip


@pytest.mark.parametrize("name", ENCODERS)
def test_what_is_said_of_a_hidden_symbol_does_not_depend_on_it(name):
    model, network = made(ENCODERS[name])
    index = jnp.arange(1)
    said, at = [], None
    for letter in "ACGT":
        text = jnp.asarray([jb.DNA.encode(f"ACG{letter}ACGTAC")])
        for seed in range(99):  # a row whose fourth symbol is hidden
            _, chosen = model.fixed(text, index + seed, jb.DNA)
            if chosen[0, 3]:
                break
        seen, _ = model.fixed(text, index + seed, jb.DNA)
        said.append(np.asarray(network.log_probabilities(seen))[0, 3])
        at = seed if at is None else at
        assert seed == at
    for other in said[1:]:
        np.testing.assert_array_equal(said[0], other)
    plain = network.log_probabilities(text)[0, 3]
    assert np.abs(plain - said[0]).max() > 1e-4  # it does, where it is not hidden


@pytest.mark.parametrize(("head", "adds_up"), [((), True), ((16,), False)])
def test_layers_of_the_head_weigh_both_sides_together(head, adds_up):
    """A linear head on one layer in both directions adds what each side says."""
    schema = schema_of(["ACGTA"])
    model = jb.Masked(jb.RNN(cell="mingru", widths=(8,)), head=head).resolve(schema)
    network = model.build(schema, {}, rngs=nnx.Rngs(0), dtype="float32")
    texts = [f"{left}N{right}" for left in "AC" for right in "GT"]
    tokens = jnp.asarray([jb.DNA.encode(text) for text in texts])
    network = nnx.view(network, deterministic=True)
    ag, at, cg, ct = np.asarray(network.logits(tokens))[:, 1]
    assert (np.abs((ag - at) - (cg - ct)).max() < 1e-6) == adds_up
    assert model_from_dict(model_to_dict(model)) == model


def test_only_hidden_symbols_count():
    model, network = made(ENCODERS["lstm"])
    tokens = jnp.asarray(
        [jb.DNA.encode("ACGTACGTAC"), [*jb.DNA.encode("ACNTA"), *[jb.DNA.pad] * 5]]
    )
    weights = jnp.asarray([1.0, 0.5])
    batch = {"inputs": {"seq": tokens}, "weights": weights, "index": jnp.arange(2) + 7}
    model = dataclasses.replace(model, share=0.5)
    total, count = model.loss(network, batch, None)["symbols"]
    seen, chosen = model.fixed(tokens, batch["index"], jb.DNA)
    found = np.asarray(network.log_probabilities(seen))
    loss = weight = 0.0
    for row in range(2):
        for at in range(10):
            if chosen[row, at]:
                loss -= weights[row] * found[row, at, tokens[row, at]]
                weight += weights[row]
    assert weight > 1 and not chosen[1, 2] and not chosen[1, 5:].any()
    np.testing.assert_allclose([total, count], [loss, weight], rtol=1e-5)


def test_training_masks_by_the_key():
    model, network = made(ENCODERS["cnn"])
    tokens = jnp.asarray([jb.DNA.encode("ACGTACGTAC")] * 4)
    batch = {"inputs": {"seq": tokens}, "weights": jnp.ones(4), "index": jnp.arange(4)}

    def loss(seed):
        return float(model.loss(network, batch, nnx.Rngs(jax.random.key(seed)))
                     ["symbols"][0])  # fmt: skip

    assert loss(1) == loss(1) != loss(2)


def test_the_description_survives_json_and_gives_the_trunk():
    model, _ = made(ENCODERS["transformer"], ["MKV", "MKVLA"], jb.PROTEIN)
    assert model_from_dict(model_to_dict(model)) == model
    assert model.encoder.pool == "mean" and model.encoder.kmers == 0
    trunk = model.trunk
    assert trunk.pool is None and trunk.kmers is None and trunk.dim == 8
    assert model.parts == (model.encoder,)


@pytest.mark.parametrize(
    ("model", "alphabet", "message"),
    [
        (lambda: jb.Masked(jb.MLP()), jb.DNA, "gives no vector a position"),
        (lambda: jb.Masked(jb.CNN(channels=(4,), kernel_sizes=(3,), pool_windows=(2,))),
         jb.DNA, r"one position for 2 .*make them 1"),
        (lambda: jb.Masked(jb.RNN()), jb.SMILES, "no letter for 'not known'"),
        (lambda: jb.Masked(jb.ResNet()), jb.DNA, "use a CNN, an RNN or a Transformer"),
    ],
)  # fmt: skip
def test_what_cannot_learn_from_hidden_symbols_is_refused(model, alphabet, message):
    text = "CCO" if alphabet is jb.SMILES else "ACGTACGT"
    with pytest.raises(JaxbioError, match=message):
        model().resolve(schema_of([text, text], alphabet))


def test_settings_that_cannot_be_are_refused():
    for values, message in (
        ({"share": 1.0}, "between 0 and 1"),
        ({"hidden": 0.9, "random": 0.2}, "together above 0 and at most 1"),
    ):
        with pytest.raises(JaxbioError, match=message):
            jb.Masked(**values)
