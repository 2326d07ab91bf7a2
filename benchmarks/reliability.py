"""Runs under kills and flipped bits: the same numbers, or a refusal.

    python -m benchmarks.reliability [--quick] [--kills N] [--flips N] [--seed N]
                                     [--json FILE]

A small training is killed (SIGKILL) at random moments and goes on by `resume=True`, and
its weights and history are compared bit for bit with those of an undisturbed run. Then
single bits are flipped in the files of a finished run: each flip must be refused, or
leave predictions and scores as they were. Anything else is a fault, listed with what
makes it again.
"""

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.errors import JaxbioError
from jaxbio.models import MLP
from jaxbio.run.checkpoint import digest, flatten
from jaxbio.run.fitting import Run, fit, load_run
from jaxbio.tasks import Regression

KILLS, FLIPS = 200, 500
QUICK = 5
EPOCHS = 40
_CHILD = "from benchmarks.reliability import train; import sys; train(sys.argv[1])"


def rows(seed: int = 0) -> Dataset:
    """Weighted sums of three columns."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(60, 3)).astype(np.float32)
    sums = (values @ np.array([[1.0], [-2.0], [0.5]])).astype(np.float32)
    x = Numeric(values, ("a", "b", "c"))
    return Dataset({"x": x}, {"y": Numeric(sums, ("y",))})


def train(out: str | Path, *, epochs: int = EPOCHS) -> Run:
    """A small training of two networks that goes on with what is in the folder."""
    return fit(
        MLP(hidden=(4,)), Regression(), rows(), rows(1), test=rows(2), out=out,
        resume=True, epochs=epochs, members=2, batch_size=20, patience=0,
    )  # fmt: skip


def outcome(run: Run) -> dict[str, Any]:
    """What has to be the same: weights, history without times, and test scores."""
    history = [
        [{k: v for k, v in record.items() if k != "seconds"} for record in member]
        for member in run.history
    ]
    weights = [digest(flatten(member)) for member in run.predictor.members]
    return {"weights": weights, "history": history, "scores": seen(run)["scores"]}


def seen(run: Run) -> dict[str, Any]:
    """What a user sees of a run: predictions, scores kept and scores made again."""
    return {
        "predictions": run.predictor(rows(3)).values.tolist(),
        "scores": {name: each.to_dict() for name, each in run.scores.items()},
        "evaluation": run.evaluate(rows(3)).to_dict(),
    }


def kills(count: int, folder: Path, *, seed: int) -> dict[str, Any]:
    """Kill a training so often in all, and compare each that came to its end.

    Args:
        count: The number of kills.
        folder: Where runs are made.
        seed: Of the moments.
    """
    chance = random.Random(seed)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", _CHILD, str(folder / "timed")], check=True)
    whole = time.perf_counter() - start
    expected = outcome(train(folder / "whole"))
    done, runs, faults = 0, 0, []
    while done < count:
        path = folder / f"killed{runs}"
        moments = []
        for _ in range(min(chance.randint(1, 3), count - done)):
            moments.append(round(chance.uniform(0.2, 1.0) * whole, 3))
            with subprocess.Popen(
                [sys.executable, "-c", _CHILD, str(path)], stderr=subprocess.PIPE
            ) as child:
                try:
                    child.wait(moments[-1])
                except subprocess.TimeoutExpired:
                    child.send_signal(signal.SIGKILL)
            done += 1
        runs += 1
        try:
            same = outcome(train(path)) == expected
            fault = None if same else "other numbers"
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
        if fault is not None:
            faults.append({"moments": moments, "fault": fault[:300]})
        shutil.rmtree(path, ignore_errors=True)
    return {"kills": done, "runs": runs, "seconds_a_run": whole, "faults": faults}


def flips(count: int, folder: Path, *, seed: int) -> dict[str, Any]:
    """Flip single bits of the files of a run, each file in turn.

    Args:
        count: The number of flips.
        folder: Where the run is made.
        seed: Of the bits.
    """
    path = folder / "flipped"
    train(path, epochs=2)
    expected = seen(load_run(path))
    files = sorted(x for x in path.rglob("*") if x.is_file() and x.stat().st_size)
    chance = random.Random(seed)
    refused, harmless, faults = 0, 0, []
    for number in range(count):
        file = files[number % len(files)]
        raw = file.read_bytes()
        at, bit = chance.randrange(len(raw)), chance.randrange(8)
        file.write_bytes(raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :])
        fault = None
        try:
            same = seen(load_run(path)) == expected
            harmless += same
            fault = None if same else "other numbers"
        except JaxbioError:
            refused += 1
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
        file.write_bytes(raw)
        if fault is not None:
            name = str(file.relative_to(path))
            faults.append({"file": name, "byte": at, "bit": bit, "fault": fault[:300]})
    numbers = {"flips": count, "files": len(files), "refused": refused}
    return {**numbers, "harmless": harmless, "faults": faults}


def main(arguments: list[str] | None = None) -> int:
    """Run both, print the result, and end with 1 for any fault."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} of each")
    parser.add_argument("--kills", type=int, help=f"(default: {KILLS})")
    parser.add_argument("--flips", type=int, help=f"(default: {FLIPS})")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", metavar="FILE", help="write the result here too")
    options = parser.parse_args(arguments)
    usual = (QUICK, QUICK) if options.quick else (KILLS, FLIPS)
    given = (options.kills, options.flips)
    counts = [u if n is None else n for n, u in zip(given, usual, strict=True)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        result = {
            "seed": options.seed,
            "kills": kills(counts[0], folder, seed=options.seed),
            "flips": flips(counts[1], folder, seed=options.seed),
        }
    text = json.dumps(result, indent=1)
    print(text)
    if options.json:
        Path(options.json).write_text(text + "\n")
    return 1 if result["kills"]["faults"] or result["flips"]["faults"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
