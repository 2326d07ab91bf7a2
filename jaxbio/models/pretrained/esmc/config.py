"""ESM-C (EvolutionaryScale 2024; Biohub 2026), in the layout of `model_type: esmc`."""

import math
from collections.abc import Mapping
from typing import Any

from jaxbio.models.pretrained.esm2.tokens import tokenizer
from jaxbio.models.pretrained.esmc.names import IGNORED, table
from jaxbio.models.pretrained.family import Family, Fields
from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.nn.transformer import BlockConfig

_DEPTH = 36
"""Layers of the model whose residual branches are added as they are."""


def claims(values: Mapping[str, Any]) -> bool:
    """Check that a config is of ESM-C."""
    return values.get("model_type") == "esmc"


def read_config(fields: Fields, names: frozenset[str]) -> LanguageModelConfig:
    """What the model is made of."""
    fields.only("hidden_act", "silu")
    for name in ("attention_bias", "mlp_bias", "tie_word_embeddings"):
        fields.only(name, False)
    heads, layers = (
        fields.number("num_attention_heads"),
        fields.number("num_hidden_layers"),
    )
    dim = fields.number("hidden_size")
    fields.only("num_key_value_heads", heads)
    fields.only("head_dim", dim // heads)
    rotary = fields.get("rope_parameters", {})
    Fields(rotary, fields.source).only("rope_theta", 10_000.0, 10_000)
    return LanguageModelConfig(
        vocabulary=fields.number("vocab_size"),
        layers=layers,
        block=BlockConfig(
            dim=dim,
            heads=heads,
            hidden=fields.number("intermediate_size"),
            query_key_norm=True,
            perceptron="swiglu",
            attention_bias=False,
            up_bias=False,
            down_bias=False,
            residual_divisor=math.sqrt(layers / _DEPTH),
        ),
        final_norm="scale",
        mask=fields.get("mask_token_id", 32),
        pad=fields.get("pad_token_id", 1),
        head=any(name.startswith("lm_head.") for name in names),
        tied=False,
    )


ESMC = Family(
    name="esmc",
    title="ESM-C: proteins",
    kinds=("protein",),
    claims=claims,
    read_config=read_config,
    table=table,
    tokenizer=tokenizer,
    ignored=IGNORED,
    licence="MIT",
)
