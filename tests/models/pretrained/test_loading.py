"""Whole models: what files of every family give, and what is refused."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained import hub
from jaxbio.models.pretrained.loading import pretrained
from tests.language_models import (
    BERT,
    CONFIGS,
    ESM2,
    ESMC,
    NT2,
    reference,
    tensors_of,
    write_model,
)

TOKENS = np.array([0, 5, 6, 20, 7, 9, 11, 2])


@pytest.fixture(autouse=True)
def _models(monkeypatch, tmp_path):
    monkeypatch.setenv("JAXBIO_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "none"))


def _load(folder, name, **options):
    options = {"accept_licence": True} | options
    return pretrained(folder, **options) if name != "dnabert2" else _two(folder)


def _two(folder):
    """Its special tokens; the pieces are read for texts only."""
    names = ["[PAD]", "[MASK]", "[CLS]", "[SEP]"]
    added = [{"content": name, "id": at} for at, name in enumerate(names)]
    (folder / "tokenizer.json").write_text(json.dumps({"added_tokens": added}))
    return pretrained(folder)


def _filled(tokens, length, pad):
    return jnp.asarray([[*tokens, *[pad] * (length - len(tokens))]])


@pytest.mark.parametrize("name", CONFIGS)
def test_logits_are_those_of_the_plain_reference(tmp_path, name):
    model = _load(write_model(tmp_path / name, name), name)
    module = model.module()
    tokens = TOKENS.copy()
    if name in ("esm2", "esm1b", "esmc"):
        tokens[3] = 32  # a masked one
    expected = reference(name, tokens)
    run = jax.jit(module.logits)
    got = run(jnp.asarray(tokens[None]), jnp.asarray([len(tokens)]))[0]
    scale = np.abs(expected).max()
    np.testing.assert_allclose(got, expected, atol=1e-5 * scale)
    # The same among others, and in a longer bucket.
    table = jnp.concatenate(
        [_filled([0, 2], 13, model.config.pad), _filled(tokens, 13, model.config.pad)]
    )
    among = run(table, jnp.asarray([2, len(tokens)]))[1, : len(tokens)]
    np.testing.assert_allclose(among, got, atol=1e-6 * scale)


@pytest.mark.parametrize("name", ["esm2", "bert", "esmc"])
def test_logits_are_those_of_transformers(tmp_path, name):
    transformers = pytest.importorskip(
        "transformers", reason="transformers is not installed"
    )
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    folder = write_model(tmp_path / name, name)
    kinds = {"esm2": "EsmForMaskedLM", "bert": "BertForMaskedLM"}
    kind = getattr(transformers, kinds.get(name, "EsmcForMaskedLM"))
    theirs = kind.from_pretrained(folder, attn_implementation="eager").eval()
    tokens = np.array([[0, 5, 6, 4, 7, 9, 2], [0, 8, 20, 2, 1, 1, 1]])
    lengths = np.array([7, 4])
    if name == "bert":
        tokens[1, 4:] = 0
    mask = torch.tensor(np.arange(7) < lengths[:, None]).long()
    with torch.no_grad():
        expected = theirs(input_ids=torch.tensor(tokens), attention_mask=mask).logits
    model = _load(folder, name)
    got = model.module().logits(jnp.asarray(tokens), jnp.asarray(lengths))
    for row, length in enumerate(lengths):
        want = expected[row, :length].numpy()
        np.testing.assert_allclose(
            got[row, :length], want, atol=1e-5 * np.abs(want).max()
        )


def test_half_precision_and_layers_again_are_close(tmp_path):
    model = _load(write_model(tmp_path / "m", "esm2"), "esm2")
    given = jnp.asarray(TOKENS[None]), jnp.asarray([len(TOKENS)])
    whole = model.module().logits(*given)
    half = model.module(dtype=jnp.bfloat16, remat=True).logits(*given)
    assert half.dtype == jnp.float32
    scale = float(jnp.abs(whole).max())
    np.testing.assert_allclose(half, whole, atol=0.05 * scale)
    assert np.abs(half - whole).max() > 0


def test_layers_by_number(tmp_path):
    model = _load(write_model(tmp_path / "m", "esm2"), "esm2")
    module = model.module()
    given = jnp.asarray(TOKENS[None]), jnp.asarray([len(TOKENS)])
    last = module.hidden(*given)
    np.testing.assert_array_equal(module.hidden(*given, layer=2), last)
    one = module.hidden(*given, layer=1)
    assert np.abs(one - last).max() > 0.1
    np.testing.assert_array_equal(module.hidden(*given, layer=0), module.embed(*given))


def test_the_trunk_alone_and_older_names(tmp_path):
    """Files without the prefix, without the head, with `gamma` and `beta`."""
    tensors = {
        name.removeprefix("esm."): value
        for name, value in tensors_of("esm2").items()
        if not name.startswith("lm_head.")
    }
    renamed = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): value
        for name, value in tensors.items()
    }
    renamed["embeddings.position_ids"] = np.arange(4)
    folder = write_model(tmp_path / "trunk", "esm2", tensors=renamed)
    found, whole = _load(folder, "esm2"), _load(write_model(tmp_path / "m", "esm2"), "")
    assert not found.config.head and whole.config.head
    for one, other in zip(
        jax.tree.leaves(found.params["stack"]),
        jax.tree.leaves(whole.params["stack"]),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_all_that_does_not_fit_is_told_at_once(tmp_path):
    tensors = tensors_of("esm2")
    query = "esm.encoder.layer.0.attention.self.query.weight"
    tensors["esm.encoder.layer.0.attention.self.qeury.weight"] = tensors.pop(query)
    del tensors["lm_head.bias"]
    tensors["esm.encoder.layer.1.output.dense.weight"] = np.zeros((16, 25), np.float32)
    folder = write_model(tmp_path / "m", "esm2", tensors=tensors)
    with pytest.raises(JaxbioError) as caught:
        pretrained(folder)
    text = str(caught.value)
    assert f"missing: lm_head.bias [33], {query} [16, 16]" in text
    assert "layer.1.output.dense.weight is [16, 25], not [16, 24]" in text
    assert "left over: esm.encoder.layer.0.attention.self.qeury.weight" in text


def test_another_family_is_refused(tmp_path):
    nucleotides = write_model(tmp_path / "nt", "nt2")
    with pytest.raises(
        JaxbioError, match=r"is no esm2: its config\.json is that of nt2"
    ):
        pretrained(f"esm2:{nucleotides}")
    # A config of one family with the weights of another.
    mixed = write_model(tmp_path / "mixed", "esm2", tensors=tensors_of("esmc"))
    with pytest.raises(JaxbioError, match=r"do not fit the model\. missing: esm\.enc"):
        pretrained(mixed)
    folder = write_model(tmp_path / "t5", "esm2", config={**ESM2, "model_type": "t5"})
    with pytest.raises(JaxbioError, match="model_type 't5', which is none of"):
        pretrained(folder)
    with pytest.raises(JaxbioError, match="no family 'esm': did you mean 'esm"):
        pretrained(f"esm:{nucleotides}")


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("esm2", {"hidden_act": "relu"}, "hidden_act is 'relu'; only 'gelu' is known"),
        ("esm2", {"position_embedding_type": "relative_key"}, "only 'rotary' or"),
        ("esm2", {"hidden_size": None}, "hidden_size is None; it has to be"),
        ("esmc", {"num_key_value_heads": 1}, "num_key_value_heads is 1; only 2"),
        ("bert", {"is_decoder": True}, "is_decoder is True"),
    ],
)
def test_fields_that_are_not_supported(tmp_path, name, change, message):
    config = {"esm2": ESM2, "esmc": ESMC, "bert": BERT}[name] | change
    tensors = tensors_of(name)
    folder = write_model(tmp_path / "m", name, config=config, tensors=tensors)
    with pytest.raises(JaxbioError, match=message):
        pretrained(folder)


def test_a_licence_that_excludes_uses_is_accepted_once(tmp_path):
    folder = write_model(tmp_path / "nt", "nt2", config={**NT2})
    with pytest.raises(JaxbioError, match=r"CC BY-NC-SA 4\.0, which forbids comm"):
        pretrained(folder)
    assert pretrained(folder, accept_licence=True).licence == "CC BY-NC-SA 4.0"
    assert pretrained(folder).family == "nt2"
    accepted = json.loads((hub.models_folder() / "accepted.json").read_text())
    assert accepted == ["CC BY-NC-SA 4.0"]
