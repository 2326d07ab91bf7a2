"""DNABERT-2 (Zhou et al. 2024): BERT with ALiBi and a gated perceptron.

Its config speaks of absolute positions, of which the file has none.
"""

from collections.abc import Mapping
from typing import Any

from jaxbio.models.pretrained.dnabert2.names import IGNORED, table
from jaxbio.models.pretrained.dnabert2.tokens import tokenizer
from jaxbio.models.pretrained.family import Family, Fields
from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.nn.transformer import BlockConfig


def claims(values: Mapping[str, Any]) -> bool:
    """Check that a config is of this family: BERT's, with a size for ALiBi."""
    return values.get("model_type") == "bert" and "alibi_starting_size" in values


def read_config(fields: Fields, names: frozenset[str]) -> LanguageModelConfig:
    """What the model is made of."""
    fields.only("hidden_act", "gelu")
    return LanguageModelConfig(
        vocabulary=fields.number("vocab_size"),
        layers=fields.number("num_hidden_layers"),
        block=BlockConfig(
            dim=fields.number("hidden_size"),
            heads=fields.number("num_attention_heads"),
            hidden=fields.number("intermediate_size"),
            norm="post",
            epsilon=fields.get("layer_norm_eps", 1e-12),
            positions="alibi",
            perceptron="geglu",
            up_bias=False,
        ),
        token_types=fields.get("type_vocab_size", 2),
        embedding_norm=True,
        head=any(name.startswith("cls.predictions.") for name in names),
        tied=bool(fields.get("tie_word_embeddings", True)),
        pooler=any(".pooler." in name for name in names),
    )


DNABERT2 = Family(
    name="dnabert2",
    title="DNABERT-2: DNA",
    kinds=("dna",),
    claims=claims,
    read_config=read_config,
    table=table,
    tokenizer=tokenizer,
    ignored=IGNORED,
    licence="Apache-2.0",
)
