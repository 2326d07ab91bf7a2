"""How a training goes, on standard error."""

import json
import sys

import jaxbio as jb


class Told(jb.Callback):
    """A line an epoch, on standard error."""

    def __init__(self, name: str):
        self._name = name

    def on_epoch(self, record, weights):
        """Print losses and metrics."""
        shown = {k: record[k] for k in ("epoch", "train_loss", "valid_loss", "seconds")}
        shown |= {k: v for k, v in record.items() if k.startswith("valid_")}
        shown = {k: round(v, 4) for k, v in shown.items() if v is not None}
        line = f"{self._name} {record['member']} {json.dumps(shown)}"
        print(line, file=sys.stderr, flush=True)
