"""Proteins: secondary structure of many chains against PyTorch, and folding.

    python benchmarks/speed/structure.py [--quick]

10,000 random chains of 300 residues, from strings to strings of three states, through
the package's network for values along proteins with the same weights on both sides.
PyTorch takes one chain at a time, as the predictors that one can download do; a second
row has it take 32 at a time, which costs it no padding here as the chains are of one
length (jaxbio pads them to 304, as it does after training on chains of many lengths).
On a machine that has other work to do, let both have one core, as PyTorch's threads
then wait for each other:
`taskset -c 0 python benchmarks/speed/structure.py --peer PyTorch`.

Folding has no peer: its rows set the seconds for 100 residues against 20.
Cold is a whole process, from `import` to coordinates on the disk, without a folder of
compiled programs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import harness
import numpy as np
import twins
from flax import nnx

import jaxbio as jb
from jaxbio.alphabet import PROTEIN
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.metrics.contacts import distances
from jaxbio.nn.modes import evaluation_graph
from jaxbio.run.plan import builder
from jaxbio.run.recommendation import choose_model
from jaxbio.structure.folding.distogram import EDGES
from jaxbio.structure.folding.initial import unfolded_backbones
from jaxbio.structure.folding.ramachandran import SURE
from jaxbio.structure.geometry import torsions, virtual_cb
from jaxbio.structure.metrics import tm_score
from jaxbio.tasks import MultiClass, Objective

AMINO_ACIDS, STATES, LENGTH = "ACDEFGHIKLMNPQRSTVWY", "CEH", 300
CHAINS, CHECKED = 10_000, 64
CASE, FOLD = "secondary structure", "fold 100 residues"
BATCHES = {"PyTorch chain by chain": 1, "PyTorch batches of 32": 32}
SHARPER = 20  # the head's weights
ALLOWED_S, ALLOWED = 20, "20 seconds"
SCHEMA = Schema(
    (
        SequenceSpec(
            "sequence",
            "protein",
            alphabet=PROTEIN,
            min_length=20,
            max_length=LENGTH,
            buckets=(304,),
        ),
    ),
    (
        TargetSpec(
            "ss3",
            "class",
            per_position=True,
            classes=tuple(STATES),
            frequencies=(1,) * 3,
        ),
    ),
    n_train=CHAINS,
)
"""Like that of chains of many lengths; the padded length is a multiple of 8."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("structure", __doc__, arguments, add_chains)
    secondary_structure(suite)
    if suite.alone or suite.wants(ALLOWED):
        with tempfile.TemporaryDirectory() as folder:
            folding(suite, Path(folder))
    return 0


def add_chains(parser: argparse.ArgumentParser) -> None:
    """The option that is this script's own."""
    parser.add_argument(
        "--chains", type=int, help="how many: 10,000, or 300 with --quick"
    )


def secondary_structure(suite: harness.Suite) -> None:
    """The rows of the prediction of three states."""
    torch = None if suite.alone else suite.peer("torch", CASE, *BATCHES)
    if torch is None and not suite.alone:
        return
    chains = random_chains(suite.options.chains or (300 if suite.quick else CHAINS))
    module, predictor = network()
    measure: dict[str, Any] = {
        "repeats": 3,
        "warmup": 1,  # the comparison of outputs compiles for few chains only
        "flops": len(chains) * LENGTH * flops(module),
        "chains": len(chains),
    }

    def ours() -> np.ndarray:
        return predictor(chains).columns()["ss3"]

    if suite.alone:
        predictor(chains[:CHECKED])
        suite.compare(CASE, "none", ours, None, agreement=None, **measure)
        return
    twin = torch_twin(module)
    for peer, size in BATCHES.items():
        if suite.wants(peer):
            suite.compare(
                CASE,
                peer,
                ours,
                lambda size=size: torch_states(twin, chains, size),
                agreement=agreement(predictor, twin, chains[:CHECKED], size),
                derive=lambda timing: rates(timing, len(chains) * LENGTH),
                **measure,
            )


def rates(timing: harness.Timing, residues: int) -> dict[str, float]:
    """Residues a second of both sides."""
    ours, theirs = (residues / np.median(times) for times in timing)
    return {
        "jaxbio_residues_per_s": round(float(ours)),
        "peer_residues_per_s": round(float(theirs)),
    }


def random_chains(count: int, *, seed: int = 0) -> list[str]:
    """Amino acids, all alike likely."""
    letters = np.frombuffer(AMINO_ACIDS.encode(), np.uint8)
    drawn = np.random.default_rng(seed).choice(letters, (count, LENGTH))
    return [row.tobytes().decode() for row in drawn]


