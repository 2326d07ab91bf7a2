import gzip

import numpy as np
import pytest

from jaxbio.alphabet import DNA
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError
from jaxbio.models import MLP, RNN
from jaxbio.run.fitting import fit
from jaxbio.tasks import Binary, MultiClass, Regression

QUICK = {"epochs": 1, "members": 1, "batch_size": 32, "baselines": False}
TEXTS = ["ACGTACGTACGT", "TTTTTTTTTTTTTTTTTTTTTTTTT", "GATTACAGATTACAGATTACA" * 2]


def test_the_table_has_ids_classes_and_probabilities(binary, tmp_path):
    path = tmp_path / "some.fa.gz"
    with gzip.open(path, "wt") as file:
        file.writelines(f">name{at} x\n{text}\n" for at, text in enumerate(TEXTS))
    # A FASTA file calls its column `sequence`; the only sequence input takes it.
    table = next(binary.stream(path)).frame()
    assert table["id"].tolist() == ["name0", "name1", "name2"]
    assert list(table.columns) == ["id", "label", "label:no", "label:yes"]
    np.testing.assert_allclose(table["label:no"] + table["label:yes"], 1, atol=1e-6)
    chosen = np.where(table["label:yes"] > 0.5, "yes", "no")
    assert table["label"].tolist() == chosen.tolist()


def test_several_classes_and_several_targets():
    random = np.random.default_rng(0)
    data = Dataset(
        {
            "x": Numeric(random.normal(size=(90, 3)).astype(np.float32), tuple("abc")),
            "tissue": Category.from_values(["liver", "brain", "skin"] * 30),
        },
        {
            "kind": Category.from_values(["u", "v", "w"] * 30),
            "size": Numeric(random.normal(size=(90, 1)).astype(np.float32), ("size",)),
        },
    )
    tasks = {"kind": MultiClass(), "size": Regression()}
    predictor = fit(MLP(hidden=(4,)), tasks, data, data, **QUICK).predictor
    predictions = predictor(data)
    assert predictions.by_target["kind"].shape == (90, 3)
    with pytest.raises(DataError, match=r"several targets \(kind, size\)"):
        _ = predictions.values
    columns = ["id", "kind", "kind:u", "kind:v", "kind:w", "size"]
    assert list(predictions.frame().columns) == columns


def test_values_per_position_are_cut_to_the_length():
    random = np.random.default_rng(0)
    texts = [
        "".join(random.choice(list("ACGT"), n)) for n in random.choice([9, 29], 60)
    ]
    marks = ["".join("x" if base in "AT" else "y" for base in text) for text in texts]
    data = Dataset(
        {"seq": Sequences.from_strings(texts, DNA)},
        {"mark": Category.from_values(marks)},
    )
    model = RNN(widths=(8,), channels=(), kmers=0)
    run = fit(
        model, Binary(per_position=True), data, data,
        epochs=60, learning_rate=2e-2, batch_size=20, baselines=False, members=1,
    )  # fmt: skip
    assert run.scores["valid"].primary_metric > 0.99
    table = run.predictor(["AATG", "GGCA"]).frame()
    assert table["mark"].tolist() == ["xxxy", "yyyx"]
