import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import jaxbio as jb
from jaxbio.alphabet import DNA
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
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


@pytest.fixture(scope="session")
def masked():
    """Two networks that say which symbols were hidden, untrained."""
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), n)) for n in [14] * 20 + [11] * 20]
    data = Dataset({"seq": Sequences.from_strings(texts, jb.DNA)})
    schema = learn_schema(data, {})
    model = jb.Masked(jb.RNN(widths=(5,))).resolve(schema)
    schema = dataclasses.replace(schema, targets=model.outputs(schema, 2))
    networks = [
        model.build(schema, {}, rngs=nnx.Rngs(seed), dtype="float32") for seed in (0, 1)
    ]
    states = []
    for network in networks:
        _, params, rest = nnx.split(network, nnx.Param, ...)
        params["head"]["kernel"] = params["head"]["kernel"].replace(
            jnp.asarray(rng.normal(0, 2, params["head"]["kernel"].shape), jnp.float32)
        )
        states.append({"params": params, "model_state": rest})
    return jb.Predictor.of(networks[0], states, schema=schema, tasks={}, model=model)
