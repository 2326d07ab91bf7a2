"""The textbook expression model: a perceptron 1000-64-64-1 on 1,000 x 1,000 numbers.

    python benchmarks/speed/mlp.py [--quick]

Adam, batch 32, 10 epochs, rows shuffled in each. Three cases: once everything is warm;
and the whole process, from `import` to written predictions, with an empty and with a
filled folder of compiled programs.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import harness
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pandas as pd
import twins

from jaxbio.tasks import Regression
from jaxbio.train import make_train_step, scan_steps

ROWS, COLUMNS, HIDDEN, BATCH, EPOCHS = 1000, 1000, (64, 64), 32, 10
WARM = f"{EPOCHS} epochs"
IN_A_ROW = 4
"""How often ten epochs are trained in one timed call."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("mlp", __doc__, arguments)
    steady(suite)
    if not suite.alone:
        whole_process(suite)
    return 0


def steady(suite: harness.Suite) -> None:
    """Ten epochs once everything is compiled."""
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, COLUMNS)).astype(np.float32)
    y = random.normal(size=(ROWS, 1)).astype(np.float32)
    module = twins.perceptron(COLUMNS, HIDDEN)
    ours = jaxbio_epochs(module, x, y)
    outputs = jax.jit(lambda x: module(x))(x)
    measure: dict[str, Any] = {
        "repeats": 5 if suite.quick else 15,
        "flops": EPOCHS * ROWS * twins.perceptron_flops(COLUMNS, HIDDEN),
        "per": IN_A_ROW,
    }
    if suite.alone:
        suite.compare(WARM, "none", again(ours), None, agreement=None, **measure)
    if suite.peer("tensorflow", WARM, "Keras fit"):
        twin = twins.keras_perceptron(module)
        found = harness.agree(outputs, twin.predict(x, verbose=0))
        suite.compare(
            WARM,
            "Keras fit",
            again(ours),
            again(keras_epochs(twin, x, y)),
            agreement=found,
            **measure,
        )
    loops = {
        "PyTorch loop": torch_loop,
        "PyTorch indexing": torch_indexing,
        "PyTorch compiled": torch_compiled,
    }
    torch = suite.peer("torch", WARM, *loops)
    for peer, loop in loops.items():
        if torch is None or not suite.wants(peer):
            continue
        with suite.attempt(WARM, peer):
            twin = twins.torch_perceptron(module)
            with torch.no_grad():
                found = harness.agree(outputs, twin(torch.tensor(x)).numpy())
            device = harness.torch_device()
            data = torch.tensor(x).to(device), torch.tensor(y).to(device)
            theirs = loop(twin.to(device), *data)
            suite.compare(
                WARM, peer, again(ours), again(theirs), agreement=found, **measure
            )


def again(work: Callable[[], Any]) -> Callable[[], Any]:
    """The same several times: ten epochs alone are over before the cores are awake."""
    return lambda: [work() for _ in range(IN_A_ROW)]


