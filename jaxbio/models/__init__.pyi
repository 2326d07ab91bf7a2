from . import pretrained as pretrained
from .base import Encoder as Encoder
from .boosting import Boosting as Boosting, BoostingNetwork as BoostingNetwork
from .cnn import CNN as CNN, ConvStack as ConvStack, SequenceCNN as SequenceCNN
from .embedding import Embedding as Embedding
from .fusion import (
    Concat as Concat,
    CrossAttention as CrossAttention,
    Fusion as Fusion,
    Gated as Gated,
)
from .fusion_network import FusionNetwork as FusionNetwork, Head as Head
from .image import ImageCNN as ImageCNN, ResNet as ResNet
from .linear import Linear as Linear, LinearNetwork as LinearNetwork
from .masked import Masked as Masked, MaskedNetwork as MaskedNetwork
from .mixture import Mixture as Mixture, MixtureNetwork as MixtureNetwork
from .mlp import (
    MLP as MLP,
    LinearSequenceEncoder as LinearSequenceEncoder,
    NumericEncoder as NumericEncoder,
    Perceptron as Perceptron,
)
from .network import Network as Network, Pairs as Pairs, as_network as as_network
from .pairwise import Pairwise as Pairwise, PairwiseNetwork as PairwiseNetwork
from .piecewise import Piecewise as Piecewise, PiecewiseEncoder as PiecewiseEncoder
from .plain_features import Fitted as Fitted, PlainFeatures as PlainFeatures
from .pretrained.encoder import Pretrained as Pretrained
from .registry import (
    ENCODERS as ENCODERS,
    model_from_dict as model_from_dict,
    model_to_dict as model_to_dict,
    network_from_dict as network_from_dict,
)
from .rnn import RNN as RNN, SequenceRNN as SequenceRNN
from .self_supervised import SelfSupervised as SelfSupervised
from .sequence import (
    SequenceConfig as SequenceConfig,
    SequenceEncoder as SequenceEncoder,
    WideBranch as WideBranch,
)
from .transformer import (
    SequenceTransformer as SequenceTransformer,
    Transformer as Transformer,
)
