"""Convolutions of edited sequences, computed only where an edit reaches.

A substitution changes what convolutions give in a window about it, which grows from
layer to layer. What lies outside is that of the sequence itself, which is computed once
and stands in for it. The results are those of the whole network, up to rounding.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.models.cnn import ConvStack, SequenceCNN
from jaxbio.models.mixture import MixtureNetwork
from jaxbio.nn.conv import NormActPool
from jaxbio.nn.matmul import product
from jaxbio.nn.tokens import one_hot, padded_tokens, token_mask
from jaxbio.predict.predictor import Predictor

_WORTH = 0.7  # of the work of whole networks, above which these are as good


class Window(NamedTuple):
    """What an edit reaches of a layer's result.

    Attributes:
        taps: Positions that a result sees.
        dilation: Positions between them.
        pool: Positions of a max window after it.
        inputs: Positions of the layer's input that an edit reaches.
        outputs: Those of its result; all of them if there are no more.
        whole: Positions of the result.
    """

    taps: int
    dilation: int
    pool: int
    inputs: int
    outputs: int
    whole: int

    @property
    def left(self) -> int:
        """Positions before a result that it sees."""
        return (self.taps - 1) * self.dilation // 2

    @property
    def right(self) -> int:
        """Positions after it."""
        return (self.taps - 1) * self.dilation - self.left

    @property
    def wide(self) -> int:
        """Positions of the result before its max windows."""
        return self.outputs * self.pool

    @property
    def seen(self) -> int:
        """Positions of the layer's input that the result sees."""
        return self.wide + self.left + self.right


