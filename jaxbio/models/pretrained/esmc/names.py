"""The names of tensors in files of ESM-C."""

from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.names import Table

IGNORED = (r".*inv_freq",)
"""Tensors that are not needed."""

_LAYER = "esmc.layers.{}."


def table(config: LanguageModelConfig) -> Table:
    """Which tensor is which parameter."""
    attention, perceptron = _LAYER + "self_attn.", _LAYER + "mlp."
    return {
        "tokens": "esmc.embed_tokens",
        "stack/layers/query": attention + "q_proj",
        "stack/layers/key": attention + "k_proj",
        "stack/layers/value": attention + "v_proj",
        "stack/layers/output": attention + "o_proj",
        "stack/layers/query_norm": attention + "q_norm",
        "stack/layers/key_norm": attention + "k_norm",
        "stack/layers/attention_norm": _LAYER + "input_layernorm",
        "stack/layers/perceptron_norm": _LAYER + "post_attention_layernorm",
        "stack/layers/gate": perceptron + "gate_proj",
        "stack/layers/up": perceptron + "up_proj",
        "stack/layers/down": perceptron + "down_proj",
        "final_norm": "esmc.norm",
        "head/dense": "lm_head.dense",
        "head/norm": "lm_head.layer_norm",
        "head/decoder": "lm_head.decoder",
    }