def network(*, seed: int = 0) -> tuple[nnx.Module, jb.Predictor]:
    """The package's choice for values along proteins, not trained, and its predictor.

    Its batch statistics are not those of the start, which would hide them, and its
    outputs are spread as those of a trained network.
    """
    task = MultiClass(per_position=True)
    objective = Objective.of({"ss3": task}, SCHEMA)
    build = builder(choose_model(SCHEMA), SCHEMA, objective, "float32")
    module = nnx.jit(lambda: build(nnx.Rngs(seed)))()
    random = np.random.default_rng(seed)
    for norm in norms(module):
        size = norm.mean.shape
        norm.mean[...] = random.normal(scale=0.1, size=size).astype(np.float32)
        norm.bias[...] = random.normal(scale=0.1, size=size).astype(np.float32)
        norm.var[...] = random.uniform(0.5, 1.5, size).astype(np.float32)
        norm.scale[...] = random.uniform(0.5, 1.5, size).astype(np.float32)
    head = module.heads["ss3"]
    head.kernel[...] *= SHARPER
    middle = np.log(predictor_of(module, objective)(random_chains(8)).values).mean(
        (0, 1)
    )
    head.bias[...] -= middle  # all states are to be seen
    return module, predictor_of(module, objective)


def predictor_of(module: nnx.Module, objective: Objective) -> jb.Predictor:
    """What takes strings."""
    _, params, rest = nnx.split(module, nnx.Param, ...)
    member = {
        "params": nnx.to_pure_dict(params),
        "model_state": nnx.to_pure_dict(rest),
    }
    return jb.Predictor(SCHEMA, objective, evaluation_graph(module), [member])


def norms(module: Any) -> list[Any]:
    """The batch normalisations, in order."""
    convs = module.encoders["sequence"].convs
    return [part.finish.norm.layer for part in (convs, *convs.blocks)]


