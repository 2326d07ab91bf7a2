"""The names of tensors in files of BERT's shape."""

from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.names import Table

IGNORED = (
    r".*position_ids",
    r"cls\.predictions\.decoder\..*",  # tied, or the bias a second time
    r"cls\.seq_relationship\..*",
)
"""Tensors that are not needed: of other versions or tasks, or kept twice."""

ANTIBERTY_HEADS = {"species": 6, "chain": 2, "graft": 2}
"""Classes of each further head of AntiBERTy (Ruffolo et al. 2021)."""

_LAYER = "bert.encoder.layer.{}."


def table(config: LanguageModelConfig) -> Table:
    """Which tensor is which parameter."""
    attention = _LAYER + "attention."
    return {
        "tokens": "bert.embeddings.word_embeddings",
        "positions": "bert.embeddings.position_embeddings",
        "types": "bert.embeddings.token_type_embeddings",
        "embedding_norm": "bert.embeddings.LayerNorm",
        "stack/layers/query": attention + "self.query",
        "stack/layers/key": attention + "self.key",
        "stack/layers/value": attention + "self.value",
        "stack/layers/output": attention + "output.dense",
        "stack/layers/attention_norm": attention + "output.LayerNorm",
        "stack/layers/perceptron_norm": _LAYER + "output.LayerNorm",
        "stack/layers/up": _LAYER + "intermediate.dense",
        "stack/layers/down": _LAYER + "output.dense",
        "head/dense": "cls.predictions.transform.dense",
        "head/norm": "cls.predictions.transform.LayerNorm",
        "head/decoder": "cls.predictions.decoder",
        "head/decoder/bias": "cls.predictions.bias",
        "pooler": "bert.pooler.dense",
        **{f"classifiers/{name}": f"cls.{name}" for name, _ in config.classifiers},
    }
