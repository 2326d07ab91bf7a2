"""Substitutions as they are written, and what is said of those that do not fit."""

import pytest

from jaxbio.data.mutations import (
    Substitution,
    mutated,
    parse_mutations,
    single_mutations,
)
from jaxbio.errors import DataError, remedies_as_flags

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
WILD = "MKVLAAGIKW"


def parse(*texts, wild=WILD, symbols=RESIDUES, **more):
    return parse_mutations(texts, wild, symbols=symbols, **more)


def test_each_way_of_writing_is_read():
    one = (Substitution(1, "K", "R"),)
    assert parse("K2R", "p.Lys2Arg", "p.K2R", "k2r".upper()) == [one] * 4
    assert parse("K12R", first=11) == [one]
    two = (Substitution(1, "K", "R"), Substitution(4, "A", "G"))
    assert parse("K2R:A5G", "K2R,A5G", "K2R;A5G") == [two] * 3
    assert parse("WT", "") == [(), ()]
    bases = parse("g.2C>T", "C2T", "c.2C>U", wild="acgu", symbols="ACGT")
    assert bases == [(Substitution(1, "C", "T"),)] * 3
    assert parse("U4C", wild="ACGT", symbols="ACGU") == [(Substitution(3, "U", "C"),)]
    assert mutated(WILD, two) == "MRVLGAGIKW"


def test_all_single_ones_are_named():
    names, variants = single_mutations("AXC", RESIDUES, first=5)
    assert len(names) == 38 and names[0] == "A5C" and names[-1] == "C7Y"
    assert variants == parse(*names, wild="AXC", first=5)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["K1R", "V2A"], r"a.csv, row 2: K1R: the wild type has M at 1 \(K stands at 2"
                         r"\); all fit if the first .* is number 0: use --first 0"),
        (["K42R", "A45G"], r"no place 42: .* from 1 to 10; all fit .* --first 41"),
        (["W1A", "M1W"], r"has M at 1; 1 of 2 substitutions do not fit: is it the"),
        (["K2R", "K2R:K2A"], "row 3: K2R:K2A changes a place twice"),
        (["K2Z"], "'Z' is not among the symbols"),
        (["K2del"], "'K2del' is no substitution: write"),
        (["Kxx2Arg"], "'Kxx2Arg' names no amino acid"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_what_is_meant(texts, message):
    where = [f"a.csv, row {at + 2}" for at in range(len(texts))]
    with remedies_as_flags(), pytest.raises(DataError, match=message):
        parse(*texts, where=where)
