"""The names of tensors in files of the Nucleotide Transformer v2."""

from jaxbio.models.pretrained.esm2 import names
from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.names import Part, Table

IGNORED = names.IGNORED
"""Tensors that are not needed."""


def table(config: LanguageModelConfig) -> Table:
    """Which tensor is which parameter: gate and values are one tensor."""
    both = "esm.encoder.layer.{}.intermediate.dense"
    return {
        **names.table(config),
        "stack/layers/gate": Part(both, 0, 2),
        "stack/layers/up": Part(both, 1, 2),
    }