def windows(stack: ConvStack, length: int) -> list[Window]:
    """What one substitution reaches, layer by layer, as long as that is not all.

    Args:
        stack: The convolutions.
        length: Positions of the sequences, whole max windows.

    Example:
        >>> from flax import nnx
        >>> from jaxbio import DNA
        >>> stack = ConvStack(DNA, channels=(4, 4), kernel_sizes=(7, 3),
        ...                   pool_windows=(2, 2), rngs=nnx.Rngs(0))
        >>> [each.outputs for each in windows(stack, 100)]
        [4, 4]
    """
    layers = [
        (stack.stem.kernel_size, 1),
        *((block.conv.kernel_size[0], block.conv.dilation) for block in stack.blocks),
    ]
    found: list[Window] = []
    reached = 1
    for (taps, dilation), pool in zip(layers, stack.pool_windows, strict=True):
        length = -(-length // pool)
        wide = reached + (taps - 1) * dilation
        # So many max windows can a run of that width touch.
        outputs = (wide + pool - 2) // pool + 1
        if outputs >= length:
            break
        found.append(Window(taps, dilation, pool, reached, outputs, length))
        reached = outputs
    return found


def saves(stack: ConvStack, length: int) -> bool:
    """Check that windows are less work than whole sequences.

    Args:
        stack: The convolutions.
        length: Positions of the sequences.
    """
    length += -length % _whole_windows(stack)
    some = windows(stack, length)
    widths = [stack.alphabet.size, *(block.conv.in_features for block in stack.blocks)]
    sizes = [stack.stem.kernel_size, *(b.conv.kernel_size[0] for b in stack.blocks)]
    outputs = [*widths[1:], stack.features]
    work = [n * k * m for n, k, m in zip(widths, sizes, outputs, strict=True)]
    positions, at, own = 0.0, length, 0.0
    for number, pool in enumerate(stack.pool_windows):
        positions += at * work[number]
        at = -(-at // pool)
        here = some[number].outputs * pool if number < len(some) else at * pool
        own += here * work[number]
    return bool(some) and own < _WORTH * positions


def _whole_windows(stack: ConvStack) -> int:
    return functools.reduce(lambda a, b: a * b, stack.pool_windows, 1)


def is_local(predictor: Predictor, name: str, length: int) -> bool:
    """Check that edits of an input are worth computing by what they reach.

    They are for networks with convolutions whose normalisation does not look at other
    positions, and in which an edit does not soon reach most of them.

    Args:
        predictor: The networks.
        name: The sequence input.
        length: The padded length of its sequences.
    """
    network = predictor.network(predictor.members[0])
    return any(
        saves(encoder.stack, length) for encoder, _ in _convolutions(network, name)
    )


def local_function(
    predictor: Predictor, name: str
) -> tuple[Any, tuple[Mapping[str, Any], ...]]:
    """The function of a predictor for single substitutions of one sequence.

    Args:
        predictor: The networks.
        name: The only input, a sequence.

    Returns:
        `predict(params, {name: tokens})` and its `params`, as of `Predictor.function`;
        the first row of `tokens` is the sequence itself, and each other row differs
        from it in one symbol at most.
    """

    def predict(params: Any, inputs: Mapping[str, Any]) -> dict[str, Array]:
        outputs = []
        for member in params:
            network = predictor.network(member)
            for encoder, strands in _convolutions(network, name):
                if saves(encoder.stack, inputs[name].shape[1]):
                    encoder.positions = functools.partial(
                        edited_positions, encoder.stack, strands=strands
                    )
            outputs.append(predictor.objective.predict(network(inputs)))
        whole = jax.tree.map(lambda *each: jnp.stack(each), *outputs)
        return jax.tree.map(lambda each: each.mean(axis=0), whole)

    return predict, predictor.members


def _convolutions(network: Any, name: str) -> Iterator[tuple[SequenceCNN, int]]:
    """The convolutional encoders of an input, and how many strands each sees."""
    if isinstance(network, MixtureNetwork):
        for part in network.parts.values():
            yield from _convolutions(part, name)
        return
    encoders = getattr(network, "encoders", {})
    if name not in encoders:
        return
    encoder = encoders[name]
    if type(encoder) is SequenceCNN and all(
        layer.norm.kind != "group" for layer in _finishes(encoder.stack)
    ):
        yield encoder, 2 if network.average_strands else 1


def _finishes(stack: ConvStack) -> list[NormActPool]:
    return [stack.finish, *(block.finish for block in stack.blocks)]


def edited_positions(
    stack: ConvStack,
    tokens: UInt8[Array, "rows len"],
    *,
    strands: int = 1,
    rngs: Any = None,
) -> tuple[Float[Array, "rows short dim"], Bool[Array, "rows short"]]:
    """What convolutions give for rows that each differ in one symbol from the first.

    Args:
        stack: The convolutions.
        tokens: The rows; of both strands first all of the one, then all of the other.
        strands: How many there are.
        rngs: Not used: nothing is left out when networks are looked at.

    Returns:
        As the convolutions themselves.
    """
    alphabet: Alphabet = stack.alphabet
    tokens = padded_tokens(tokens, -tokens.shape[1] % _whole_windows(stack), alphabet)
    length = tokens.shape[1]
    each = tokens.reshape(strands, -1, length)
    own = each[:, 0]
    some = windows(stack, length)
    # The input of each layer, of the sequence itself; then what the last one gives.
    inputs: list[Any] = [(own, token_mask(own, alphabet))]
    x, mask = stack.finish(stack.stem(own), inputs[0][1])
    for block in stack.blocks[: len(some) - 1]:
        inputs.append((x, mask))
        x, mask = block(x, mask)
    start = (each != own[:, None]).argmax(axis=2)  # 0 for the sequence itself
    patch: Any = each
    for number, window in enumerate(some):
        # The first position of the result that is computed, and of the layer's input.
        moved = jnp.clip(
            (start - window.right) // window.pool, 0, window.whole - window.outputs
        )
        first = moved * window.pool
        if number == 0:
            view = _symbols(each, first, window, stack)
        else:
            outside = _cut_each(inputs[number][0], first, window)
            view = _with_patch(outside, patch, start + window.left - first)
        patch = _layer(stack, number, window, view, inputs[number][1], first)
        start = moved
    rows = each.shape[1]
    whole = jnp.broadcast_to(x[:, None], (strands, rows, *x.shape[1:]))
    whole = _with_patch(whole, patch, start)
    whole = whole.reshape(-1, *x.shape[1:])
    mask = jnp.repeat(mask, rows, axis=0)
    for block in stack.blocks[len(some) - 1 :]:
        whole, mask = block(whole, mask)
    return whole, mask


def _symbols(
    tokens: UInt8[Array, "strands rows len"],
    first: Int[Array, "strands rows"],
    window: Window,
    stack: ConvStack,
) -> Float[Array, "strands rows some symbols"]:
    """What the first layer sees of each row about its window."""
    sides, pad = (window.left, window.right), stack.alphabet.pad
    codes = jnp.pad(tokens, ((0, 0), (0, 0), sides), constant_values=pad)
    cut = functools.partial(_cut, size=window.seen)
    codes = jax.vmap(jax.vmap(cut))(codes, first)
    flat = codes.reshape(-1, window.seen)
    view = one_hot(flat, stack.alphabet, dtype=stack.stem.dtype)
    return view.reshape(*codes.shape, -1)


def _cut_each(
    values: Float[Array, "strands len dim"],
    first: Int[Array, "strands rows"],
    window: Window,
) -> Float[Array, "strands rows some dim"]:
    """What a layer sees of the sequence itself about the window of each row."""
    padded = jnp.pad(values, ((0, 0), (window.left, window.right), (0, 0)))
    cut = functools.partial(_cut, size=window.seen)
    return jax.vmap(jax.vmap(cut, in_axes=(None, 0)))(padded, first)


def _layer(
    stack: ConvStack,
    number: int,
    window: Window,
    view: Float[Array, "strands rows some dim"],
    mask: Bool[Array, "strands len"],
    first: Int[Array, "strands rows"],
) -> Float[Array, "strands rows outputs features"]:
    """What a layer makes of what it sees about the window of each row."""
    block = stack.blocks[number - 1] if number else None
    layer: Any = stack.stem.project if block is None else block.conv
    kernel, bias = layer.kernel[...], layer.bias[...]
    kernel = kernel.reshape(-1, kernel.shape[-1])
    taps = [
        view[:, :, at : at + window.wide]
        for at in range(0, window.taps * window.dilation, window.dilation)
    ]
    flat = jnp.concatenate(taps, axis=-1)
    flat = flat.reshape(-1, window.wide, flat.shape[-1])
    out = product(flat, kernel.astype(flat.dtype)) + bias.astype(flat.dtype)[None, None]
    cut = functools.partial(_cut, size=window.wide)
    there = jax.vmap(jax.vmap(cut, in_axes=(None, 0)))(mask, first)
    add, finish = None, stack.finish
    if block is not None:
        finish = block.finish
        if block.residual:
            middle = view[:, :, window.left : window.left + window.wide]
            add = middle.reshape(-1, *middle.shape[2:])
    out, _ = finish(out, there.reshape(-1, window.wide), add=add)
    return out.reshape(*view.shape[:2], *out.shape[1:])


def _cut(values: Array, start: Int[Array, ""], *, size: int) -> Array:
    return jax.lax.dynamic_slice_in_dim(values, start, size)


def _with_patch(
    values: Float[Array, "strands rows len dim"],
    patch: Float[Array, "strands rows some dim"],
    at: Int[Array, "strands rows"],
) -> Float[Array, "strands rows len dim"]:
    """Values with others in their place from a position on, another in each row."""
    place = jnp.arange(values.shape[2])[None, None] - at[..., None]
    inside = (place >= 0) & (place < patch.shape[2])
    place = jnp.clip(place, 0, patch.shape[2] - 1)
    moved = jnp.take_along_axis(patch, place[..., None], axis=2)
    return jnp.where(inside[..., None], moved, values)
