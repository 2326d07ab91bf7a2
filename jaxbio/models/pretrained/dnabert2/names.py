"""The names of tensors in files of DNABERT-2."""

from jaxbio.models.pretrained.bert import names
from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.names import Part, Table

IGNORED = names.IGNORED
"""Tensors that are not needed."""

_LAYER = "bert.encoder.layer.{}."


def table(config: LanguageModelConfig) -> Table:
    """Which tensor is which parameter: query, key and value are one tensor."""
    fused, gated = _LAYER + "attention.self.Wqkv", _LAYER + "mlp.gated_layers"
    return {
        **names.table(config),
        "stack/layers/query": Part(fused, 0, 3),
        "stack/layers/key": Part(fused, 1, 3),
        "stack/layers/value": Part(fused, 2, 3),
        "stack/layers/gate": Part(gated, 0, 2),
        "stack/layers/up": Part(gated, 1, 2),
        "stack/layers/down": _LAYER + "mlp.wo",
        "stack/layers/perceptron_norm": _LAYER + "mlp.layernorm",
    }
