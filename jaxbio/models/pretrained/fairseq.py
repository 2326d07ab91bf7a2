"""Checkpoints of fairseq: settings and tensors in one file of PyTorch."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.data.io.torch_files import read_checkpoint
from jaxbio.errors import DataError

FAIRSEQ = "fairseq"
"""What stands for `model_type`, which these files have not."""

_PREFIX = re.compile(r"^(encoder\.)?(sentence_encoder\.)?")
_ROWS = {
    "embed_tokens.weight": "vocab_size",
    "embed_positions.weight": "max_position_embeddings",
}


def read_fairseq(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The settings and the tensors of a checkpoint of ESM-1b's shape.

    The settings and names are without fairseq's prefixes. The row of the mask, the last
    of the table of tokens, is zero, as the published code makes it.

    Args:
        path: The file.

    Raises:
        DataError: If it is damaged, holds anything but these, or no model.
    """
    values, settings = read_checkpoint(path)
    tensors = {_PREFIX.sub("", name): x for name, x in values.items()}
    if "embed_tokens.weight" not in tensors:
        raise DataError(f"{path} has no table of tokens: it is no model of fairseq")
    table = tensors["embed_tokens.weight"].copy()
    table[-1] = 0
    tensors["embed_tokens.weight"] = table
    found = {name.removeprefix("encoder_"): x for name, x in settings.items()}
    found |= {name: len(tensors[key]) for key, name in _ROWS.items() if key in tensors}
    return {**found, "model_type": FAIRSEQ}, tensors
