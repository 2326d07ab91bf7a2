"""Networks: modules that stand alone, and the descriptions that build them."""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer
from jaxbio.models.cnn import ConvStack, SequenceCNN
from jaxbio.models.configs import CNN, MLP, RNN, Config
from jaxbio.models.encoders import NumericEncoder
from jaxbio.models.mlp import LinearSequenceEncoder, Perceptron
from jaxbio.models.network import Head, Network
from jaxbio.models.registry import MODELS, model_from_dict, model_to_dict
from jaxbio.models.rnn import SequenceRNN
from jaxbio.models.sequence import SequenceEncoder, WideBranch

if TYPE_CHECKING:
    from jaxbio.models.image import ImageCNN

# What only some need is imported when it is first asked for.
_HOMES = {
    "image": ("ImageCNN",),
}

__all__ = [
    "CNN",
    "MLP",
    "MODELS",
    "RNN",
    "Config",
    "ConvStack",
    "Head",
    "ImageCNN",
    "LinearSequenceEncoder",
    "Network",
    "NumericEncoder",
    "Perceptron",
    "SequenceCNN",
    "SequenceEncoder",
    "SequenceRNN",
    "WideBranch",
    "model_from_dict",
    "model_to_dict",
]

__getattr__ = importer(__name__, _HOMES)
