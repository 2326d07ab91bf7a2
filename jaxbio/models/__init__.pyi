from .cnn import ConvStack as ConvStack, SequenceCNN as SequenceCNN
from .configs import CNN as CNN, MLP as MLP, RNN as RNN, Config as Config
from .encoders import NumericEncoder as NumericEncoder
from .image import ImageCNN as ImageCNN
from .mlp import (
    LinearSequenceEncoder as LinearSequenceEncoder,
    Perceptron as Perceptron,
)
from .network import Head as Head, Network as Network
from .registry import (
    MODELS as MODELS,
    model_from_dict as model_from_dict,
    model_to_dict as model_to_dict,
)
from .rnn import SequenceRNN as SequenceRNN
from .self_supervised import SelfSupervised as SelfSupervised
from .sequence import SequenceEncoder as SequenceEncoder, WideBranch as WideBranch
