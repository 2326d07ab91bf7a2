"""Attention of small networks with the weights that they begin with."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxbio as jb
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.errors import DataError
from jaxbio.explain.attention import NOTHING, attention_maps, check_attention
from jaxbio.models import Mixture
from tests.helpers import normal, numbers
from tests.networks import SMALL, drugs_and_proteins, predictor_of

TEXT = "ACGTTGCAAGC"  # its last window of two positions has one
OPPOSITE = "GCTTGCAACGT"


def dna(texts):
    column = Sequences.from_strings(texts, jb.DNA)
    return Dataset({"seq": column}, {"y": numbers(normal(len(texts), 1), "y")})


@pytest.fixture(scope="module")
def stranded():
    """A pair of transformers over windows of two positions and over both strands."""
    encoder = jb.Transformer(
        dim=8, layers=2, heads=2, hidden=8, channels=(4,), kernel_sizes=(3,),
        pool_windows=(2,), pool="attention", kmers=0, positions=False,
    )  # fmt: skip
    model = jb.Network(encoder, hidden=(), average_strands=True)
    return predictor_of(dna([TEXT, OPPOSITE, "ACGTA"]), model, members=2)


def test_weights_are_those_of_positions_on_the_given_strand(stranded):
    maps = list(attention_maps(stranded, [TEXT, OPPOSITE, "ACGTA"]))
    sizes = [len(TEXT), len(TEXT), 5]
    for (pooling, layers), size in zip(maps, sizes, strict=True):
        assert (pooling.kind, layers.kind) == ("pooling", "layers")
        assert pooling.input == layers.input == "seq"
        assert pooling.weights.shape == (size,)
        assert layers.weights.shape == (2, size, size)
        np.testing.assert_allclose(pooling.weights.sum(), 1, atol=1e-5)
        np.testing.assert_allclose(layers.weights.sum(axis=-1), 1, atol=1e-5)
    (pooling, layers), (other, others), _ = maps
    np.testing.assert_allclose(pooling.weights, other.weights[::-1], atol=1e-6)
    turned = others.weights[:, ::-1, ::-1]
    np.testing.assert_allclose(layers.weights, turned, atol=1e-6)
    assert np.ptp(pooling.weights) > 1e-4  # they are not all alike


def test_means_over_networks_and_heads(stranded):
    (whole,) = attention_maps(stranded, [TEXT])
    each = [next(attention_maps(one, [TEXT])) for one in stranded.alone()]
    for at, found in enumerate(whole):
        mean = np.mean([one[at].weights for one in each], axis=0)
        np.testing.assert_allclose(found.weights, mean, atol=1e-6)
    (apart,) = attention_maps(stranded, [TEXT], heads=True)
    assert apart[0].weights.shape == whole[0].weights.shape
    assert apart[1].weights.shape == (2, 4, len(TEXT), len(TEXT))
    np.testing.assert_allclose(
        apart[1].weights.mean(axis=1), whole[1].weights, atol=1e-6
    )


def test_weights_are_what_the_pooling_uses():
    encoder = jb.CNN(
        channels=(4,), kernel_sizes=(3,), pool_windows=(1,), pool="attention",
        kmers=0, positions=False,
    )  # fmt: skip
    model = jb.Network(encoder, hidden=(), average_strands=False)
    predictor = predictor_of(dna([TEXT, "ACGTA"]), model)
    ((found,),) = attention_maps(predictor, ["ACGTA"])
    cnn = predictor.network(predictor.members[0]).encoders["seq"]
    x, mask = cnn.positions(jnp.asarray(jb.DNA.encode("ACGTA")[None]))
    want = cnn.pool.weights(x, mask)[0].mean(axis=-1)
    np.testing.assert_allclose(found.weights, want, atol=1e-6)


@pytest.fixture(scope="module")
def pairs():
    return drugs_and_proteins([0, 1, -1], [2, 1, 2])


def test_cross_attention_looks_at_the_other_inputs(pairs):
    model = jb.Network(SMALL, hidden=(), fusion=jb.CrossAttention(8))
    maps = list(attention_maps(predictor_of(pairs, model), pairs))
    for row, found in enumerate(maps):
        assert {each.kind for each in found} == {"fusion"}
        by_name = {(each.query, each.input): each.weights for each in found}
        assert len(by_name) == len(found) == 9  # two others and nothing, each
        for query in ("drug", "protein", "dose"):
            parts = [w for (asks, _), w in by_name.items() if asks == query]
            np.testing.assert_allclose(sum(w.sum() for w in parts), 1, atol=1e-5)
        assert by_name["protein", "dose"].shape == (1,)
        assert by_name["dose", NOTHING].shape == (1,)
        length = [3, 12, 0][row]  # the last row has no drug
        assert by_name["dose", "drug"].shape == (length,)


def test_a_gate_has_a_weight_an_input(pairs):
    model = jb.Network(SMALL, hidden=(), fusion=jb.Gated(8))
    maps = list(attention_maps(predictor_of(pairs, model), pairs, heads=True))
    for found in maps:
        assert [each.input for each in found] == ["drug", "protein", "dose"]
        total = sum(each.weights for each in found)
        np.testing.assert_allclose(total, [[1]], atol=1e-6)
    assert maps[2][0].weights.item() == 0  # there is no drug


def test_of_a_mixture_those_networks_that_have_attention():
    data = dna([TEXT, "ACGTA"])
    common = {"channels": (4,), "kernel_sizes": (3,), "kmers": 0, "positions": False}
    looks = jb.Network(jb.CNN(**common, pool="attention"), average_strands=False)
    blind = jb.Network(jb.CNN(**common, pool="max"), average_strands=False)
    schema = learn_schema(data, {"y": ("number", False)})
    parts = {"looks": looks.resolve(schema), "blind": blind.resolve(schema)}
    predictor = predictor_of(data, Mixture(parts))
    ((found,),) = attention_maps(predictor, [TEXT])
    assert (found.network, found.kind) == ("looks", "pooling")
    with pytest.raises(DataError, match=r"attention \(SequenceCNN\).*'deeplift' or 'i"):
        check_attention(predictor_of(data, blind))


def test_tables_are_explained_by_other_methods():
    rows = Dataset({"x": numbers(normal(9, 2))}, {"y": numbers(normal(9, 1), "y")})
    with pytest.raises(DataError, match="method='shapley' or 'permutation'"):
        list(attention_maps(predictor_of(rows, jb.Network(jb.MLP())), rows))
