"""Consequences as they are written."""

from jaxbio.genome.consequence_terms import (
    INTERGENIC,
    TYPES,
    Consequence,
    Variant,
    in_order,
)


def test_fields_that_are_empty_at_the_end_are_left_out():
    one = Consequence(("intron",), "IL5RA", "", "protein_coding")
    assert str(one) == "intron|IL5RA||protein_coding"
    assert str(INTERGENIC) == "intergenic"


def test_all_fields():
    one = Consequence(
        ("missense",), "g", "t", "b", "-", "5I>5L", "7A>C", after_stop=True
    )
    assert str(one) == "*missense|g|t|b|-|5I>5L|7A>C"
    assert one.type == "*missense"


def test_signs_that_mean_something_in_vcf_are_escaped():
    one = Consequence(("intron",), "a b,c", "x=1;y|z", "r%")
    assert str(one) == "intron|a%20b%2Cc|x%3D1%3By%7Cz|r%25"


def test_types_have_one_order():
    assert in_order(reversed(TYPES)) == TYPES
    assert in_order(["start_lost", "frameshift", "start_lost"]) == (
        "frameshift",
        "start_lost",
    )


def test_variants_are_written_as_in_the_file():
    assert str(Variant(12, "A", "AT")) == "12A>AT"
