import copy
import dataclasses
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from flax import nnx

from jaxbio.alphabet import PROTEIN
from jaxbio.data.learn import learn_schema
from jaxbio.data.reading import read
from jaxbio.errors import JaxbioError
from jaxbio.models import Head, Network, Pretrained
from jaxbio.models.pretrained.encoder import vectors_of
from jaxbio.models.pretrained.loading import pretrained
from jaxbio.models.pretrained.peft import write_adapter
from jaxbio.nn.modes import evaluated
from jaxbio.nn.tokens import one_hot
from tests.language_models import BERT, write_model

TEXTS = ["MKVLAAGIKW", "ACD", "GGSTWMK"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("m"), "esm2")


def _schema(texts=TEXTS):
    table = pd.DataFrame({"seq": list(texts) * 3})
    return learn_schema(read(table, inputs={"seq": "protein"}, targets=[]))


def _tokens(length=12):
    rows = np.full((len(TEXTS), length), PROTEIN.pad, np.uint8)
    for row, text in enumerate(TEXTS):
        rows[row, : len(text)] = PROTEIN.encode(text)
    return jnp.asarray(rows)


def _encoder(folder, **fields):
    schema = _schema()
    config = Pretrained(str(folder), **fields)
    config = config.resolve(schema.input("seq"), schema)
    return config, config.build(schema.input("seq"), rngs=nnx.Rngs(0))


@pytest.mark.parametrize("tune", ["frozen", "lora", "full"])
@pytest.mark.parametrize("layer", [None, 1])
def test_positions_are_those_of_the_model(folder, tune, layer):
    _, module = _encoder(folder, tune=tune, layer=layer)
    x, mask = evaluated(module).positions(_tokens())
    model = pretrained(folder)
    for row, text in enumerate(TEXTS):
        tokens = jnp.asarray(model.tokenizer.encode(text)[None])
        lengths = jnp.asarray([tokens.shape[1]])
        want = model.module().hidden(tokens, lengths, layer=layer)[0, 1:-1]
        np.testing.assert_allclose(x[row, : len(text)], want, atol=2e-6)
        assert mask[row].sum() == len(text) and not x[row, len(text) :].any()


@pytest.mark.parametrize("layer", [None, 1])
def test_attention_is_that_of_the_model_without_the_ends(folder, layer):
    _, module = _encoder(folder, tune="lora", layer=layer)
    found = evaluated(module).attention(_tokens())
    model = pretrained(folder)
    assert found.shape == (layer or 2, len(TEXTS), 2, 12, 12)
    for row, text in enumerate(TEXTS):
        tokens = jnp.asarray(model.tokenizer.encode(text)[None])
        lengths = jnp.asarray([tokens.shape[1]])
        want = model.module().attention(tokens, lengths, layer=layer)[:, 0]
        size = len(text)
        got = found[:, row, :, :size, :size]
        np.testing.assert_allclose(got, want[:, :, 1:-1, 1:-1], atol=1e-5)
    assert _encoder(folder, layer=0)[1].attention(_tokens()) is None


def test_an_adapter_changes_no_bit_at_the_start(folder):
    frozen, adapted = (
        jax.jit(evaluated(_encoder(folder, tune=tune)[1]).positions)(_tokens())[0]
        for tune in ("frozen", "lora")
    )
    np.testing.assert_array_equal(frozen, adapted)


@pytest.mark.parametrize(
    ("tune", "paths"),
    [
        ("frozen", {"norm"}),
        ("lora", {"norm", "adapter"}),
        ("full", {"norm", "whole"}),
    ],
)
def test_only_what_is_trained_is_kept(folder, tune, paths):
    _, module = _encoder(folder, tune=tune)
    state = nnx.to_pure_dict(nnx.state(module, nnx.Param))
    assert set(state) == paths
    if tune == "lora":
        assert set(state["adapter"]) == {"query", "key", "value", "output"}
        assert state["adapter"]["query"]["a"].shape == (2, 16, 8)
    assert not jax.tree.leaves(nnx.to_pure_dict(nnx.state(module, nnx.Not(nnx.Param))))


def test_soft_symbols_are_the_symbols(folder):
    _, module = _encoder(folder)
    module = evaluated(module)
    hard, soft = _tokens(), one_hot(_tokens(), PROTEIN)
    np.testing.assert_allclose(
        module.positions(hard)[0], module.positions(soft)[0], atol=2e-6
    )
    gradient = jax.grad(lambda soft: module(soft).sum() ** 2)(soft)
    assert np.abs(gradient[0, :10]).max() > 0


@pytest.mark.parametrize("along", [False, True])
def test_vectors_that_were_computed_before_stand_for_sequences(folder, along):
    config, module = _encoder(folder)
    module = evaluated(module)
    vectors = vectors_of(config, TEXTS + TEXTS[:1], along=along)
    if along:
        assert [len(each) for each in vectors] == [10, 3, 7, 10]
        known = np.zeros((3, 12, 16), np.float32)
        for row, each in enumerate(vectors[:3]):
            known[row, : len(each)] = each
        x, mask = module.positions(jnp.asarray(known))
        np.testing.assert_array_equal(mask, module.positions(_tokens())[1])
        np.testing.assert_allclose(x, module.positions(_tokens())[0], atol=2e-6)
    else:
        known = vectors[:3]
        np.testing.assert_array_equal(vectors[3], vectors[0])
    known = jnp.asarray(known)
    np.testing.assert_allclose(module(known), module(_tokens()), atol=1e-5)
    assert module.present(known).all()
    assert module.present(known * 0).tolist() == [False] * 3


