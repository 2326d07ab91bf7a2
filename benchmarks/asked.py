"""What is asked for: one row for each benchmark, case and peer of the speed table.

`report.py` shows these rows in this order; those that nobody measured stand as such.
A ratio is the peer's time over jaxbio's.
"""

from typing import NamedTuple


class Asked(NamedTuple):
    """A row: names as the scripts write them, and the ratio asked for on each device.

    A device without a number is not part of the table; 0 is a row without a target.
    """

    benchmark: str
    case: str
    peer: str
    cpu: float | None = None
    gpu: float | None = None
    note: str = ""


_WHOLE = "whole process"
_DEEPSTARR = "DeepSTARR training"
_FIVE = "5 single runs"

ROWS = (
    Asked("mlp", "10 epochs", "Keras fit", 25),
    Asked("mlp", "10 epochs", "PyTorch loop", 25),
    Asked("mlp", "10 epochs", "PyTorch indexing", 25),
    Asked("mlp", "10 epochs", "PyTorch compiled", 25),
    Asked("mlp", f"{_WHOLE}, cold cache", "Keras", 1 / 0.45),
    Asked("mlp", f"{_WHOLE}, warm cache", "Keras", 1 / 0.25),
    Asked("cnn", _DEEPSTARR, "PyTorch eager", 1.5, 2.0),
    Asked("cnn", _DEEPSTARR, "PyTorch compiled", 1.5, 1.3),
    Asked(
        "cnn", "512 channels, bfloat16", "PyTorch eager", None, 0, "35 % of peak asked"
    ),
    Asked("dilated", "training", "PyTorch eager", 1.2, 1.5),
    Asked("dilated", "training", "PyTorch compiled", 1.2, 1.5),
    Asked("affinity", "DeepDTA training", "PyTorch eager", 1.5, 2.0),
    Asked("images", "residual CNN 28 x 28", "PyTorch eager", 1.0),
    Asked("images", "residual CNN 28 x 28", "PyTorch compiled", 1.0),
    *(
        row
        for what in ("training", "prediction")
        for row in (
            Asked("sparse", f"{what}, memory", "a dense copy", 1.0),
            *(
                Asked("sparse", f"{what}, {measure}", peer, 0)
                for measure in ("memory", "seconds")
                for peer in ("PyTorch dense", "PyTorch dense batches")
            ),
        )
    ),
    Asked("rnn", "LSTM 200 training", "PyTorch nn.LSTM", 1.0, 1.0),
    Asked("rnn", "LSTM 200 inference", "PyTorch nn.LSTM", 1.0, 1.0),
    Asked("rnn", "LSTM 800 training", "PyTorch nn.LSTM", 1.0, 1.0),
    Asked("rnn", "LSTM 800 inference", "PyTorch nn.LSTM", 1.0, 1.0),
    *(
        Asked(
            "rnn",
            f"parallel {length} {what}",
            "PyTorch nn.LSTM",
            0,  # without a target: see the note
            0,
            "3 asked at equal accuracy, not shown: AUROC .56 against .80 on ARS1",
        )
        for length in (200, 800)
        for what in ("training", "inference")
    ),
    Asked("predict", "FASTA.gz to TSV", "PyTorch loader", 3.0, 0),
    Asked("encode", "50 Mbp", "SeqPro", 1.0),
    Asked("encode", "50 Mbp", "tangermeme", 1.0),
    Asked("encode", "2048 x 1000", "SeqPro", 1.0),
    Asked("encode", "2048 x 1000", "tangermeme", 1.0),
    *(
        row
        for case in ("MLP", "small CNN", "DeepSTARR")
        for row in (
            Asked("ensemble", case, _FIVE, 5 / 4.5, 5 / 1.5),
            Asked("ensemble", case, "PyTorch five in turn", 0, 0),
        )
    ),
    Asked("epoch", "600 nt", "batches at hand", 0.97, 0.97),
    Asked("structure", "secondary structure", "PyTorch chain by chain", 5, 5),
    Asked("structure", "secondary structure", "PyTorch batches of 32", 0, 0),
    Asked("structure", "fold 100 residues, cold", "20 s asked", 1),
    Asked("structure", "fold 100 residues, warm", "20 s asked", 0),
)
"""The table."""

PACKAGES = {
    "pytorch": ("torch",),
    "keras": ("keras", "tensorflow", "tensorflow-cpu"),
    "seqpro": ("seqpro",),
    "tangermeme": ("tangermeme", "torch"),
}
"""Packages whose versions belong to a line, by a word of the peer's name."""


def ratio(benchmark: str, case: str, peer: str, device: str) -> float | None:
    """The ratio asked for; None without one."""
    for row in ROWS:
        if row[:3] == (benchmark, case, peer):
            wanted = row.cpu if device == "cpu" else row.gpu
            return round(wanted, 3) if wanted else None
    return None