def jaxbio_epochs(module: Any, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    """All epochs in one program, the shuffling included."""
    state, step = make_train_step(
        module, Regression(), optax.adam(1e-3), key=jax.random.key(0)
    )
    steps = scan_steps(step)
    padded = -(-ROWS // BATCH) * BATCH

    def epochs(state: Any, key: jax.Array, x: jax.Array, y: jax.Array):
        def epoch(state: Any, key: jax.Array):
            rows = jax.random.permutation(key, ROWS)
            rows = jnp.pad(rows, (0, padded - ROWS)).reshape(-1, BATCH)
            counted = (jnp.arange(padded) < ROWS).reshape(-1, BATCH)
            batches = {"inputs": x[rows], "targets": y[rows]}
            batches["weights"] = counted.astype(jnp.float32)
            state, metrics = steps(state, batches)
            return state, metrics["loss"]

        return jax.lax.scan(epoch, state, jax.random.split(key, EPOCHS))

    run = jax.jit(epochs, donate_argnums=0)
    arrays = jax.device_put((x, y))
    kept = [jax.tree.map(jnp.copy, state), jax.random.key(1)]

    def work() -> Any:
        kept[1], key = jax.random.split(kept[1])
        kept[0], losses = run(kept[0], key, *arrays)
        return jax.block_until_ready(losses)

    return work


def keras_epochs(twin: Any, x: np.ndarray, y: np.ndarray) -> Callable[[], Any]:
    """`fit` of a compiled model; the warm-up has traced it."""
    return lambda: twin.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0)


def torch_loop(model: Any, x: Any, y: Any) -> Callable[[], Any]:
    """The loop of the tutorials: a `DataLoader` over a `TensorDataset`."""
    from torch.utils.data import DataLoader, TensorDataset

    loader = DataLoader(TensorDataset(x, y), batch_size=BATCH, shuffle=True)
    return _torch_epochs(model, model, lambda: loader)


def torch_indexing(model: Any, x: Any, y: Any) -> Callable[[], Any]:
    """A faster one: rows are taken from the tensors by index."""
    return _torch_epochs(model, model, lambda: _indexed(x, y))


def torch_compiled(model: Any, x: Any, y: Any) -> Callable[[], Any]:
    """The faster one, with the module through `torch.compile`."""
    import torch

    compiled = torch.compile(model, dynamic=False)
    return _torch_epochs(model, compiled, lambda: _indexed(x, y))


def _indexed(x: Any, y: Any):
    import torch

    for rows in torch.randperm(len(x), device=x.device).split(BATCH):
        yield x[rows], y[rows]


def _torch_epochs(model: Any, forward: Any, batches: Callable) -> Callable[[], Any]:
    import torch

    optimizer = torch.optim.Adam(model.parameters(), 1e-3)

    def work() -> None:
        for _ in range(EPOCHS):
            for x, y in batches():
                optimizer.zero_grad()
                loss = ((forward(x) - y) ** 2).mean()
                loss.backward()
                optimizer.step()
        harness.torch_wait()

    return work


def whole_process(suite: harness.Suite) -> None:
    """From the start of Python to predictions on disk: `user_jaxbio`, `user_keras`."""
    cases = {name: f"whole process, {name} cache" for name in ("cold", "warm")}
    if not suite.wants("Keras"):
        return
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        truth = write_data(root)
        for name, case in cases.items():
            if suite.peer("tensorflow", case, "Keras") is None:
                continue
            number = iter(range(1000))

            def ours(name: str = name, number: Any = number) -> None:
                cache = root / (f"cold{next(number)}" if name == "cold" else "warm")
                _run(here / "users" / "jaxbio_fit.py", root, root / "ours.csv", cache)

            def theirs() -> None:
                _run(
                    here / "users" / "keras_fit.py",
                    root,
                    root / "theirs.csv",
                    root / "none",
                )

            ours(), theirs()
            suite.compare(
                case,
                "Keras",
                ours,
                theirs,
                agreement=None,  # each starts from its own initial values
                repeats=2 if suite.quick else 7,
                warmup=0,
                jaxbio_correlation=_correlation(root / "ours.csv", truth),
                peer_correlation=_correlation(root / "theirs.csv", truth),
            )


def write_data(root: Path) -> np.ndarray:
    """Write `train.csv` and `valid.csv`.

    Returns:
        The truth of the validation rows.
    """
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS + ROWS // 5, COLUMNS))
    y = x[:, :20].sum(axis=1) + random.normal(size=len(x))
    table = pd.DataFrame(
        x.astype(np.float32), columns=[f"g{i}" for i in range(COLUMNS)]
    )
    table["y"] = y
    table[:ROWS].to_csv(root / "train.csv", index=False)
    table[ROWS:].to_csv(root / "valid.csv", index=False)
    return y[ROWS:]


def _run(script: Path, root: Path, out: Path, cache: Path) -> None:
    cached = {
        "JAX_COMPILATION_CACHE_DIR": str(cache),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.2",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    words = [sys.executable, script, root / "train.csv", root / "valid.csv", out]
    done = subprocess.run(
        words, env=os.environ | cached, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{script.name} failed:\n{done.stderr[-2000:]}")


def _correlation(path: Path, truth: np.ndarray) -> float:
    predicted = pd.read_csv(path)["y"]
    return round(float(np.corrcoef(predicted, truth)[0, 1]), 3)


if __name__ == "__main__":
    sys.exit(main())