DNA = ["ACGTACGTACGTAC", "ACG", "ACGTACN"]


@pytest.fixture
def nucleotides(tmp_path, monkeypatch):
    monkeypatch.setenv("JAXBIO_MODELS", str(tmp_path / "models"))
    folder = write_model(tmp_path / "nt", "nt2")
    pretrained(folder, accept_licence=True)
    return str(folder)


@pytest.mark.parametrize("texts", [DNA, ["N" * 14, "A" * 14]], ids=["few", "many"])
def test_tokens_of_several_letters(nucleotides, texts):
    table = pd.DataFrame({"s": [*texts] * 4})
    schema = learn_schema(read(table, inputs={"s": "dna"}, targets=[]))
    config = Pretrained(nucleotides, "lora").resolve(schema.input("s"), schema)
    module = evaluated(config.build(schema.input("s"), rngs=nnx.Rngs(0)))
    codes = np.full((len(texts), 40), schema.input("s").alphabet.pad, np.uint8)
    for row, text in enumerate(texts):
        codes[row, : len(text)] = schema.input("s").alphabet.encode(text)
    x, mask = jax.jit(module.positions)(jnp.asarray(codes))
    model = pretrained(nucleotides)
    for row, text in enumerate(texts):
        tokens = jnp.asarray(model.tokenizer.encode(text)[None])
        want = model.module().hidden(tokens, jnp.asarray([tokens.shape[1]]))[0, 1:]
        assert mask[row].sum() == len(want)
        np.testing.assert_allclose(x[row, : len(want)], want, atol=5e-6)
    vectors = vectors_of(config, list(texts), along=False)
    np.testing.assert_allclose(
        module(jnp.asarray(vectors)), module(jnp.asarray(codes)), atol=2e-5
    )


def test_tokens_of_several_letters_have_no_positions_and_no_gradient(nucleotides):
    table = pd.DataFrame({"s": DNA * 4})
    schema = learn_schema(read(table, inputs={"s": "dna"}, targets=[]))
    network = Network(Pretrained(nucleotides), average_strands=False)
    with pytest.raises(JaxbioError, match="choose a model with a token a letter"):
        network.build(schema, {"y": Head(1, "position")}, rngs=nnx.Rngs(0))
    module = network.build(schema, {"y": Head(1)}, rngs=nnx.Rngs(0))
    with pytest.raises(JaxbioError, match="which no gradient reaches"):
        module({"s": jnp.ones((1, 9, 4))})


def test_a_network_with_it_can_be_pickled_and_copied(folder):
    schema = _schema()
    config = Network(Pretrained(str(folder)), hidden=()).resolve(schema)
    module = config.build(schema, {"y": Head(2)}, rngs=nnx.Rngs(0))
    graph = nnx.split(module)[0]
    assert pickle.loads(pickle.dumps(graph)) == graph == copy.deepcopy(graph)


def test_other_weights_are_refused(folder):
    config, _ = _encoder(folder)
    other = dataclasses.replace(config, sha256="0" * 64)
    with pytest.raises(JaxbioError, match=r"others than those of training .*000000"):
        other.base()


def test_what_cannot_be(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("JAXBIO_MODELS", str(tmp_path / "models"))
    dna = learn_schema(
        read(pd.DataFrame({"s": ["ACGT", "AC"] * 4}), inputs={"s": "dna"}, targets=[])
    )
    with pytest.raises(JaxbioError, match="reads protein, and the input s is dna"):
        Network(Pretrained(str(folder))).resolve(dna)
    short = {**BERT, "max_position_embeddings": 8}
    bert = write_model(tmp_path / "b", "bert", config=short)
    with pytest.raises(JaxbioError, match=r"of 10 symbols, .* has learned 6"):
        Network(Pretrained(str(bert))).resolve(_schema())
    for fields, message in (
        ({"tune": "some"}, "choose frozen, lora or full"),
        ({"pool": "last"}, "choose mean, max or attention"),
        ({"adapter": "x"}, "goes with tune='lora'"),
    ):
        with pytest.raises(JaxbioError, match=message):
            Pretrained("esm2-8m", **fields)
    with pytest.raises(JaxbioError, match="those of one strand"):
        Network(Pretrained(str(folder)), average_strands=True).resolve(_schema())
    with pytest.raises(JaxbioError, match="layer=5: the model has 2 layers"):
        _encoder(folder, layer=5)


def test_it_begins_with_an_adapter_of_peft(folder, tmp_path):
    model = pretrained(folder)
    _, module = _encoder(folder, tune="lora", rank=2)
    adapter = {
        name: {k: np.asarray(v[...]) + (k == "b") for k, v in part.items()}
        for name, part in module.adapter.items()
    }
    write_adapter(tmp_path, model, adapter, alpha=16)
    _, found = _encoder(folder, tune="lora", rank=2, adapter=str(tmp_path))
    for name, part in adapter.items():
        np.testing.assert_array_equal(found.adapter[name]["b"][...], part["b"])
    plain = evaluated(module).positions(_tokens())[0]
    assert np.abs(evaluated(found).positions(_tokens())[0] - plain).max() > 1e-3
