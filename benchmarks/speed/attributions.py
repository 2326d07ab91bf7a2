"""Explanations of sequences against tangermeme, on the same weights.

    python benchmarks/speed/attributions.py [--quick]

A network of DeepSTARR's shape, single-stranded, with the same weights on both sides.
DeepLIFT of some sequences beside the same 20 references each, and all substitutions of
one sequence; both sides begin with one-hot arrays or codes and end with NumPy's.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import harness
import jax
import jax.numpy as jnp
import numpy as np
import predict

import jaxbio as jb
from jaxbio.explain import deeplift_shap, ism

CASES = ("DeepLIFT, 20 references each", "all substitutions of a sequence")
PEER = "tangermeme"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("attributions", __doc__, arguments)
    found = None if suite.alone else suite.peer("tangermeme", CASES[0], PEER)
    if found is not None or suite.alone:
        with tempfile.TemporaryDirectory() as folder:
            measure(suite, Path(folder))
    return 0


def measure(suite: harness.Suite, folder: Path) -> None:
    """Both rows."""
    count, repeats = (2, 2) if suite.quick else (8, 3)
    predictor = predict.trained_run(folder / "run")
    function, params = predictor.function(inputs="one_hot")
    tokens, codes = predictor.function()
    random = np.random.default_rng(0)
    shape = (count, 21, predict.SHAPE.length)
    hot = np.eye(4, dtype=np.float32)[random.integers(0, 4, shape)]
    x, references = hot[:, 0], hot[:, 1:]

    def output(x: Any) -> Any:
        return function(params, {"sequence": x})["activity"].reshape(len(x), -1)[:, 0]

    explain = jax.jit(lambda x, r: deeplift_shap(output, x, r))

    def ours() -> np.ndarray:
        return np.asarray(explain(x, references).values)

    text = hot[0, 0].argmax(axis=1).astype(np.uint8)

    def score(tokens_of: Any) -> Any:
        found = tokens(codes, {"sequence": tokens_of})["activity"]
        return found.reshape(len(tokens_of), -1)[:, 0]

    score = jax.jit(score)

    def substitutions() -> np.ndarray:
        return ism(score, text, jb.DNA)

    if suite.alone:
        suite.compare(CASES[0], "none", ours, None, agreement=None, repeats=repeats)
        suite.compare(
            CASES[1], "none", substitutions, None, agreement=None, repeats=repeats
        )
        return
    twin = predict.torch_twin(predictor)

    def theirs() -> np.ndarray:
        return tangermeme_deeplift(twin, x, references)

    size = np.abs(theirs().sum(axis=2)).max()
    found = explain(x, references)
    delta = float(jnp.abs(found.delta / (found.output - found.base)).max())
    suite.compare(
        CASES[0], PEER, ours, theirs,
        agreement=float(np.abs(ours().sum(2) - theirs().sum(2)).max() / size),
        repeats=repeats, warmup=1, rows=count, delta=delta,
    )  # fmt: skip

    def their_substitutions() -> np.ndarray:
        return tangermeme_ism(twin, hot[0, :1])

    own, other = substitutions(), their_substitutions()
    suite.compare(
        CASES[1], PEER, substitutions, their_substitutions,
        agreement=float(np.abs(own - other).max() / np.abs(other).max()),
        repeats=repeats, warmup=1, rows=3 * len(text),
    )  # fmt: skip


def tangermeme_deeplift(twin: Any, x: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Contributions `[n len symbols]`."""
    import torch
    from tangermeme.deep_lift_shap import deep_lift_shap

    found: Any = deep_lift_shap(
        twin,
        torch.from_numpy(np.ascontiguousarray(x.swapaxes(1, 2))),
        references=torch.from_numpy(np.ascontiguousarray(references.swapaxes(2, 3))),
        device="cpu",
        warning_threshold=1.0,
    )
    return found.numpy().swapaxes(1, 2)


def tangermeme_ism(twin: Any, x: np.ndarray) -> np.ndarray:
    """Changes of the first output by each substitution, `[len symbols]`."""
    import torch
    from tangermeme.saturation_mutagenesis import saturation_mutagenesis

    rows = torch.from_numpy(np.ascontiguousarray(x.swapaxes(1, 2)))
    result: Any = saturation_mutagenesis(
        twin, rows, raw_outputs=True, device="cpu", batch_size=128
    )
    own, changed = result[:2]
    values = changed.numpy()[0][..., 0] - own.numpy()[0, 0]
    return values.T if values.shape[0] == 4 else values


if __name__ == "__main__":
    sys.exit(main())
