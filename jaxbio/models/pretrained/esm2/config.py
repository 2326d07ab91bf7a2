"""ESM-2 (Lin et al. 2023), and ESM-1b's shape: learned positions, a first norm."""

from collections.abc import Mapping
from typing import Any

from jaxbio.models.pretrained.esm2.names import IGNORED, table
from jaxbio.models.pretrained.esm2.tokens import tokenizer
from jaxbio.models.pretrained.family import Family, Fields
from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.nn.transformer import BlockConfig


def claims(values: Mapping[str, Any]) -> bool:
    """Check that a config is of ESM-2, and not of the Nucleotide Transformer v2."""
    return values.get("model_type") == "esm" and values.get("add_bias_fnn") is not False


def read_config(fields: Fields, names: frozenset[str]) -> LanguageModelConfig:
    """What the model is made of."""
    kind = fields.only("position_embedding_type", "rotary", "absolute")
    fields.only("hidden_act", "gelu")
    fields.only("is_folding_model", False)
    fields.only("rope_theta", 10_000.0, 10_000)
    pad = fields.get("pad_token_id", 1)
    block = BlockConfig(
        dim=fields.number("hidden_size"),
        heads=fields.number("num_attention_heads"),
        hidden=fields.number("intermediate_size"),
        epsilon=fields.get("layer_norm_eps", 1e-12),
        positions="rotary" if kind == "rotary" else "none",
    )
    learned = kind == "absolute"
    return LanguageModelConfig(
        vocabulary=fields.number("vocab_size"),
        layers=fields.number("num_hidden_layers"),
        block=block,
        learned_positions=fields.number("max_position_embeddings") if learned else 0,
        first_position=pad + 1 if learned else 0,
        embedding_norm=bool(fields.get("emb_layer_norm_before", False)),
        final_norm="bias",
        mask=fields.get("mask_token_id", 32),
        pad=pad,
        token_dropout=bool(fields.get("token_dropout", False)),
        head=any(name.startswith("lm_head.") for name in names),
        tied=bool(fields.get("tie_word_embeddings", True)),
    )


ESM2 = Family(
    name="esm2",
    title="ESM-2: proteins",
    kinds=("protein",),
    claims=claims,
    read_config=read_config,
    table=table,
    tokenizer=tokenizer,
    ignored=IGNORED,
    licence="MIT",
)
