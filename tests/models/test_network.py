import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jaxbio.alphabet import DNA
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.errors import JaxbioError
from jaxbio.models import (
    CNN,
    MLP,
    RNN,
    Embedding,
    Encoder,
    Gated,
    Head,
    Network,
    ResNet,
    as_network,
)
from tests.networks import mixed_rows

SCHEMA, INPUTS = mixed_rows()  # seq: dna, level: two numbers, tissue: category


def names(network):
    encoders = network.resolve(SCHEMA).encoders
    return {name: each.name for name, each in encoders.items()}


def test_what_is_not_given_is_chosen():
    assert names(Network()) == {"seq": "cnn", "level": "mlp", "tissue": "embedding"}
    assert names(Network(RNN()))["seq"] == "rnn"
    assert names(Network([Embedding(2), MLP()]))["seq"] == "mlp"
    resolved = Network({"level": MLP(hidden=(3,))}).resolve(SCHEMA)
    assert resolved.encoders["level"].hidden == (3,)
    assert resolved.hidden == (128,) and resolved.average_strands is False
    assert None not in dataclasses.asdict(resolved.encoders["seq"]).values()
    assert resolved.resolve(SCHEMA) == resolved


def test_a_cnn_of_images_is_their_usual_encoder():
    scans = Dataset({"scan": Images(np.zeros((2, 8, 8, 1), np.uint8))})
    schema = learn_schema(scans)
    assert Network(CNN()).resolve(schema) == Network().resolve(schema)
    with pytest.raises(JaxbioError, match="scan is image: use resnet"):
        Network(CNN(channels=(8,))).resolve(schema)  # of which nothing would be heard


def test_numbers_go_through_a_layer_beside_convolutions_only():
    layers = [Network(each).resolve(SCHEMA).encoders["level"].hidden for each in
              (CNN(), RNN(), MLP())]  # fmt: skip
    assert layers == [(64,), (64,), ()]


def test_layers_of_the_only_encoder_are_those_of_the_network():
    schema = learn_schema(Dataset({"seq": Sequences.from_strings(["ACG", "TCA"], DNA)}))
    assert Network(MLP(hidden=(8, 4))).resolve(schema).hidden == ()
    assert Network(MLP(hidden=(8,)), hidden=(2,)).resolve(schema).hidden == (2,)
    assert Network(MLP()).resolve(schema).hidden == (128, 128)  # they are variants
    module = Network(MLP(hidden=(8, 4))).build(schema, {"y": Head(1)}, rngs=nnx.Rngs(0))
    assert [each.out_features for each in module.encoders["seq"].dense.layers] == [8, 4]
    assert module.heads["y"].in_features == 4


def test_mutations_are_heard_without_a_direct_way_to_the_heads():
    schema = learn_schema(Dataset({"seq": Sequences.from_strings(["ACG", "TCA"], DNA)}))
    network = Network(MLP(), hidden=(8,), dropout=0.0, skip=False).resolve(schema)
    module = network.build(schema, {"y": Head(1)}, rngs=nnx.Rngs(0))
    module.eval()
    tokens = {"seq": jnp.asarray([DNA.encode("TCG")])}
    gradient = nnx.grad(lambda module: module(tokens)["y"].sum())(module)
    assert any(jnp.abs(x).max() > 0 for x in jax.tree.leaves(gradient.encoders))


class LinearModule(nnx.Module):
    def __init__(self, columns, rngs):
        self.map = nnx.Linear(columns, 3, rngs=rngs)
        self.features = 3

    def present(self, values):
        return jnp.ones(len(values), bool)

    def __call__(self, values, *, rngs=None):
        return self.map(jnp.nan_to_num(values))


@dataclasses.dataclass(frozen=True)
class Linear(Encoder):
    """An encoder as users write them."""

    name: ClassVar[str] = "linear"
    takes: ClassVar[str] = "numbers"

    def accepts(self, spec):
        return spec.kind == "numeric"

    def build(self, spec, *, rngs, dtype=jnp.float32):
        return LinearModule(len(spec.columns), rngs)


def test_an_encoder_of_a_user_is_a_part_like_others():
    model = Network(Linear(), fusion=Gated(4), modality_dropout=0.3)
    module = model.build(SCHEMA, {"y": Head(2)}, rngs=nnx.Rngs(0))
    assert isinstance(module.encoders["level"], LinearModule)
    assert set(module.absent) == {"seq", "level", "tissue"}
    values = {name: jnp.asarray(each) for name, each in INPUTS.items()}
    assert np.isfinite(module(values, rngs=nnx.Rngs(1))["y"]).all()


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Network({"sq": CNN()}), r"'sq', which is no input: did you mean 'seq'"),
        (Network([CNN(), RNN()]), "both cnn and rnn accept the input seq"),
        (Network({"level": CNN()}), "cnn takes sequences.*level is numeric: use mlp"),
        (
            Network({"seq": ResNet()}),
            r"is a sequence \(dna\): use cnn or rnn or transformer or mlp",
        ),
        (Network(ResNet()), "resnet takes images"),
    ],
)
def test_encoders_that_do_not_fit_the_inputs(model, message):
    with pytest.raises(JaxbioError, match=message):
        model.resolve(SCHEMA)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (CNN, "CNN is a class: call it"),
        (nnx.Linear(1, 1, rngs=nnx.Rngs(0)), "Linear is not a config.*Flax"),
        ("cnn", "str is not a config"),
    ],
)
def test_what_is_no_config_is_refused(wrong, message):
    with pytest.raises(JaxbioError, match=message):
        as_network(wrong)


def test_positions_need_encoders_that_have_them():
    heads = {"track": Head(2, "position")}
    with pytest.raises(JaxbioError, match="the cnn of seq has one position for 2"):
        Network(CNN(pool_windows=(2, 1))).build(SCHEMA, heads, rngs=nnx.Rngs(0))
    with pytest.raises(JaxbioError, match="use a CNN, an RNN or a T"):
        Network(MLP()).build(SCHEMA, heads, rngs=nnx.Rngs(0))
