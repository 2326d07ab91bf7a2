"""The rows of the speed table, in order, as benchmark, case and peer.

`report.py` shows those of them that were measured, then whatever else was.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """A row, by the names that the scripts write."""

    benchmark: str
    case: str
    peer: str


_WHOLE = "whole process"
_DEEPSTARR = "DeepSTARR training"
_FIVE = "5 single runs"

ROWS = (
    Row("mlp", "10 epochs", "Keras fit"),
    Row("mlp", "10 epochs", "PyTorch loop"),
    Row("mlp", "10 epochs", "PyTorch indexing"),
    Row("mlp", "10 epochs", "PyTorch compiled"),
    Row("mlp", f"{_WHOLE}, cold cache", "Keras"),
    Row("mlp", f"{_WHOLE}, warm cache", "Keras"),
    Row("cnn", _DEEPSTARR, "PyTorch eager"),
    Row("cnn", _DEEPSTARR, "PyTorch compiled"),
    Row("cnn", "512 channels, bfloat16", "PyTorch eager"),
    Row("dilated", "training", "PyTorch eager"),
    Row("dilated", "training", "PyTorch compiled"),
    Row("affinity", "DeepDTA training", "PyTorch eager"),
    Row("images", "residual CNN 28 x 28", "PyTorch eager"),
    Row("images", "residual CNN 28 x 28", "PyTorch compiled"),
    *(
        row
        for what in ("training", "prediction")
        for row in (
            Row("sparse", f"{what}, memory", "a dense copy"),
            *(
                Row("sparse", f"{what}, {measure}", peer)
                for measure in ("memory", "seconds")
                for peer in ("PyTorch dense", "PyTorch dense batches")
            ),
        )
    ),
    Row("rnn", "LSTM 200 training", "PyTorch nn.LSTM"),
    Row("rnn", "LSTM 200 inference", "PyTorch nn.LSTM"),
    Row("rnn", "LSTM 800 training", "PyTorch nn.LSTM"),
    Row("rnn", "LSTM 800 inference", "PyTorch nn.LSTM"),
    *(
        Row(
            "rnn",
            f"parallel {length} {what}",
            "PyTorch nn.LSTM",
        )
        for length in (200, 800)
        for what in ("training", "inference")
    ),
    Row("predict", "FASTA.gz to TSV", "PyTorch loader"),
    Row("variants", "SNVs of a VCF file", "PyTorch loop"),
    Row("variants", "SNVs of a VCF file", "PyTorch batches"),
    Row("encode", "50 Mbp", "SeqPro"),
    Row("encode", "50 Mbp", "tangermeme"),
    Row("encode", "2048 x 1000", "SeqPro"),
    Row("encode", "2048 x 1000", "tangermeme"),
    Row("windows", "10,000 x 1,000, one strand", "pyfaidx"),
    Row("windows", "10,000 x 1,000, both strands", "pyfaidx"),
    *(
        row
        for case in ("MLP", "small CNN", "DeepSTARR")
        for row in (
            Row("ensemble", case, _FIVE),
            Row("ensemble", case, "PyTorch five in turn"),
        )
    ),
    Row("survival", "Cox, one epoch", "PyTorch loop"),
    Row("survival", "100 bootstrap networks", "100 single runs"),
    Row("survival", "100 bootstrap networks", "PyTorch 100 in turn"),
    Row("epoch", "600 nt", "batches at hand"),
    Row("structure", "secondary structure", "PyTorch chain by chain"),
    Row("structure", "secondary structure", "PyTorch batches of 32"),
    Row("structure", "fold 100 residues, cold", "20 seconds"),
    Row("structure", "fold 100 residues, warm", "20 seconds"),
    *(
        Row("language", f"attention {shape} {what}", "PyTorch SDPA")
        for shape in ("8M, 256", "650M, 512")
        for what in ("forward", "gradient")
    ),
    *(
        Row("language", "vectors of 200 proteins", f"transformers, {order}")
        for order in ("file order", "sorted")
    ),
    Row("language", "step of LoRA", "step of all weights"),
)
"""The table."""

PACKAGES = {
    "pytorch": ("torch",),
    "keras": ("keras", "tensorflow", "tensorflow-cpu"),
    "seqpro": ("seqpro",),
    "tangermeme": ("tangermeme", "torch"),
}
"""Packages whose versions belong to a line, by a word of the peer's name."""
