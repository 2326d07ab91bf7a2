"""Effects of a treatment on each child, where both outcomes are known (IHDP)."""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import jaxbio as jb
from benchmarks.accuracy.medicine.common import line_of, local, minutes, seeds

_SHARES = (0.63, 0.27, 0.10)  # training, validation, test, as CEVAE has them
CANDIDATES = (
    (jb.Network(hidden=()), {"weight_decay": 1e-2}),
    (jb.Network(hidden=(64, 64), dropout=0.1), {"weight_decay": 1e-2}),
)
"""Networks among which validation rows choose for each arm."""


def ihdp(options: argparse.Namespace) -> Iterator[dict]:
    """A network for each arm; the effect is the difference of what they predict.

    Ten simulations, each with a split of its own. The score of one is the root of the
    mean squared error of the effects of its test rows (Hill 2011, J. Comput. Graph.
    Stat. 20, 217); a run's is the median over simulations, since a few have effects ten
    times as large. Only the outcome that was seen decides anything.
    """
    folder = local("tabular", "ihdp", options)
    if folder is None:
        return
    began = time.perf_counter()
    files = sorted(folder.glob("ihdp_npci_*.csv"))
    ours, theirs, means = [], [], []
    for seed in seeds(options, 3):
        pairs = np.array([_simulation(file, seed) for file in files])
        ours.append(float(np.median(pairs[:, 0])))
        theirs.append(float(np.median(pairs[:, 1])))
        means.append([round(float(value), 4) for value in pairs.mean(axis=0)])
        print(f"ihdp {seed} {pairs.round(3).tolist()}", file=sys.stderr, flush=True)
    yield line_of(
        "ihdp", "root PEHE, median", ours, float(np.mean(theirs)),
        rows=75, seeds=seeds(options, 3), simulations=len(files),
        baseline_name="histogram boosting, an arm each", means=means,
        minutes=minutes(began),
    )  # fmt: skip


def _simulation(file: Path, seed: int) -> tuple[float, float]:
    """The error of networks and that of boosting, on the test rows of a simulation."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    table = np.loadtxt(file, delimiter=",").astype(np.float32)
    arm, seen, children = table[:, 0].astype(int), table[:, 1], table[:, 5:]
    effect = table[:, 4] - table[:, 3]
    order = np.random.default_rng(seed).permutation(len(table))
    ends = (np.cumsum(_SHARES) * len(table)).round().astype(int)
    train, valid, test = np.split(order, ends[:2])
    networks, boosted = [], []
    for which in (0, 1):
        mine, held = train[arm[train] == which], valid[arm[valid] == which]
        networks.append(_network(children, seen, mine, held, test, seed))
        plain = HistGradientBoostingRegressor(random_state=seed)
        plain.fit(children[mine], seen[mine])
        boosted.append(plain.predict(children[test]))
    wrong = [found[1] - found[0] - effect[test] for found in (networks, boosted)]
    errors = [float(np.sqrt(np.mean(np.square(each)))) for each in wrong]
    return errors[0], errors[1]


def _network(
    children: np.ndarray,
    seen: np.ndarray,
    train: np.ndarray,
    valid: np.ndarray,
    test: np.ndarray,
    seed: int,
) -> np.ndarray:
    """What the network that validation rows prefer predicts of the test rows."""
    names = tuple(f"x{at}" for at in range(children.shape[1]))

    def part(rows: np.ndarray) -> jb.Dataset:
        target = jb.data.Numeric(seen[rows, None], ("y",))
        return jb.Dataset({"x": jb.data.Numeric(children[rows], names)}, {"y": target})

    runs = {}
    for model, settings in CANDIDATES:
        run = jb.fit(
            model, jb.Regression(), part(train), part(valid), seed=seed, members=3,
            epochs=120, patience=20, batch_size=min(32, len(train)),
            learning_rate=3e-3, baselines=False, **settings,
        )  # fmt: skip
        loss = np.mean([min(r["valid_loss"] for r in one) for one in run.history])
        runs[float(loss)] = run
    return runs[min(runs)].predictor(part(test)).values[:, 0]
