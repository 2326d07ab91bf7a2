"""BERT (Devlin et al. 2019): AntiBERTy with its heads, DNABERT, ProtBERT."""

from collections.abc import Mapping
from typing import Any

from jaxbio.models.pretrained.bert.names import ANTIBERTY_HEADS, IGNORED, table
from jaxbio.models.pretrained.bert.tokens import tokenizer
from jaxbio.models.pretrained.family import Family, Fields
from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.nn.transformer import BlockConfig


def claims(values: Mapping[str, Any]) -> bool:
    """Check that a config is of BERT's shape, and not of DNABERT-2."""
    return values.get("model_type") == "bert" and "alibi_starting_size" not in values


def read_config(fields: Fields, names: frozenset[str]) -> LanguageModelConfig:
    """What the model is made of."""
    fields.only("position_embedding_type", "absolute")
    fields.only("hidden_act", "gelu")
    fields.only("is_decoder", False)
    heads = tuple(
        (name, width)
        for name, width in ANTIBERTY_HEADS.items()
        if f"cls.{name}.weight" in names
    )
    return LanguageModelConfig(
        vocabulary=fields.number("vocab_size"),
        layers=fields.number("num_hidden_layers"),
        block=BlockConfig(
            dim=fields.number("hidden_size"),
            heads=fields.number("num_attention_heads"),
            hidden=fields.number("intermediate_size"),
            norm="post",
            epsilon=fields.get("layer_norm_eps", 1e-12),
            positions="none",
        ),
        learned_positions=fields.number("max_position_embeddings"),
        token_types=fields.get("type_vocab_size", 2),
        embedding_norm=True,
        pad=fields.get("pad_token_id", 0),
        head=any(name.startswith("cls.predictions.") for name in names),
        tied=bool(fields.get("tie_word_embeddings", True)),
        pooler=any("pooler.dense." in name for name in names),
        classifiers=heads,
    )


BERT = Family(
    name="bert",
    title="BERT's shape: AntiBERTy (antibodies), DNABERT (DNA), ProtBERT (proteins)",
    kinds=("protein", "dna"),
    claims=claims,
    read_config=read_config,
    table=table,
    tokenizer=tokenizer,
    ignored=IGNORED,
)
