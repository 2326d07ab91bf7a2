import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.errors import TrainingError
from jaxbio.train.augment import make_augmenter
from jaxbio.train.augment_sequences import Mutate, ReverseComplement, Shift
from tests.train.test_augment import batch_of, schema


def test_reverse_complement_keeps_padding_at_the_end():
    augment = make_augmenter((ReverseComplement(1.0),), schema())
    out = augment(batch_of(["AACG", "TN"], 6), jax.random.key(0))
    assert [DNA.decode(row) for row in np.asarray(out["inputs"]["s"])] == ["CGTT", "NA"]
    assert (np.asarray(out["inputs"]["s"])[0, 4:] == DNA.pad).all()


def test_targets_per_position_turn_around_with_the_strand():
    augment = make_augmenter((ReverseComplement(1.0),), schema(per_position=True))
    out = augment(batch_of(["AACG"], 5), jax.random.key(0))
    targets = np.asarray(out["targets"]["y"])[0]
    np.testing.assert_array_equal(targets, [3, 2, 1, 0, np.nan])


def test_half_of_the_examples_are_turned_around():
    augment = make_augmenter((ReverseComplement(0.5),), schema())
    out = augment(batch_of(["AAAA"] * 400, 4), jax.random.key(1))
    turned = (np.asarray(out["inputs"]["s"]) == 3).all(axis=1).mean()
    assert 0.4 < turned < 0.6


def test_shifts_leave_unknown_symbols_behind():
    augment = make_augmenter((Shift(2),), schema())
    out = augment(batch_of(["ACGT"] * 200, 4), jax.random.key(2))
    seen = {DNA.decode(row) for row in np.asarray(out["inputs"]["s"])}
    assert seen == {"NNAC", "NACG", "ACGT", "CGTN", "GTNN"}


@pytest.mark.parametrize("alphabet", [DNA, PROTEIN])
def test_mutations_have_the_asked_rate_and_spare_the_padding(alphabet):
    augment = make_augmenter((Mutate(0.4),), schema(alphabet))
    batch = batch_of(["A" * 50] * 100, 60, alphabet)
    out = np.asarray(augment(batch, jax.random.key(3))["inputs"]["s"])
    expected = 0.4 * (1 - 1 / alphabet.size)
    assert abs((out[:, :50] != 0).mean() - expected) < 0.03
    assert out[:, :50].max() < alphabet.size
    assert (out[:, 50:] == alphabet.pad).all()


def test_moves_follow_one_another():
    """To the other strand and then along it, as a step of two is one of each."""
    spec = schema().inputs[0]
    tokens = jnp.asarray(DNA.encode("AACG"))
    key = jax.random.key(0)
    turned = ReverseComplement(1.0)(tokens, key, spec)
    assert turned.tolist() == DNA.encode("CGTT").tolist()
    place = Shift(1).sources(turned, key, spec)
    assert place.tolist() in ([-1, 0, 1, 2], [0, 1, 2, 3], [1, 2, 3, -1])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ReverseComplement(1.5), "reverse_complement: share is 1.5, not from"),
        (lambda: Mutate(-0.1), "mutate: share is -0.1, not from 0 to 1"),
        (lambda: Shift(-1), "shift: most is -1, it must be at least 0"),
    ],
)
def test_settings_that_make_no_sense_are_named(make, message):
    with pytest.raises(TrainingError, match=message):
        make()


def test_another_strand_is_of_nucleic_acids():
    assert ReverseComplement().accepts(schema().inputs[0])
    assert not ReverseComplement().accepts(schema(PROTEIN).inputs[0])
    assert Shift(1).accepts(schema(PROTEIN).inputs[0])
