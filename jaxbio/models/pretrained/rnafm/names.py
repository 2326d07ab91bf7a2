"""The names of tensors in RNA-FM's checkpoint, without fairseq's prefixes."""

from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.names import Table

IGNORED = (r"lm_head\.weight", r"contact_head\..*", r"version", r"_float_tensor")
"""Tensors that are not needed: tied ones, and those of other tasks."""


def table(config: LanguageModelConfig) -> Table:
    """Which tensor is which parameter."""
    return {
        "tokens": "embed_tokens",
        "positions": "embed_positions",
        "embedding_norm": "emb_layer_norm_before",
        "stack/layers/query": "layers.{}.self_attn.q_proj",
        "stack/layers/key": "layers.{}.self_attn.k_proj",
        "stack/layers/value": "layers.{}.self_attn.v_proj",
        "stack/layers/output": "layers.{}.self_attn.out_proj",
        "stack/layers/attention_norm": "layers.{}.self_attn_layer_norm",
        "stack/layers/perceptron_norm": "layers.{}.final_layer_norm",
        "stack/layers/up": "layers.{}.fc1",
        "stack/layers/down": "layers.{}.fc2",
        "final_norm": "emb_layer_norm_after",
        "head/dense": "lm_head.dense",
        "head/norm": "lm_head.layer_norm",
        "head/decoder/bias": "lm_head.bias",
    }
