"""Training of a convolutional network in jaxbio and in PyTorch, and their agreement.

Both have the batches in memory in the form that suits them: tokens for jaxbio, one-hot
`float32` rows for PyTorch, whose users' loaders make them. jaxbio makes all steps in
one compiled program, as its own training does; PyTorch has its usual loop.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import harness
import jax
import jax.numpy as jnp
import numpy as np
import optax
import twins
from flax import nnx

from jaxbio.tasks import Regression
from jaxbio.train import make_train_step, scan_steps

RATE = 1e-3


def random_batches(
    shape: twins.Shape, *, steps: int, size: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Tokens `[steps size len]` and targets `[steps size outputs]`."""
    random = np.random.default_rng(seed)
    tokens = random.integers(0, twins.SYMBOLS, (steps, size, shape.length))
    targets = random.normal(size=(steps, size, shape.outputs))
    return tokens.astype(np.uint8), targets.astype(np.float32)


def jaxbio_steps(
    module: nnx.Module, tokens: np.ndarray, targets: np.ndarray
) -> Callable[[], Any]:
    """A function that makes one step of Adam on each batch, and waits."""
    key, adam = jax.random.key(0), optax.adam(RATE)
    state, step = make_train_step(module, Regression(), adam, key=key)
    many = jax.jit(scan_steps(step), donate_argnums=0)
    batches = jax.device_put(
        {
            "inputs": tokens,
            "targets": targets,
            "weights": np.ones(tokens.shape[:2], np.float32),
        }
    )
    kept = [jax.tree.map(jnp.copy, state)]

    def work() -> Any:
        kept[0], metrics = many(kept[0], batches)
        return jax.block_until_ready(metrics["loss"])

    return work


def torch_steps(
    model: Any,
    inputs: np.ndarray,
    targets: np.ndarray,
    *,
    tokens: bool = True,
    compiled: bool = False,
    half: bool = False,
) -> Callable[[], Any]:
    """The same in PyTorch: the usual loop over batches that are in memory.

    Args:
        model: The twin; trained in place.
        inputs: `[steps size len]` or `[steps size columns]`.
        targets: `[steps size outputs]`.
        tokens: Whether inputs are tokens, which become one-hot.
        compiled: Whether the module goes through `torch.compile`.
        half: Whether to compute in bfloat16 (`torch.autocast`).
    """
    import torch

    device = harness.torch_device()
    model = model.to(device).train()
    optimizer = torch.optim.Adam(model.parameters(), RATE)
    forward = torch.compile(model) if compiled else model
    prepare = twins.torch_one_hot if tokens else torch.tensor
    given = [prepare(batch).to(device) for batch in inputs]
    wanted = torch.tensor(targets).to(device)

    def work() -> None:
        for x, y in zip(given, wanted, strict=True):
            optimizer.zero_grad()
            with torch.autocast(device, torch.bfloat16, enabled=half):
                outputs = forward(x)
            loss = ((outputs.float() - y) ** 2).mean()
            loss.backward()
            optimizer.step()
        harness.torch_wait()

    return work


def agreement(shape: twins.Shape, *, size: int = 16) -> float:
    """The largest difference of outputs, and relative one of a loss without dropout.

    Raises:
        SystemExit: If the networks are not the same.
    """
    import torch

    shape = dataclasses.replace(shape, dense_dropout=0.0)
    tokens, targets = (x[0] for x in random_batches(shape, steps=1, size=size, seed=1))
    module = twins.conv_net(shape)
    twin = twins.torch_conv_net(module, shape).to(harness.torch_device())
    x = twins.torch_one_hot(tokens).to(harness.torch_device())
    with torch.no_grad():
        theirs = twin.eval()(x).cpu().numpy()
        loss = ((twin.train()(x).cpu() - torch.tensor(targets)) ** 2).mean().item()
    evaluated = nnx.view(
        module, deterministic=True, use_running_average=True, raise_if_not_found=False
    )
    ours = nnx.jit(lambda module, tokens: module(tokens))(evaluated, tokens)
    key = jax.random.key(0)
    state, step = make_train_step(module, Regression(), optax.adam(RATE), key=key)
    batch = {"inputs": tokens, "targets": targets, "weights": np.ones(size, "f4")}
    trained = jax.jit(step)(state, batch)[1]["loss"]
    return max(harness.agree(ours, theirs), harness.agree(trained / loss, 1.0))


def against_torch(
    suite: harness.Suite,
    case: str,
    shape: twins.Shape,
    *,
    size: int,
    steps: int,
    repeats: int,
    dtype: Any = jnp.float32,
    compiled: bool = True,
) -> None:
    """One line for each of PyTorch's two forms.

    Args:
        suite: Where the lines go.
        case: Their name.
        shape: What is trained.
        size: Rows a batch.
        steps: Steps a call.
        repeats: Timed calls.
        dtype: Of the computation, on both sides.
        compiled: Whether `torch.compile` is a peer, too.
    """
    tokens, targets = random_batches(shape, steps=steps, size=size)
    half = dtype == jnp.bfloat16
    measure: dict[str, Any] = {
        "repeats": repeats,
        "per": steps,
        "flops": size * shape.flops,
        "precision": "bfloat16" if half else None,
        "batch": size,
    }
    module = twins.conv_net(shape, dtype=dtype)
    ours = jaxbio_steps(module, tokens, targets)
    if suite.alone:
        suite.compare(case, "none", ours, None, agreement=None, **measure)
        return
    peers = ("PyTorch eager", "PyTorch compiled") if compiled else ("PyTorch eager",)
    if suite.peer("torch", case, *peers) is None:
        return
    found = agreement(shape)
    for peer in peers:
        if not suite.wants(peer):
            continue
        with suite.attempt(case, peer):
            theirs = torch_steps(
                twins.torch_conv_net(module, shape),
                tokens,
                targets,
                compiled=peer == "PyTorch compiled",
                half=half,
            )
            suite.compare(case, peer, ours, theirs, agreement=found, **measure)
