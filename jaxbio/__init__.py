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

from typing import TYPE_CHECKING

from jaxbio._lazy import importer
from jaxbio.version import __version__ as __version__

_HOMES = {
    "alphabet": ("DNA", "PROTEIN", "RNA", "SMILES", "Alphabet"),
    "data": ("Dataset", "Schema", "folds", "leakage", "read", "split"),
    "errors": ("JaxbioError",),
    "models": ("CNN", "MLP", "RNN"),
    "predict": ("Predictions", "Predictor"),
    "run": (
        "Evaluation",
        "Observer",
        "Run",
        "evaluate",
        "fit",
        "load",
        "load_run",
    ),
    "tasks": (
        "Binary",
        "CountRegression",
        "Distances",
        "MultiClass",
        "MultiLabel",
        "Regression",
    ),
    "train": ("Training",),
}
_MODULES = (
    "data",
    "datasets",
    "explain",
    "genome",
    "metrics",
    "models",
    "nn",
    "plot",
    "singlecell",
    "structure",
    "tasks",
    "train",
)

if TYPE_CHECKING:
    from jaxbio import (
        data,
        datasets,
        explain,
        genome,
        metrics,
        models,
        nn,
        plot,
        singlecell,
        structure,
        tasks,
        train,
    )
    from jaxbio.alphabet import DNA, PROTEIN, RNA, SMILES, Alphabet
    from jaxbio.data import Dataset, Schema, folds, leakage, read, split
    from jaxbio.errors import JaxbioError
    from jaxbio.models import CNN, MLP, RNN
    from jaxbio.predict import Predictions, Predictor
    from jaxbio.run import Evaluation, Observer, Run, evaluate, fit, load, load_run
    from jaxbio.tasks import (
        Binary,
        CountRegression,
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
    "CountRegression",
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
    "datasets",
    "evaluate",
    "explain",
    "fit",
    "folds",
    "genome",
    "leakage",
    "load",
    "load_run",
    "metrics",
    "models",
    "nn",
    "plot",
    "read",
    "singlecell",
    "split",
    "structure",
    "tasks",
    "train",
]

# `import jaxbio` costs nothing.
__getattr__ = importer(__name__, _HOMES, _MODULES)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
