import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained import pretrained
from jaxbio.models.pretrained.rnafm.tokens import TOKENS
from tests.language_models import ESM1B, reference, tensors_of
from tests.torch_files import State, named_tensors, torch_file

SHAPE = {**ESM1B, "vocab_size": len(TOKENS), "mask_token_id": 24}
SETTINGS = {
    "arch": "roberta_large",
    "encoder_layers": SHAPE["num_hidden_layers"],
    "encoder_embed_dim": SHAPE["hidden_size"],
    "encoder_ffn_embed_dim": SHAPE["intermediate_size"],
    "encoder_attention_heads": SHAPE["num_attention_heads"],
}
PLACES = (
    ("esm.embeddings.word_embeddings", "embed_tokens"),
    ("esm.embeddings.position_embeddings", "embed_positions"),
    ("esm.embeddings.layer_norm", "emb_layer_norm_before"),
    ("esm.encoder.emb_layer_norm_after", "emb_layer_norm_after"),
    ("esm.encoder.layer.", "layers."),
    ("attention.self.query", "self_attn.q_proj"),
    ("attention.self.key", "self_attn.k_proj"),
    ("attention.self.value", "self_attn.v_proj"),
    ("attention.output.dense", "self_attn.out_proj"),
    ("attention.LayerNorm", "self_attn_layer_norm"),
    ("LayerNorm", "final_layer_norm"),
    ("intermediate.dense", "fc1"),
    ("output.dense", "fc2"),
)
"""Names in the layout of Hugging Face, and those of fairseq."""


def checkpoint(folder, settings):
    """A checkpoint as fairseq writes it, and the same weights by other names."""
    tensors = tensors_of("esm1b", SHAPE)
    renamed = {}
    for name, values in tensors.items():
        new = name
        for before, after in PLACES:
            new = new.replace(before, after)
        inside = "" if name.startswith("lm_head") else "sentence_encoder."
        renamed[f"encoder.{inside}{new}"] = values
    content, storages = named_tensors(renamed)
    args = State("argparse", "Namespace", settings)
    folder.mkdir()
    torch_file(
        folder / "RNA-FM_pretrained.pth", {"args": args, "model": content}, **storages
    )
    return tensors


@pytest.mark.parametrize("dropout", [False, True])
def test_it_gives_what_the_published_shape_gives(tmp_path, dropout):
    settings = {**SETTINGS, "token_dropout": dropout}
    tensors = checkpoint(tmp_path / "m", settings)
    model = pretrained(f"rnafm:{tmp_path / 'm'}")
    assert model.licence == "MIT" and model.config.max_tokens == 18
    table = tensors["esm.embeddings.word_embeddings.weight"]
    table[-1] = 0  # of the mask, as the published code has it
    tokens = model.tokenizer.encode("acgt<mask>GNu")
    assert tokens.tolist() == [0, 4, 5, 6, 7, 24, 6, 18, 7, 2]
    expected = reference("esm1b", tokens, {**SHAPE, "token_dropout": dropout}, tensors)
    padded = np.concatenate([tokens, [1, 1]])[None]
    found = model.module().logits(jnp.asarray(padded), jnp.array([len(tokens)]))
    np.testing.assert_allclose(found[0, : len(tokens)], expected, atol=2e-5)


def test_what_is_of_another_shape_is_told(tmp_path):
    checkpoint(tmp_path / "a", {**SETTINGS, "arch": "protein_bert_base"})
    with pytest.raises(JaxbioError, match="arch is 'protein_bert_base'"):
        pretrained(tmp_path / "a")
    checkpoint(tmp_path / "b", {**SETTINGS, "encoder_layers": 3})
    with pytest.raises(JaxbioError, match=r"missing: layers\.2\.self_attn"):
        pretrained(tmp_path / "b")
