import numpy as np
import pytest

from jaxbio.alphabet import DNA
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.models import CNN
from jaxbio.run.fitting import fit
from jaxbio.tasks import Binary


@pytest.fixture(scope="session")
def binary():
    """A network over DNA of several lengths."""
    random = np.random.default_rng(0)
    texts = ["".join(random.choice(list("ACGT"), size)) for size in [10, 69] * 30]
    labels = ["yes" if "AC" in text else "no" for text in texts]
    data = Dataset(
        {"seq": Sequences.from_strings(texts, DNA)},
        {"label": Category.from_values(labels)},
    )
    model = CNN(channels=(8,), kernel_sizes=(5,), kmers=2)
    return fit(
        model, Binary(), data, data, epochs=1, members=1, batch_size=32, baselines=False
    ).predictor
