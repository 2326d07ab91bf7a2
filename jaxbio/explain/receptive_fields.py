"""Convolutions of edited sequences, computed only where an edit reaches.

A substitution changes what convolutions give in a window about it, which grows from
layer to layer. What lies outside is that of the sequence itself, which is computed once
and stands in for it. Before an activation a convolution is linear: it is given what the
edit changes of its input, and what comes out is added to what it makes of the sequence
itself. The results are those of the whole network, up to rounding.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int, Shaped, UInt8

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
    def wide(self) -> int:
        """Positions of the result before its max windows."""
        return self.outputs * self.pool


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
    positions, at, own, reached = 0.0, length, 0.0, 1
    for number, pool in enumerate(stack.pool_windows):
        positions += at * work[number]
        # A layer is given what an edit changes of its input.
        own += min(reached, at) * work[number]
        at = -(-at // pool)
        reached = some[number].outputs if number < len(some) else at
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
    each = tokens.reshape(strands, -1, tokens.shape[1])
    own = each[:, 0]
    some = windows(stack, tokens.shape[1])
    edit = _edit(stack, each)
    x, mask = one_hot(own, alphabet, dtype=stack.stem.dtype), token_mask(own, alphabet)
    for number, window in enumerate(some):
        x, mask, edit = _layer(_Layer.of(stack, number), window, x, mask, edit)
    rest = stack.blocks[len(some) - 1 :]
    if not rest:
        whole = x[:, None] + _among(edit.values, edit.at, x.shape[1])
        return _rows(whole), _rows(_of_rows(mask, edit))
    # An edit reaches all of what the next layer gives, though not all that it sees.
    layer = _Layer.of(stack, len(some))
    delta = _convolved(edit.values, jnp.asarray(layer.kernel), layer.dilation)
    at = edit.at - layer.right
    whole = layer.linear(x)[:, None] + _among(delta, at, x.shape[1])
    add = None
    if layer.residual:
        add = _rows(x[:, None] + _among(edit.values, edit.at, x.shape[1]))
    found, mask = layer.finish(_rows(whole), _rows(_of_rows(mask, edit)), add=add)
    for block in rest[1:]:
        found, mask = block(found, mask)
    return found, mask


class _Edit(NamedTuple):
    """What an edit of each row changes of a layer's values.

    Attributes:
        values: The differences from those of the sequence itself, by position.
        at: The first of these positions, which may lie before the sequence.
        least: The least of all that it could be.
        most: The largest.
    """

    values: Float[Array, "strands rows some dim"]
    at: Int[Array, "strands rows"]
    least: int
    most: int


class _Layer(NamedTuple):
    """A convolution of a stack, and what follows it."""

    kernel: Float[Array, "taps dim features"]
    dilation: int
    linear: Any
    finish: NormActPool
    residual: bool

    @classmethod
    def of(cls, stack: ConvStack, number: int) -> "_Layer":
        """The layer of a number, from 0."""
        if number == 0:
            flat = stack.stem.project.kernel[...]
            kernel = flat.reshape(stack.stem.kernel_size, -1, flat.shape[-1])
            return cls(kernel, 1, stack.stem, stack.finish, False)
        block = stack.blocks[number - 1]
        conv = block.conv
        kernel = conv.kernel[...]
        return cls(kernel, conv.dilation, conv, block.finish, block.residual)

    @property
    def right(self) -> int:
        """Positions after a result that it sees."""
        reach = (len(self.kernel) - 1) * self.dilation
        return reach - reach // 2


def _edit(stack: ConvStack, each: UInt8[Array, "strands rows len"]) -> _Edit:
    """The differences of one-hot rows from the first."""
    own = each[:, :1]
    at = (each != own).argmax(axis=2)  # 0 for the sequence itself
    codes = jnp.take_along_axis(each, at[..., None], axis=2)
    before = jnp.take_along_axis(own[:, 0], at, axis=1)[..., None]
    hot = functools.partial(one_hot, alphabet=stack.alphabet, dtype=stack.stem.dtype)
    values = _rows(hot(_rows(codes)) - hot(_rows(before)), each.shape[:2])
    return _Edit(values, at, 0, each.shape[2] - 1)


def _layer(
    layer: _Layer,
    window: Window,
    x: Float[Array, "strands len dim"],
    mask: Bool[Array, "strands len"],
    edit: _Edit,
) -> tuple[Array, Array, _Edit]:
    """What a layer gives for the sequence itself, and the differences of each row."""
    before = layer.linear(x)
    add = x if layer.residual else None
    found, short = layer.finish(before, mask, add=add)
    moved = (edit.at - layer.right) // window.pool
    first = moved * window.pool
    least, most = ((y - layer.right) // window.pool for y in (edit.least, edit.most))
    ends = window.pool * least, window.pool * most + window.wide
    shift = edit.at - layer.right - first
    cut = functools.partial(_about, first=first, size=window.wide, ends=ends)
    delta = _convolved(edit.values, jnp.asarray(layer.kernel), layer.dilation)
    values = cut(before) + _shifted(delta, shift, window)
    if layer.residual:
        middle = jnp.pad(edit.values, ((0, 0), (0, 0), (layer.right, 0), (0, 0)))
        add = _rows(cut(x) + _shifted(middle, shift, window))
    after, _ = layer.finish(_rows(values), _rows(cut(mask)), add=add)
    ends = least, most + window.outputs
    usual = _about(found, first=moved, size=window.outputs, ends=ends)
    patch = _rows(after, edit.at.shape) - usual
    return found, short, _Edit(patch, moved, least, most)


def _convolved(
    values: Float[Array, "strands rows some dim"],
    kernel: Float[Array, "taps dim features"],
    dilation: int,
) -> Float[Array, "strands rows more features"]:
    """All that a convolution makes of differences, from the first that one reaches."""
    taps, dim, features = kernel.shape
    flat = kernel.astype(values.dtype).transpose(1, 0, 2).reshape(dim, -1)
    each = product(_rows(values), flat)
    each = each.reshape(*values.shape[:3], taps, features)
    if values.shape[2] == 1 and dilation == 1:
        return each[:, :, 0, ::-1]
    reach = (taps - 1) * dilation
    return functools.reduce(
        lambda a, b: a + b,
        (
            jnp.pad(
                each[:, :, :, tap],
                ((0, 0), (0, 0), (reach - tap * dilation, tap * dilation), (0, 0)),
            )
            for tap in range(taps)
        ),
    )


def _shifted(
    values: Float[Array, "strands rows some dim"],
    shift: Int[Array, "strands rows"],
    window: Window,
) -> Float[Array, "strands rows wide dim"]:
    """Values within whole max windows, from the position of each row on."""
    more = window.wide - values.shape[2]
    found = jnp.pad(values, ((0, 0), (0, 0), (0, more), (0, 0)))
    for by in range(1, window.pool):
        other = jnp.pad(values, ((0, 0), (0, 0), (by, more - by), (0, 0)))
        found = jnp.where(shift[..., None, None] == by, other, found)
    return found


def _about(
    values: Shaped[Array, "strands len *dim"],
    first: Int[Array, "strands rows"],
    size: int,
    ends: tuple[int, int],
) -> Shaped[Array, "strands rows some *dim"]:
    """So many positions of the sequence itself for each row; zeros beyond its ends."""
    before, after = max(-ends[0], 0), max(ends[1] - values.shape[1], 0)
    others = ((0, 0),) * (values.ndim - 2)
    padded = jnp.pad(values, ((0, 0), (before, after), *others))

    def cut(values: Array, start: Array) -> Array:
        return jax.lax.dynamic_slice_in_dim(values, start, size)

    return jax.vmap(jax.vmap(cut, in_axes=(None, 0)))(padded, first + before)


def _among(
    values: Float[Array, "strands rows some dim"],
    at: Int[Array, "strands rows"],
    length: int,
) -> Float[Array, "strands rows len dim"]:
    """Values from a position of each row on, among zeros."""
    place = jnp.arange(length)[None, None] - at[..., None]
    inside = (place >= 0) & (place < values.shape[2])
    place = jnp.clip(place, 0, values.shape[2] - 1)
    moved = jnp.take_along_axis(values, place[..., None], axis=2)
    return jnp.where(inside[..., None], moved, 0)


def _of_rows(mask: Bool[Array, "strands len"], edit: _Edit) -> Bool[Array, "..."]:
    return jnp.broadcast_to(mask[:, None], (*edit.at.shape, mask.shape[1]))


def _rows(
    values: Shaped[Array, "..."], shape: tuple[int, ...] | None = None
) -> Shaped[Array, "..."]:
    """The rows of all strands below each other; with a shape, by strand again."""
    if shape is None:
        return values.reshape(-1, *values.shape[2:])
    return values.reshape(*shape, *values.shape[1:])
