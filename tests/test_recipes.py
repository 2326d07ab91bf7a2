import pytest

from jaxbio import recipes
from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.data.columns.category import CategorySpec
from jaxbio.data.columns.images import ImageSpec
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec


def sequences(length, *, shortest=None, alphabet=DNA, kept=0.0, placed=True):
    return SequenceSpec(
        "s", alphabet.name, alphabet, length if shortest is None else shortest, length,
        (length,), conservation=kept, position_dependent=placed,
    )  # fmt: skip


def schema(*specs, rows=500, along=False):
    target = TargetSpec("y", "class", per_position=along)
    return Schema(specs, (target,), rows)


NUMBERS = NumericSpec("x", "numeric", columns=("a",))
IMAGE = ImageSpec("scan", "image", size=(8, 8, 1))
CATEGORY = CategorySpec("c", "category", categories=("a", "b"))


@pytest.mark.parametrize(
    ("data", "encoders", "hidden", "dropout"),
    [
        (schema(NUMBERS), ["mlp"], (64, 64), 0.5),
        (schema(IMAGE, CATEGORY), ["resnet", "embedding"], (), 0.5),
        (schema(sequences(30, kept=0.9)), ["mlp"], (128, 128), 0.2),
        (schema(sequences(30)), ["cnn"], (128,), 0.2),
        (schema(sequences(90, placed=False)), ["cnn"], (128,), 0.3),
        (schema(sequences(90), along=True), ["cnn"], (128,), 0.3),
        (schema(sequences(90, alphabet=PROTEIN), along=True), ["rnn"], (128,), 0.3),
    ],
)
def test_networks_by_kind_of_data(data, encoders, hidden, dropout):
    chosen = recipes.network(data, {})
    assert [each["name"] for each in chosen["encoders"].values()] == encoders
    assert (chosen["hidden"], chosen["dropout"]) == (hidden, dropout)
    assert chosen["average_strands"] is not recipes.placed(data)


def test_what_is_given_decides_what_stands_beside_it():
    data = schema(sequences(30), NUMBERS)
    assert recipes.network(data, {"s": "cnn"})["encoders"] == {
        "x": {"name": "mlp", "hidden": (64,), "dropout": 0.2, "input_dropout": 0.2}
    }
    beside = recipes.network(data, {"s": "mlp"}, 0.1)["encoders"]["x"]
    assert (beside["hidden"], beside["dropout"]) == ((), 0.1)


def test_convolutions_keep_places_only_where_they_mean_something():
    fixed = recipes.convolutions(schema(sequences(200)), None)
    assert fixed["pool"] == "flatten" and fixed["pool_windows"] == (4, 2)
    free = recipes.convolutions(schema(sequences(200, shortest=50)), None)
    assert free["pool"] == "max" and free["pool_windows"] == (2, 1)
    along = recipes.convolutions(schema(sequences(200), along=True), None)
    assert along["dilations"] == (1, 1, 2, 4, 8) and along["residual"]
    short = recipes.convolutions(schema(sequences(30)), (8,))
    assert short["kernel_sizes"] == (5,) and short["dropout"] == 0.0


def test_the_longest_kmers_are_those_that_the_rows_can_bear():
    free = sequences(90, shortest=50)
    assert recipes.branches(schema(free))["kmers"] == 4
    assert recipes.branches(schema(free, rows=20_000))["kmers"] == 6
    assert recipes.branches(schema(sequences(90)))["kmers"] == 0
    assert recipes.perceptron(schema(free))["kmers"] == 0


def test_recurrence_attends_to_what_is_long():
    assert recipes.recurrence(schema(sequences(64)), ())["pool"] == "flatten"
    assert recipes.recurrence(schema(sequences(65)), (4, 4))["kernel_sizes"] == (9, 9)
    assert recipes.recurrence(schema(sequences(65)), ())["pool"] == "attention"
