"""Training of a small residual network on images, against PyTorch.

    python benchmarks/speed/images.py [--quick]

28 x 28 x 1; a stem and three residual blocks of 16, 32 and 64 channels with 3 x 3
kernels and batch normalisation, means of 2 x 2 between them; Adam; batch 128. jaxbio
gets bytes and scales them in its step, PyTorch gets the scaled numbers. Times are of
one step.
"""

import itertools
import sys
from collections.abc import Sequence
from typing import Any

import harness
import jax
import jax.numpy as jnp
import numpy as np
import optax
import training
import twins
from flax import nnx

from jaxbio.models.image import ImageCNN
from jaxbio.tasks import Regression
from jaxbio.train import make_train_step

CASE = "residual CNN 28 x 28"
CHANNELS = (16, 32, 64)
SIDE = 28
OUTPUTS = 2


def network(seed: int = 0) -> ImageCNN:
    """The network with values from a seed."""

    def build() -> ImageCNN:
        rngs = nnx.Rngs(seed)
        return ImageCNN(1, channels=CHANNELS, outputs=OUTPUTS, rngs=rngs)

    return nnx.jit(build)()


def flops() -> float:
    """Of the training of one image; the stem needs no gradient of its input."""
    pixels, total, before = SIDE * SIDE, 0.0, 1
    total += 2 * 2 * 9 * pixels * CHANNELS[0]
    before, side = CHANNELS[0], SIDE
    for at, channels in enumerate(CHANNELS):
        side = -(-side // 2) if at else side
        taps = 9 * (before + channels) + (before if before != channels else 0)
        total += 3 * 2 * side * side * taps * channels
        before = channels
    return total + 6 * before * OUTPUTS


def torch_network(module: ImageCNN) -> Any:
    """The same network in PyTorch, for numbers `[batch channels height width]`."""
    from torch import nn

    class ConvNorm(nn.Module):
        """Convolution and batch normalisation."""

        def __init__(self, before, channels):
            super().__init__()
            self.conv = nn.Conv2d(before, channels, 3, padding=1, bias=False)
            self.norm = nn.BatchNorm2d(channels)

        def forward(self, x):
            return self.norm(self.conv(x))

    class Residual(nn.Module):
        """Two of them and what goes past."""

        def __init__(self, before, channels):
            super().__init__()
            self.first = ConvNorm(before, channels)
            self.second = ConvNorm(channels, channels)
            same = before == channels
            past = nn.Identity() if same else nn.Conv2d(before, channels, 1, bias=False)
            self.past = past

        def forward(self, x):
            changed = self.second(nn.functional.relu(self.first(x)))
            return nn.functional.relu(changed + self.past(x))

    layers = [ConvNorm(1, CHANNELS[0]), nn.ReLU(), Residual(CHANNELS[0], CHANNELS[0])]
    for before, channels in itertools.pairwise(CHANNELS):
        layers += [nn.AvgPool2d(2, ceil_mode=True), Residual(before, channels)]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    twin = nn.Sequential(*layers, nn.Linear(CHANNELS[-1], OUTPUTS))

    def copy(theirs, ours):
        kernel = np.asarray(ours.conv.kernel[...])
        twins.assign(theirs.conv, weight=kernel.transpose(3, 2, 0, 1))

    copy(twin[0], module.stem)
    blocks = [layer for layer in twin if isinstance(layer, Residual)]
    for theirs, stage in zip(blocks, module.stages, strict=True):
        (ours,) = stage.blocks
        copy(theirs.first, ours.first)
        copy(theirs.second, ours.second)
        if ours.past is not None:
            weight = np.asarray(ours.past.kernel[...]).T[:, :, None, None]
            twins.assign(theirs.past, weight=weight)
    head = module.head
    assert head is not None  # the network has outputs
    twins.assign(twin[-1], weight=np.asarray(head.kernel[...]).T, bias=head.bias[...])
    return twin


def random_batches(
    steps: int, size: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Bytes `[steps size height width 1]` and targets `[steps size outputs]`."""
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (steps, size, SIDE, SIDE, 1)).astype(np.uint8)
    return images, random.normal(size=(steps, size, OUTPUTS)).astype(np.float32)


def scaled(images: np.ndarray) -> np.ndarray:
    """Numbers from -1 to 1, channels before height and width."""
    return np.moveaxis(images.astype(np.float32) * np.float32(2 / 255) - 1, -1, -3)


def agreement(size: int = 16) -> float:
    """The largest difference of outputs, and relative one of a loss in training.

    Raises:
        SystemExit: If the networks are not the same.
    """
    import torch

    images, targets = (x[0] for x in random_batches(1, size, seed=1))
    module = network()
    twin = torch_network(module).to(harness.torch_device())
    x = torch.tensor(scaled(images)).to(harness.torch_device())
    with torch.no_grad():
        theirs = twin.eval()(x).cpu().numpy()
        loss = ((twin.train()(x).cpu() - torch.tensor(targets)) ** 2).mean().item()
    evaluated = nnx.view(module, deterministic=True, use_running_average=True)
    ours = nnx.jit(lambda module, images: module(images))(evaluated, images)
    state, step = make_train_step(
        module, Regression(), optax.adam(training.RATE), key=jax.random.key(0)
    )
    batch = {"inputs": images, "targets": targets, "weights": jnp.ones(size)}
    trained = jax.jit(step)(state, batch)[1]["loss"]
    return max(harness.agree(ours, theirs), harness.agree(trained / loss, 1.0))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("images", __doc__, arguments)
    steps, repeats = (4, 3) if suite.quick else (16, 11)
    size = 128
    images, targets = random_batches(steps, size)
    module = network()
    measure: dict[str, Any] = {
        "repeats": repeats,
        "per": steps,
        "flops": size * flops(),
        "batch": size,
    }
    ours = training.jaxbio_steps(module, images, targets)
    if suite.alone:
        suite.compare(CASE, "none", ours, None, agreement=None, **measure)
        return 0
    peers = ("PyTorch eager", "PyTorch compiled")
    if suite.peer("torch", CASE, *peers) is None:
        return 0
    found = agreement()
    for peer in filter(suite.wants, peers):
        with suite.attempt(CASE, peer):
            theirs = training.torch_steps(
                torch_network(module),
                scaled(images),
                targets,
                tokens=False,
                compiled=peer == "PyTorch compiled",
            )
            suite.compare(CASE, peer, ours, theirs, agreement=found, **measure)
    return 0


if __name__ == "__main__":
    sys.exit(main())
