"""Commands as tests run them, and rows to run them on."""

import os

import pandas as pd

from jaxbio.cli import main
from tests.helpers import motif_data

QUICK = ["--epochs", "1", "--members", "1", "--no-baselines", "--compile-cache", "none"]
SMALL = ["--encoder", "cnn:channels=4,kernel_sizes=5,kmers=0"]


def run(capsys, *words):
    """The exit code, and what went to standard output and to standard error."""
    code = main([str(word) for word in words])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, captured.out, captured.err


def sequences(path, n=120):
    """A table of DNA with labels and a column that names parts."""
    data = motif_data(n)
    frame = pd.DataFrame(
        {
            "seq": data.inputs["seq"].strings(),
            "label": data.targets["label"].values,
            "fold": ["train"] * (n - 40) + ["valid"] * 20 + ["test"] * 20,
        }
    )
    frame.to_csv(path, index=False)
    return path


def stand_in(monkeypatch, folder, name, script):
    """A command of this name, found before all others, that does what a script says."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
