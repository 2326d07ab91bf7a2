"""Networks: modules that stand alone, and the descriptions that build them."""

from jaxbio.models.cnn import ConvStack, SequenceCNN
from jaxbio.models.configs import CNN, MLP, RNN, Config
from jaxbio.models.encoders import NumericEncoder
from jaxbio.models.mlp import Perceptron, SequencePositions
from jaxbio.models.network import Head, Network
from jaxbio.models.registry import (
    MODELS,
    choose_model,
    model_from_dict,
    model_to_dict,
)
from jaxbio.models.rnn import SequenceRNN
from jaxbio.models.sequence import SequenceEncoder, Wide

__all__ = [
    "CNN",
    "MLP",
    "MODELS",
    "RNN",
    "Config",
    "ConvStack",
    "Head",
    "Network",
    "NumericEncoder",
    "Perceptron",
    "SequenceCNN",
    "SequenceEncoder",
    "SequencePositions",
    "SequenceRNN",
    "Wide",
    "choose_model",
    "model_from_dict",
    "model_to_dict",
]
