import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from flax import nnx

from jaxbio.alphabet import DNA
from jaxbio.data.learn import learn_schema
from jaxbio.data.reading import read
from jaxbio.errors import JaxbioError
from jaxbio.models import Head, Network, SequenceTransformer, Transformer
from jaxbio.nn.modes import evaluated
from jaxbio.nn.tokens import one_hot, reverse_complement
from jaxbio.run.fitting import fit, load

TOKENS = jnp.asarray([DNA.encode("ACGTAC"), DNA.encode("TTGCAA")])
TINY = Transformer(dim=8, layers=2, heads=2, kmers=0, positions=False)


def _module(**options):
    sizes = {"dim": 8, "layers": 2, "heads": 2, "hidden": 16} | options
    return SequenceTransformer(DNA, rngs=nnx.Rngs(0), **sizes)


def test_positions_and_one_vector():
    module = _module(outputs=3)
    x, mask = module.positions(TOKENS)
    assert x.shape == (2, 6, 8) and mask.all()
    np.testing.assert_allclose(module(TOKENS), module.head(x.mean(axis=1)), atol=1e-6)
    # Each position is normalised at the end.
    np.testing.assert_allclose(x.mean(axis=-1), np.zeros((2, 6)), atol=1e-5)


def test_the_order_of_symbols_matters():
    module = _module()
    there, back = module(TOKENS[:1]), module(TOKENS[:1, ::-1])
    assert float(jnp.abs(there - back).max()) > 1e-4


def test_every_position_sees_the_whole_sequence():
    module = _module()

    def first(soft):
        return module.positions(soft)[0][0, 0].sum()

    to = jax.grad(lambda soft: first(soft) ** 2)(one_hot(TOKENS, DNA))
    assert (np.abs(np.asarray(to[0])).max(axis=-1) > 0).all()
    assert (np.asarray(to[1]) == 0).all()  # and nothing of another


def test_convolutions_shorten_what_is_seen():
    module = _module(
        channels=(4,), kernel_sizes=(3,), pool_windows=(2,), norm="none",
        pool="flatten", length=6,
    )  # fmt: skip
    assert module.positions(TOKENS)[0].shape == (2, 3, 8)
    assert module(TOKENS).shape == (2, module.features) == (2, 24)


@pytest.mark.parametrize("over", ["position", "pair"])
def test_a_value_a_position_and_a_value_a_pair(over):
    table = pd.DataFrame({"seq": ["ACGTAC", "GTT"] * 4})
    schema = learn_schema(read(table, inputs={"seq": "dna"}, targets=[]))
    network = Network(TINY, average_strands=False)
    module = evaluated(network.build(schema, {"y": Head(2, over)}, rngs=nnx.Rngs(0)))
    found = module({"seq": TOKENS})["y"]
    assert found.shape == ((2, 6, 2) if over == "position" else (2, 6, 6, 2))
    shorter = jnp.concatenate([TOKENS, jnp.full((2, 3), DNA.pad, jnp.uint8)], axis=1)
    padded = module({"seq": shorter})["y"]
    padded = padded[:, :6] if over == "position" else padded[:, :6, :6]
    np.testing.assert_allclose(found, padded, atol=1e-5)


def test_both_strands_have_one_output():
    table = pd.DataFrame({"seq": ["ACGTAC", "GTT"] * 4})
    schema = learn_schema(read(table, inputs={"seq": "dna"}, targets=[]))
    network = Network(TINY, average_strands=True)
    module = evaluated(network.build(schema, {"y": Head(1)}, rngs=nnx.Rngs(0)))
    there = module({"seq": TOKENS})["y"]
    back = module({"seq": reverse_complement(TOKENS, DNA)})["y"]
    np.testing.assert_allclose(there, back, atol=1e-5)


def test_it_learns_what_is_next_to_what(tmp_path):
    """Whether GC or CG occurs: no count of single symbols tells."""
    random = np.random.default_rng(0)
    rows = []
    for at in range(400):
        text = random.choice(list("AT"), 12)
        start = random.integers(0, 11)
        text[start : start + 2] = list("GC" if at % 2 else "CG")
        rows.append(("".join(text), at % 2))
    table = pd.DataFrame(rows, columns=["seq", "y"])
    data = read(table, inputs={"seq": "dna"}, targets=["y"])
    train, valid = data.take(np.arange(320)), data.take(np.arange(320, 400))
    config = dataclasses.replace(TINY, dim=16, dropout=0.0, pool="max")
    run = fit(
        Network(config, hidden=(), average_strands=False), None, train, valid,
        out=tmp_path / "run", epochs=25, batch_size=64, learning_rate=5e-3, members=1,
        baselines=False, schedule="constant",
    )  # fmt: skip
    assert run.scores["valid"].scores["y"]["model"]["auroc"] > 0.95
    again = load(tmp_path / "run")
    np.testing.assert_array_equal(again(valid).values, run.predictor(valid).values)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"dim": 12, "heads": 4}, "a dim that is a multiple of 8"),
        ({"layers": 0}, "one layer or more"),
        ({"pool": "last"}, "use max, mean, attention or flatten"),
        ({"channels": (4, 4), "kernel_sizes": (3,)}, "one entry for each convolution"),
    ],
)
def test_what_cannot_be(fields, message):
    with pytest.raises(JaxbioError, match=message):
        Transformer(**fields)


def test_a_network_of_pairs_of_positions_needs_whole_positions():
    shortened = Transformer(channels=(4,), kernel_sizes=(3,), pool_windows=(2,))
    assert (TINY.stride, shortened.stride) == (1, 2)
