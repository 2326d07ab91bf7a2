from jaxbio.alphabet import DNA
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.columns.sequences import SequenceSpec


def test_a_sequence_has_an_alphabet_and_perhaps_one_length():
    ragged = SequenceSpec("s", "dna", DNA, min_length=3, max_length=9)
    fixed = SequenceSpec("s", "dna", DNA, min_length=9, max_length=9)
    assert [spec.is_sequence for spec in (ragged, fixed)] == [True, True]
    assert [spec.fixed_length for spec in (ragged, fixed)] == [False, True]
    # Both lengths of a number are 0, which is no length.
    number = NumericSpec("x", "numeric")
    assert not number.is_sequence and not number.fixed_length
