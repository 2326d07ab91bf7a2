"""The names of tensors in files of ESM-2 and of the Nucleotide Transformer."""

from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.names import Table

IGNORED = (
    r".*inv_freq",
    r".*position_ids",
    r"(esm\.)?contact_head\..*",
    r"esm\.embeddings\.position_embeddings\.weight",
    r"esm\.pooler\..*",
    r"lm_head\.decoder\..*",  # tied, or the bias a second time
)
"""Tensors that are not needed: of other versions, or kept twice."""

_LAYER = "esm.encoder.layer.{}."


def table(config: LanguageModelConfig) -> Table:
    """Which tensor is which parameter."""
    attention = _LAYER + "attention."
    found = {
        "tokens": "esm.embeddings.word_embeddings",
        "positions": "esm.embeddings.position_embeddings",
        "embedding_norm": "esm.embeddings.layer_norm",
        "stack/layers/query": attention + "self.query",
        "stack/layers/key": attention + "self.key",
        "stack/layers/value": attention + "self.value",
        "stack/layers/output": attention + "output.dense",
        "stack/layers/attention_norm": attention + "LayerNorm",
        "stack/layers/perceptron_norm": _LAYER + "LayerNorm",
        "stack/layers/up": _LAYER + "intermediate.dense",
        "stack/layers/down": _LAYER + "output.dense",
        "final_norm": "esm.encoder.emb_layer_norm_after",
        "head/dense": "lm_head.dense",
        "head/norm": "lm_head.layer_norm",
        "head/decoder": "lm_head.decoder",
        "head/decoder/bias": "lm_head.bias",
    }
    return found
