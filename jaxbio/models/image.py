"""Convolutional networks over images: the config `ResNet`, and the module."""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Bool, Float, Num

from jaxbio.data.columns.images import ImageSpec
from jaxbio.data.specs import InputSpec
from jaxbio.models.base import Encoder, check_activation
from jaxbio.nn.conv import ACTIVATIONS
from jaxbio.nn.conv2d import Conv2D, mean_windows2d, side_by_side
from jaxbio.nn.matmul import materialize, product
from jaxbio.nn.norm import Norm, NormKind

LARGEST = 64
"""Rows or columns after the stem, at most, where the stride is chosen by the size."""


def stem_stride_for(height: int, width: int) -> int:
    """The stride of the stem that leaves at most 64 rows and columns.

    Example:
        >>> stem_stride_for(28, 28), stem_stride_for(224, 224)
        (1, 4)
    """
    return -(-max(height, width, 1) // LARGEST)


@dataclasses.dataclass(frozen=True)
class ResNet(Encoder):
    """A small residual network over images.

    Attributes:
        channels: Width of each stage of residual blocks; each stage after the first
            halves the sides of the image.
        blocks: Residual blocks of each stage.
        dropout: Share of the channels after the last stage set to 0 in training.
        activation: A name of `jaxbio.nn.ACTIVATIONS`.
    """

    name: ClassVar[str] = "resnet"
    takes: ClassVar[str] = "images"

    channels: tuple[int, ...] = (32, 64, 128)
    blocks: int = 1
    dropout: float = 0.1
    activation: str = "relu"

    def __post_init__(self):
        check_activation(self.activation)

    @classmethod
    def accepts(cls, spec: InputSpec) -> bool:
        """Check that the input is an image."""
        return isinstance(spec, ImageSpec)

    def build(
        self, spec: ImageSpec, *, rngs: nnx.Rngs, dtype: DTypeLike = jnp.float32
    ) -> "ImageCNN":
        """The module, with new weights."""
        return ImageCNN(
            spec.size[-1],
            channels=self.channels,
            blocks=self.blocks,
            activation=self.activation,
            dropout=self.dropout,
            rngs=rngs,
            dtype=dtype,
        )


class ImageCNN(nnx.Module):
    """A small residual network over images (He et al. 2016).

    A stem, stages of residual blocks with half the rows and columns from stage to
    stage (means of windows of 2 x 2), and the mean over what is left.

    Example:
        >>> model = ImageCNN(1, channels=(8, 16), outputs=2, rngs=nnx.Rngs(0))
        >>> images = jnp.zeros((3, 28, 28, 1), jnp.uint8)
        >>> model(images).shape, model.maps(images).shape
        ((3, 2), (3, 14, 14, 16))
    """

    def __init__(
        self,
        dim: int,
        *,
        rngs: nnx.Rngs,
        channels: Sequence[int] = (32, 64, 128),
        blocks: int = 1,
        stem_stride: int = 1,
        kernel_size: int = 3,
        norm: NormKind = "batch",
        activation: str = "relu",
        dropout: float = 0.0,
        outputs: int | None = None,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the network.

        Args:
            dim: Channels of the images: 1 for grey, 3 for colour.
            rngs: Keys for the weights.
            channels: Width of each stage.
            blocks: Residual blocks a stage, each of two convolutions.
            stem_stride: Rows and columns between two outputs of the stem, whose kernel
                grows with it; see `stem_stride_for`.
            kernel_size: Rows and columns that each convolution sees.
            norm: What normalises the result of each convolution.
            activation: A name of `jaxbio.nn.conv.ACTIVATIONS`.
            dropout: Share of the pooled features set to 0 in training.
            outputs: Width of a linear head; None for the features themselves.
            dtype: Of the computation; weights and results are float32.
        """
        common = {"norm": norm, "activation": activation, "dtype": dtype, "rngs": rngs}
        self.dim = dim
        self.dtype = dtype
        self.stem_stride = stem_stride
        self.stem = ConvNorm(
            dim * stem_stride**2, channels[0], kernel_size=kernel_size, **common
        )
        before = [channels[0], *channels[:-1]]
        self.stages = nnx.List(
            Stage(narrow, wide, blocks, kernel_size=kernel_size, **common)
            for narrow, wide in zip(before, channels, strict=True)
        )
        self.dropout = nnx.Dropout(dropout)
        self.features = channels[-1] if outputs is None else outputs
        self.head = (
            None if outputs is None else nnx.Linear(channels[-1], outputs, rngs=rngs)
        )

    def __call__(
        self,
        images: Num[Array, "batch height width channels"],
        *,
        rngs: nnx.Rngs | None = None,
    ) -> Float[Array, "batch features"]:
        """The features, or outputs of the head, of images (see `maps`)."""
        return self.pooled(self.maps(images, rngs=rngs), rngs=rngs)

    def present(
        self, images: Num[Array, "batch height width channels"]
    ) -> Bool[Array, "batch"]:
        """Mask of the rows that have an image: all of them."""
        return jnp.ones(len(images), bool)

    def maps(
        self,
        images: Num[Array, "batch height width channels"],
        *,
        rngs: nnx.Rngs | None = None,
    ) -> Float[Array, "batch short narrow dim"]:
        """The last feature maps.

        Args:
            images: uint8, or numbers from 0 to 1.
            rngs: Not used; so that all parts of a network are called alike.
        """
        if images.shape[-1] != self.dim:
            raise ValueError(
                f"images have {images.shape[-1]} channels, the network takes {self.dim}"
            )
        most = 255 if jnp.issubdtype(images.dtype, jnp.integer) else 1
        x = images.astype(self.dtype) * (2 / most) - 1
        if self.stem_stride > 1:
            x = side_by_side(x, self.stem_stride)
        x = self.stem(x)
        for at, stage in enumerate(self.stages):
            x = stage(mean_windows2d(x, 2) if at else x)
        return x

    def pooled(
        self,
        maps: Float[Array, "batch short narrow dim"],
        *,
        rngs: nnx.Rngs | None = None,
    ) -> Float[Array, "batch features"]:
        """The features, or outputs of the head, of feature maps."""
        x = maps.astype(jnp.float32).mean(axis=(1, 2))
        x = self.dropout(x, rngs=rngs)
        return x if self.head is None else self.head(x)


class Stage(nnx.Module):
    """Residual blocks of one width."""

    def __init__(self, dim: int, channels: int, blocks: int, **common):
        """Make the blocks; the arguments are those of `ImageCNN`."""
        self.blocks = nnx.List(
            Residual(channels if at else dim, channels, **common)
            for at in range(blocks)
        )

    def __call__(
        self, x: Float[Array, "batch height width dim"]
    ) -> Float[Array, "batch height width channels"]:
        """One block after the other."""
        for block in self.blocks:
            x = block(x)
        return x


class Residual(nnx.Module):
    """Two convolutions and what goes past them."""

    def __init__(
        self, dim: int, channels: int, *, activation: str, rngs: nnx.Rngs, **common
    ):
        """Make the block; the arguments are those of `ImageCNN`."""
        self.first = ConvNorm(dim, channels, activation=activation, rngs=rngs, **common)
        self.second = ConvNorm(channels, channels, activation="", rngs=rngs, **common)
        same = dim == channels
        self.past = (
            None if same else nnx.Linear(dim, channels, use_bias=False, rngs=rngs)
        )
        self.activation = activation

    def __call__(
        self, x: Float[Array, "batch height width dim"]
    ) -> Float[Array, "batch height width channels"]:
        """The activation of the sum."""
        changed = self.second(self.first(x))
        if self.past is not None:
            x = product(x, self.past.kernel[...].astype(x.dtype))
        return materialize(ACTIVATIONS[self.activation](changed + x))


class ConvNorm(nnx.Module):
    """Convolution, normalisation, activation."""

    def __init__(
        self,
        dim: int,
        channels: int,
        *,
        kernel_size: int,
        norm: NormKind,
        activation: str,
        rngs: nnx.Rngs,
        dtype: DTypeLike,
    ):
        """Make the layers; the arguments are those of `ImageCNN`, "" is no activation.

        A bias would be taken away again by a normalisation.
        """
        self.conv = Conv2D(
            dim,
            channels,
            kernel_size=kernel_size,
            use_bias=norm == "none",
            dtype=dtype,
            rngs=rngs,
        )
        self.norm = Norm(norm, channels, dtype=dtype, rngs=rngs)
        self.activation = activation

    def __call__(
        self, x: Float[Array, "batch height width dim"]
    ) -> Float[Array, "batch height width channels"]:
        """Values by pixel."""
        x = self.conv(x)
        pixels = x.reshape(len(x), -1, x.shape[-1])
        normal = self.norm(pixels, jnp.ones(pixels.shape[:2], bool)).reshape(x.shape)
        if not self.activation:
            return normal
        return materialize(ACTIVATIONS[self.activation](normal))
