from .attention import (
    alibi_slopes as alibi_slopes,
    dot_product_attention as dot_product_attention,
    rotary as rotary,
)
from .conv import (
    ACTIVATIONS as ACTIVATIONS,
    Conv as Conv,
    ConvBlock as ConvBlock,
    NormActPool as NormActPool,
    masked as masked,
    max_windows as max_windows,
)
from .conv2d import Conv2D as Conv2D
from .counts import LogNormalize as LogNormalize
from .dense import Dense as Dense
from .derivatives import forward_mode as forward_mode
from .fusion import Concat as Concat, CrossAttention as CrossAttention, Gated as Gated
from .inputs import (
    Categories as Categories,
    Standardize as Standardize,
    Statistic as Statistic,
)
from .kmers import (
    KmerCounts as KmerCounts,
    kmer_counts as kmer_counts,
    kmer_width as kmer_width,
)
from .lora import new_adapter as new_adapter
from .norm import Norm as Norm
from .pairs import PairBlock as PairBlock, Pairs as Pairs
from .pool import (
    Pool as Pool,
    flatten_positions as flatten_positions,
    max_pool as max_pool,
    mean_pool as mean_pool,
)
from .position_weights import PositionWeights as PositionWeights
from .recurrent import Recurrent as Recurrent, RecurrentStack as RecurrentStack
from .tokens import (
    TokenConv as TokenConv,
    Tokens as Tokens,
    one_hot as one_hot,
    reverse_complement as reverse_complement,
    reverse_positions as reverse_positions,
    token_mask as token_mask,
)
from .transformer import (
    BlockConfig as BlockConfig,
    TransformerStack as TransformerStack,
    layer_norm as layer_norm,
    transformer_block as transformer_block,
)
