"""jaxbio: from biological files and labels to trained, checked and portable models.

```python
import jaxbio as jb

data = jb.read("mpra.csv", inputs={"seq": "dna"}, targets=["activity"])
train, valid, test = jb.split(data, by="similarity", seed=0)
run = jb.fit(jb.CNN(), jb.Regression(), train, valid, epochs=30, out="runs/mpra")
print(run.evaluate(test))
jb.load("runs/mpra")(["ACGTTGCA"]).values
```
"""

import importlib
from typing import TYPE_CHECKING, Any

from jaxbio.version import __version__ as __version__

_HOMES = {
    "jaxbio.alphabet": ("DNA", "PROTEIN", "RNA", "SMILES", "Alphabet"),
    "jaxbio.data": ("Dataset", "Schema", "folds", "leakage", "read", "split"),
    "jaxbio.errors": ("JaxbioError",),
    "jaxbio.evaluate": ("Evaluation", "evaluate"),
    "jaxbio.models": ("CNN", "MLP", "RNN"),
    "jaxbio.predict": ("Predictions", "Predictor"),
    "jaxbio.run": ("Observer", "Run", "fit", "load", "load_run"),
    "jaxbio.tasks": (
        "Binary",
        "Counts",
        "Distances",
        "MultiClass",
        "MultiLabel",
        "Regression",
    ),
    "jaxbio.train": ("Training",),
}
_MODULES = ("data", "explain", "metrics", "models", "nn", "structure", "tasks", "train")
_NAMES = {name: home for home, names in _HOMES.items() for name in names}

if TYPE_CHECKING:
    from jaxbio import data, explain, metrics, models, nn, structure, tasks, train
    from jaxbio.alphabet import DNA, PROTEIN, RNA, SMILES, Alphabet
    from jaxbio.data import Dataset, Schema, folds, leakage, read, split
    from jaxbio.errors import JaxbioError
    from jaxbio.evaluate import Evaluation, evaluate
    from jaxbio.models import CNN, MLP, RNN
    from jaxbio.predict import Predictions, Predictor
    from jaxbio.run import Observer, Run, fit, load, load_run
    from jaxbio.tasks import (
        Binary,
        Counts,
        Distances,
        MultiClass,
        MultiLabel,
        Regression,
    )
    from jaxbio.train import Training

__all__ = [
    "CNN",
    "DNA",
    "MLP",
    "PROTEIN",
    "RNA",
    "RNN",
    "SMILES",
    "Alphabet",
    "Binary",
    "Counts",
    "Dataset",
    "Distances",
    "Evaluation",
    "JaxbioError",
    "MultiClass",
    "MultiLabel",
    "Observer",
    "Predictions",
    "Predictor",
    "Regression",
    "Run",
    "Schema",
    "Training",
    "data",
    "evaluate",
    "explain",
    "fit",
    "folds",
    "leakage",
    "load",
    "load_run",
    "metrics",
    "models",
    "nn",
    "read",
    "split",
    "structure",
    "tasks",
    "train",
]


def __getattr__(name: str) -> Any:
    """Import a part when it is first asked for: `import jaxbio` costs nothing."""
    if name in _MODULES:
        return importlib.import_module(f"jaxbio.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'jaxbio' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
