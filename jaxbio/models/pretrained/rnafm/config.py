"""RNA-FM (Chen et al. 2022, arXiv 2204.00300): ESM-1b's shape over bases of RNA."""

from collections.abc import Mapping
from typing import Any

from jaxbio.models.pretrained.fairseq import FAIRSEQ
from jaxbio.models.pretrained.family import Family, Fields
from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.rnafm.names import IGNORED, table
from jaxbio.models.pretrained.rnafm.tokens import TOKENS, tokenizer
from jaxbio.nn.transformer import BlockConfig

_EPSILON = 1e-5  # of the norms of PyTorch, which the published code uses
_PAD = TOKENS.index("<pad>")


def claims(values: Mapping[str, Any]) -> bool:
    """Check for a checkpoint of fairseq."""
    return values.get("model_type") == FAIRSEQ


def read_config(fields: Fields, names: frozenset[str]) -> LanguageModelConfig:
    """What the model is made of."""
    fields.only("arch", "roberta_large")
    fields.only("vocab_size", len(TOKENS))
    fields.only("activation_fn", "gelu")
    return LanguageModelConfig(
        vocabulary=len(TOKENS),
        layers=fields.number("layers"),
        block=BlockConfig(
            dim=fields.number("embed_dim"),
            heads=fields.number("attention_heads"),
            hidden=fields.number("ffn_embed_dim"),
            epsilon=_EPSILON,
            positions="none",
        ),
        learned_positions=fields.number("max_position_embeddings"),
        first_position=_PAD + 1,
        embedding_norm="emb_layer_norm_before.weight" in names,
        final_norm="bias",
        mask=TOKENS.index("<mask>"),
        pad=_PAD,
        token_dropout=bool(fields.get("token_dropout", False)),
        head=any(name.startswith("lm_head.") for name in names),
    )


RNAFM = Family(
    name="rnafm",
    title="RNA-FM: non-coding RNA",
    kinds=("rna", "dna"),
    claims=claims,
    read_config=read_config,
    table=table,
    tokenizer=tokenizer,
    ignored=IGNORED,
    licence="MIT",
)
