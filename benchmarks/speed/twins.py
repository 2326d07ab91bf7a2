"""Networks of jaxbio, and the same networks in PyTorch and Keras with their weights.

Nothing but NumPy, JAX and jaxbio is imported before a peer is needed.
"""

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from jaxbio.alphabet import DNA
from jaxbio.models import Perceptron, SequenceCNN
from jaxbio.nn.dense import Dense

SYMBOLS = 4
"""One-hot rows of DNA."""


@dataclasses.dataclass(frozen=True)
class Shape:
    """A convolutional network on DNA: the fields are those of `SequenceCNN`.

    Attributes:
        dense: Widths of hidden layers after the pooling.
        dense_dropout: Dropout after each.
        outputs: Width of the head.
    """

    length: int
    channels: tuple[int, ...]
    kernel_sizes: tuple[int, ...]
    dilations: tuple[int, ...] | None = None
    pool_windows: tuple[int, ...] | None = None
    residual: bool = False
    norm: str = "batch"
    pool: str = "flatten"
    dense: tuple[int, ...] = ()
    dense_dropout: float = 0.0
    outputs: int = 1

    @property
    def blocks(self) -> list[tuple[int, int, int, int]]:
        """Channels, kernel size, dilation and pool window of each convolution."""
        ones = (1,) * len(self.channels)
        dilations, windows = self.dilations or ones, self.pool_windows or ones
        parts = (self.channels, self.kernel_sizes, dilations, windows)
        return list(zip(*parts, strict=True))

    @property
    def flops(self) -> float:
        """Of the training of one sequence: products forward and for both gradients.

        The first convolution needs no gradient of its input.
        """
        total, length, before = 0.0, self.length, SYMBOLS
        for channels, kernel, _, window in self.blocks:
            passes = 2 if before == SYMBOLS else 3
            total += passes * 2 * length * kernel * before * channels
            length, before = -(-length // window), channels
        sizes = [before * length if self.pool == "flatten" else before]
        sizes += [*self.dense, self.outputs]
        return total + sum(6 * a * b for a, b in itertools.pairwise(sizes))


DEEPSTARR = Shape(
    length=249,
    channels=(256, 60, 60, 120),
    kernel_sizes=(7, 3, 5, 3),
    pool_windows=(2, 2, 2, 2),
    dense=(256, 256),
    dense_dropout=0.4,
    outputs=2,
)
"""The shape of DeepSTARR (de Almeida et al. 2022), pooled before it is normalised."""

BPNET = Shape(
    length=1000,
    channels=(64,) * 10,
    kernel_sizes=(21,) + (3,) * 9,
    dilations=(1, *(2**power for power in range(1, 10))),
    residual=True,
    norm="none",
    pool="mean",
)
"""The trunk of BPNet (Avsec et al. 2021), with a mean over positions."""

SMALL = Shape(length=249, channels=(64, 64), kernel_sizes=(11, 5), pool="max")
"""The default of `SequenceCNN`."""

WIDE = Shape(
    length=1024,
    channels=(512,) * 9,
    kernel_sizes=(15,) + (5,) * 8,
    residual=True,
    pool="mean",
)
"""A trunk of 512 channels, which can keep a large accelerator busy."""


class ConvNet(nnx.Module):
    """The network of a shape in jaxbio."""

    def __init__(self, shape: Shape, *, rngs: nnx.Rngs, dtype: Any = jnp.float32):
        self.cnn = SequenceCNN(
            DNA,
            channels=shape.channels,
            kernel_sizes=shape.kernel_sizes,
            dilations=shape.dilations,
            pool_windows=shape.pool_windows,
            residual=shape.residual,
            norm=shape.norm,
            pool=shape.pool,
            length=shape.length if shape.pool == "flatten" else 0,
            dtype=dtype,
            rngs=rngs,
        )
        self.dense = Dense(
            self.cnn.features,
            shape.dense,
            dropout=shape.dense_dropout,
            dtype=dtype,
            rngs=rngs,
        )
        self.head = nnx.Linear(
            self.dense.features, shape.outputs, dtype=dtype, rngs=rngs
        )

    def __call__(self, tokens: jax.Array, *, rngs: nnx.Rngs | None = None) -> jax.Array:
        """The outputs, in float32."""
        x = self.dense(self.cnn(tokens, rngs=rngs), rngs=rngs)
        return self.head(x).astype(jnp.float32)


def conv_net(shape: Shape, *, seed: int = 0, dtype: Any = jnp.float32) -> ConvNet:
    """The network of a shape with values from a seed."""
    return nnx.jit(lambda: ConvNet(shape, rngs=nnx.Rngs(seed), dtype=dtype))()


def torch_conv_net(module: ConvNet, shape: Shape) -> Any:
    """The same network in PyTorch, for one-hot `[batch symbols len]`."""
    from torch import nn

    class Block(nn.Module):
        """Convolution and what follows, in jaxbio's order."""

        def __init__(self, before, channels, kernel, dilation, window):
            super().__init__()
            padding = (kernel - 1) * dilation // 2
            self.conv = nn.Conv1d(
                before, channels, kernel, dilation=dilation, padding=padding
            )
            batch_norm = shape.norm == "batch"
            self.norm = nn.BatchNorm1d(channels) if batch_norm else nn.Identity()
            pooled = window > 1
            self.pool = (
                nn.MaxPool1d(window, ceil_mode=True) if pooled else nn.Identity()
            )
            self.residual = shape.residual and before == channels
            self.relu = nn.ReLU()  # a module of its own, as tangermeme looks for

        def forward(self, x):
            out = self.conv(x)
            if self.residual:
                return self.pool(self.relu(self.norm(out)) + x)
            return self.relu(self.norm(self.pool(out)))

    class Pool(nn.Module):
        """From positions to one vector."""

        def forward(self, x):
            if shape.pool == "max":
                return x.amax(2)
            return x.mean(2) if shape.pool == "mean" else x.flatten(1)

    before, layers = SYMBOLS, []
    for channels, *rest in shape.blocks:
        layers.append(Block(before, channels, *rest))
        before = channels
    layers.append(Pool())
    width = module.cnn.features
    for after in shape.dense:
        layers += [nn.Linear(width, after), nn.ReLU()]
        if shape.dense_dropout:
            layers.append(nn.Dropout(shape.dense_dropout))
        width = after
    layers.append(nn.Linear(width, shape.outputs))
    twin = nn.Sequential(*layers)

    stack = module.cnn.stack
    blocks = [layer for layer in twin if isinstance(layer, Block)]
    kernels = [stem_kernel(stack.stem)]
    kernels += [np.asarray(block.conv.kernel[...]) for block in stack.blocks]
    biases = [stack.stem.project.bias, *(block.conv.bias for block in stack.blocks)]
    norms = [stack.finish.norm, *(block.finish.norm for block in stack.blocks)]
    for block, kernel, bias, norm in zip(blocks, kernels, biases, norms, strict=True):
        assign(block.conv, weight=kernel.transpose(2, 1, 0), bias=bias[...])
        if shape.norm == "batch":
            assign(block.norm, weight=norm.layer.scale[...], bias=norm.layer.bias[...])
    dense = [layer for layer in twin if isinstance(layer, nn.Linear)]
    for at, (theirs, ours) in enumerate(
        zip(dense, [*module.dense.layers, module.head], strict=True)
    ):
        weight = np.asarray(ours.kernel[...]).T
        if at == 0 and shape.pool == "flatten":  # positions are last over there
            weight = weight.reshape(len(weight), -1, before).transpose(0, 2, 1)
            weight = weight.reshape(len(weight), -1)
        assign(theirs, weight=weight, bias=ours.bias[...])
    return twin


def stem_kernel(stem: Any) -> np.ndarray:
    """The kernel of jaxbio's first convolution, `[tap symbol channel]`."""
    kernel = np.asarray(stem.project.kernel[...])
    return kernel.reshape(stem.kernel_size, stem.alphabet.size, -1)


def lstm_values(stack: Any) -> dict[str, np.ndarray]:
    """Of jaxbio's one layer in both directions, named as in `nn.LSTM`."""
    values = {}
    ways = (("", stack.forward[0]), ("_reverse", stack.backward[0]))
    for suffix, layer in ways:
        bias = np.asarray(layer.project.bias[...])
        values |= {
            f"weight_ih_l0{suffix}": np.asarray(layer.project.kernel[...]).T,
            f"weight_hh_l0{suffix}": np.asarray(layer.recur[...]).T,
            f"bias_ih_l0{suffix}": bias,
            f"bias_hh_l0{suffix}": np.zeros_like(bias),
        }
    return values


def torch_one_hot(tokens: np.ndarray) -> Any:
    """Tokens `[... len]` as one-hot `[... symbols len]`, as PyTorch takes them."""
    import torch

    rows = np.eye(SYMBOLS, dtype=np.float32)[tokens]
    return torch.tensor(np.ascontiguousarray(np.moveaxis(rows, -1, -2)))


def perceptron(columns: int, hidden: Sequence[int], *, seed: int = 0) -> Perceptron:
    """A perceptron with one output."""

    def build() -> Perceptron:
        rngs = nnx.Rngs(seed)
        return Perceptron(columns, tuple(hidden), outputs=1, rngs=rngs)

    return nnx.jit(build)()


def _linear(module: Perceptron) -> list[tuple[np.ndarray, np.ndarray]]:
    """Kernels and biases."""
    layers = [*module.dense.layers, module.head]
    return [(np.asarray(x.kernel[...]), np.asarray(x.bias[...])) for x in layers]


def torch_perceptron(module: Perceptron) -> Any:
    """The same perceptron in PyTorch."""
    from torch import nn

    layers = []
    for kernel, bias in _linear(module):
        layer = nn.Linear(*kernel.shape)
        assign(layer, weight=kernel.T, bias=bias)
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def keras_perceptron(module: Perceptron) -> Any:
    """The same perceptron in Keras, compiled with Adam and the squared error."""
    import keras

    weights = _linear(module)
    twin = keras.Sequential([keras.Input((len(weights[0][0]),))])
    for at, (kernel, _) in enumerate(weights, start=1):
        activation = "relu" if at < len(weights) else None
        twin.add(keras.layers.Dense(kernel.shape[1], activation=activation))
    twin.set_weights([array for pair in weights for array in pair])
    optimizer = keras.optimizers.Adam(1e-3, epsilon=1e-8)
    twin.compile(optimizer=optimizer, loss="mse")
    return twin


def perceptron_flops(columns: int, hidden: Sequence[int]) -> float:
    """Of the training of one row: the first layer needs no gradient of its input."""
    sizes = [columns, *hidden, 1]
    products = [2 * a * b for a, b in itertools.pairwise(sizes)]
    return 2 * products[0] + 3 * math.fsum(products[1:])


def assign(layer: Any, **values: Any) -> None:
    """Give a layer of PyTorch the values of its parameters and buffers."""
    import torch

    with torch.no_grad():
        for name, value in values.items():
            getattr(layer, name).copy_(torch.tensor(np.ascontiguousarray(value)))
