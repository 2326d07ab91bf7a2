"""Explanations of sequences against tangermeme, on the same weights.

    python benchmarks/speed/attributions.py [--quick]

Networks of DeepSTARR's and of BPNet's shape (a mean over 1,000 positions), of one
strand, with the same weights on both sides. DeepLIFT of some sequences beside the same
20 references each, and all substitutions of one sequence, also beside the whole network
for every one of them; both sides begin with one-hot arrays or codes and end with
NumPy's.
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
import twins

import jaxbio as jb
from jaxbio.explain import deeplift_shap, ism, substitution_effects

CASES = ("DeepLIFT, 20 references each", "all substitutions of a sequence")
PEER, LOOP = "tangermeme", "the whole network each time"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("attributions", __doc__, arguments)
    found = None if suite.alone else suite.peer("tangermeme", CASES[0], PEER)
    if found is not None or suite.alone:
        with tempfile.TemporaryDirectory() as folder:
            predictor = predict.trained_run(Path(folder) / "deepstarr")
            measure(suite, predictor)
            substitutions(suite, predictor, predict.SHAPE, CASES[1])
            other = predict.trained_run(Path(folder) / "bpnet", twins.BPNET)
            case = f"{CASES[1]} of 1,000 nt, dilated"
            substitutions(suite, other, twins.BPNET, case)
    return 0


def measure(suite: harness.Suite, predictor: jb.Predictor) -> None:
    """DeepLIFT."""
    count, repeats = (2, 2) if suite.quick else (8, 3)
    function, params = predictor.function(inputs="one_hot")
    random = np.random.default_rng(0)
    shape = (count, 21, predict.SHAPE.length)
    hot = np.eye(4, dtype=np.float32)[random.integers(0, 4, shape)]
    x, references = hot[:, 0], hot[:, 1:]

    def output(x: Any) -> Any:
        return function(params, {"sequence": x})["activity"].reshape(len(x), -1)[:, 0]

    explain = jax.jit(lambda x, r: deeplift_shap(output, x, r))

    def ours() -> np.ndarray:
        return np.asarray(explain(x, references).values)

    if suite.alone:
        suite.compare(CASES[0], "none", ours, None, agreement=None, repeats=repeats)
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


def substitutions(
    suite: harness.Suite, predictor: jb.Predictor, shape: twins.Shape, case: str
) -> None:
    """All substitutions of one sequence, by what they reach and by whole networks."""
    repeats = 2 if suite.quick else 3
    random = np.random.default_rng(0)
    codes = random.integers(0, 4, shape.length).astype(np.uint8)
    text = "".join("ACGT"[code] for code in codes)
    tokens, params = predictor.function()

    @jax.jit
    def score(rows: Any) -> Any:
        found = tokens(params, {"sequence": rows})["activity"]
        return found.reshape(len(rows), -1)[:, 0]

    def ours() -> np.ndarray:
        (found,) = substitution_effects(predictor, [text], label=predict.TARGETS[0])
        return found

    def loop() -> np.ndarray:
        return ism(score, codes, jb.DNA)

    if suite.alone:
        suite.compare(case, "none", ours, None, agreement=None, repeats=repeats)
        return
    twin = predict.torch_twin(predictor, shape)
    hot = np.eye(4, dtype=np.float32)[codes]

    def theirs() -> np.ndarray:
        return tangermeme_ism(twin, hot[None])

    own = ours()
    for peer, other in ((PEER, theirs), (LOOP, loop)):
        found = other()
        suite.compare(
            case, peer, ours, other,
            agreement=float(np.abs(own - found).max() / np.abs(found).max()),
            repeats=repeats, warmup=1, rows=3 * len(codes),
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
