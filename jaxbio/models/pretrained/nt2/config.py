"""Nucleotide Transformer v2 (Dalla-Torre et al. 2024): a gated ESM-2."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from jaxbio.models.pretrained.esm2 import config as esm2
from jaxbio.models.pretrained.family import Family, Fields
from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.nt2.names import IGNORED, table
from jaxbio.models.pretrained.nt2.tokens import tokenizer


def claims(values: Mapping[str, Any]) -> bool:
    """Check that a config is of this family, whose `model_type` is that of ESM-2."""
    return values.get("model_type") == "esm" and values.get("add_bias_fnn") is False


def read_config(fields: Fields, names: frozenset[str]) -> LanguageModelConfig:
    """What the model is made of."""
    fields.only("position_embedding_type", "rotary")
    found = esm2.read_config(fields, names)
    block = dataclasses.replace(
        found.block, perceptron="swiglu", up_bias=False, down_bias=False
    )
    return dataclasses.replace(
        found,
        block=block,
        mask=fields.get("mask_token_id", 2),
        tied=bool(fields.get("tie_word_embeddings", False)),
    )


NT2 = Family(
    name="nt2",
    title="Nucleotide Transformer v2: DNA",
    kinds=("dna",),
    claims=claims,
    read_config=read_config,
    table=table,
    tokenizer=tokenizer,
    ignored=IGNORED,
    licence="CC BY-NC-SA 4.0",
)