def torch_twin(module: Any) -> Any:
    """The same network in PyTorch, from one-hot `[batch symbols len]` to logits.

    Returns:
        A module that gives `[batch len states]`.
    """
    import torch
    from torch import nn

    encoder = module.encoders["sequence"]
    stem, blocks = encoder.convs.stem, encoder.convs.blocks
    (hidden,), head = module.trunks["position"].layers, module.heads["ss3"]
    kernels = [twins.stem_kernel(stem), *(block.conv.kernel[...] for block in blocks)]
    biases = [stem.project.bias, *(block.conv.bias for block in blocks)]
    layers: list[Any] = []
    for kernel, bias, norm in zip(kernels, biases, norms(module), strict=True):
        taps, before, after = kernel.shape
        conv = nn.Conv1d(before, after, taps, padding=taps // 2)
        twins.assign(conv, weight=kernel.transpose(2, 1, 0), bias=bias[...])
        same = nn.BatchNorm1d(after)
        twins.assign(same, weight=norm.scale[...], bias=norm.bias[...])
        twins.assign(same, running_mean=norm.mean[...], running_var=norm.var[...])
        layers += [conv, same, nn.ReLU()]

    class Twin(nn.Module):
        """Convolutions, LSTM, hidden layer; the head sees what goes into it, too."""

        def __init__(self):
            super().__init__()
            width = encoder.recurrent.last_forward
            self.convs = nn.Sequential(*layers)
            self.lstm = nn.LSTM(after, width, bidirectional=True, batch_first=True)
            self.hidden = nn.Linear(*hidden.kernel.shape)
            self.head = nn.Linear(*head.kernel.shape)

        def forward(self, x):
            states, _ = self.lstm(self.convs(x).transpose(1, 2))
            seen = nn.functional.relu(self.hidden(states))
            return self.head(torch.cat([seen, states], -1))

    twin = Twin()
    twins.assign(twin.lstm, **twins.lstm_values(encoder.recurrent))
    for theirs, mine in ((twin.hidden, hidden), (twin.head, head)):
        twins.assign(theirs, weight=mine.kernel[...].T, bias=mine.bias[...])
    return twin.eval().to(harness.torch_device())


def flops(module: Any) -> float:
    """Of the prediction of one residue."""
    encoder = module.encoders["sequence"]
    convs = [encoder.convs.stem.project, *(b.conv for b in encoder.convs.blocks)]
    ways = [*encoder.recurrent.forward, *encoder.recurrent.backward]
    dense = [*module.trunks["position"].layers, module.heads["ss3"]]
    kernels = [layer.kernel for layer in (*convs, *dense)]
    kernels += [kernel for way in ways for kernel in (way.project.kernel, way.recur)]
    return 2.0 * sum(kernel.size for kernel in kernels)


def one_hot_table() -> np.ndarray:
    """A row of numbers for each byte, in jaxbio's order of the amino acids."""
    table = np.zeros((256, PROTEIN.size), np.float32)
    letters = np.frombuffer(PROTEIN.symbols.encode(), np.uint8)
    table[letters] = np.eye(len(letters))
    return table


ONE_HOT = one_hot_table()
LETTERS = np.frombuffer(STATES.encode(), np.uint8)


def torch_logits(twin: Any, chains: Sequence[str]) -> Any:
    """Of chains of one length, `[chains len states]`."""
    import torch

    rows = [ONE_HOT[np.frombuffer(chain.encode(), np.uint8)] for chain in chains]
    inputs = torch.from_numpy(np.stack(rows)).transpose(1, 2)
    with torch.inference_mode():
        return twin(inputs.to(harness.torch_device()))


def torch_states(twin: Any, chains: Sequence[str], size: int) -> list[str]:
    """The likeliest states, so many chains at a time."""
    found = []
    for part in batched(chains, size):
        best = torch_logits(twin, part).argmax(-1).cpu().numpy()
        found += [LETTERS[row].tobytes().decode() for row in best]
    return found


def agreement(
    predictor: jb.Predictor, twin: Any, chains: Sequence[str], size: int
) -> float:
    """The largest difference of the probabilities; all but ties have the same state."""
    parts = [torch_logits(twin, part) for part in batched(chains, size)]
    theirs = np.concatenate([part.softmax(-1).cpu().numpy() for part in parts])
    found = predictor(list(chains))
    largest = harness.agree(np.stack(found.values), theirs)
    ours = found.columns()["ss3"]
    pairs = zip("".join(ours), "".join(torch_states(twin, chains, size)), strict=True)
    if sum(a != b for a, b in pairs) > 1e-3 * len(chains) * LENGTH:
        raise SystemExit("states differ: nothing is timed")
    return largest


def batched(chains: Sequence[str], size: int) -> list[Sequence[str]]:
    """The chains, so many at a time."""
    return [chains[start : start + size] for start in range(0, len(chains), size)]


def folding(suite: harness.Suite, folder: Path) -> None:
    """The rows of folding, in a new process and in this one."""
    true, given = bundle()
    np.savez(folder / "chain.npz", **given)

    def cold() -> np.ndarray:
        return user_fold(folder / "chain.npz", folder / "folded.npy")

    def warm() -> np.ndarray:
        backbone = jb.structure.fold(
            given["distogram"],
            given["edges"],
            sequence=given["sequence"],
            torsions=given["torsions"],
        )
        return backbone.coordinates

    warm()
    repeats = 1 if suite.quick else 3
    for name, work in (("cold", cold), ("warm", warm)):
        models: list[np.ndarray] = []
        times = [
            harness.seconds(lambda work=work, kept=models: kept.append(work()))
            for _ in range(repeats)
        ]
        seconds = float(np.median(times))
        suite.write(
            f"{FOLD}, {name}",
            "none" if suite.alone else ALLOWED,
            {
                "ratio": round(ALLOWED_S / seconds, 3),
                "jaxbio_s": round(seconds, 3),
                "peer_s": ALLOWED_S,
                "spread": round(harness.spread(times), 4),
                "repeats": repeats,
                "agreement": None,
                "tm_score": round(tm_score(true[:, 1], models[-1][:, 1]), 3),
            },
        )


def bundle() -> tuple[np.ndarray, dict[str, Any]]:
    """A chain of four helices: its N, CA and C, and what `fold` is given of it."""
    helix, turn = [(-63.0, -42.0)] * 22, [(-80.0, 150.0), (-70.0, 120.0), (60.0, 40.0)]
    angles = np.deg2rad((helix + turn) * 4)
    sure = np.full(angles.shape, SURE)
    no_glycine = np.zeros(len(angles))
    (true,) = unfolded_backbones(angles, sure, no_glycine, starts=1, seed=0)
    apart = distances(virtual_cb(true[:, 0], true[:, 1], true[:, 2]))
    return true, {
        "distogram": jb.structure.from_distances(apart, np.array(EDGES)),
        "edges": np.array(EDGES),
        "sequence": "A" * len(true),
        "torsions": torsions(true)[:, :2],
    }


def user_fold(given: Path, out: Path) -> np.ndarray:
    """What `users/fold.py` writes, without programs that were compiled before."""
    script = Path(__file__).parent / "users" / "fold.py"
    done = subprocess.run(
        [sys.executable, script, given, out],
        env=os.environ | {"JAX_ENABLE_COMPILATION_CACHE": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{script.name} failed:\n{done.stderr[-2000:]}")
    return np.load(out)


if __name__ == "__main__":
    sys.exit(main())
