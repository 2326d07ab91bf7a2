"""Rules of designs: what breaks them, and which exclude each other."""

import numpy as np
import pytest
from Bio.Restriction import BsaI, EcoRI, RestrictionBatch
from Bio.Seq import Seq

from jaxbio import DNA, PROTEIN
from jaxbio.design import Constraints
from jaxbio.errors import DataError, remedies_as_flags


def kept(rules, *texts, alphabet=DNA):
    return rules.kept(np.stack([alphabet.encode(x) for x in texts]), alphabet).tolist()


def test_motifs_are_forbidden_on_both_strands():
    rules = Constraints(forbid=("GGWC",))
    assert kept(rules, "AGGACA", "AGGTCA", "AGACCT", "AGGGCA") == [
        *(False, False, False),
        True,
    ]


def test_restriction_sites_are_those_of_biopython():
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), 30)) for _ in range(30)]
    texts += [x[:10] + site + x[16:] for x in texts[:5]
              for site in ("GAATTC", "GGTCTC", "GAGACC")]  # fmt: skip
    batch = RestrictionBatch([EcoRI, BsaI])
    expected = [not any(batch.search(Seq("C" * 9 + x + "C" * 9)).values())
                for x in texts]  # fmt: skip
    assert kept(Constraints(enzymes=("EcoRI", "BsaI")), *texts) == expected
    assert not all(expected) and any(expected)


def test_gc_and_runs():
    assert kept(Constraints(gc=(0.5, 0.5)), "ACGT", "AAGT", "GCGT") == [
        *(True, False, False)
    ]
    assert kept(Constraints(max_homopolymer=2), "AAGGA", "AAAGG", "GTTTT") == [
        *(True, False, False)
    ]


def test_codons_keep_their_amino_acid():
    start = DNA.encode("ATGCTTTAA")
    space = Constraints(synonymous=True).space(start, DNA)
    assert space.counts.tolist() == [1, 6, 3]  # Met, Leu, stop
    fixed = Constraints(synonymous=True, fixed=(4,)).space(start, DNA)
    assert fixed.counts.tolist() == [1, 4, 3]  # CTN only
    rng = np.random.default_rng(0)
    rows = space.mutate(np.repeat(space.origin[None], 20, 0), np.full(20, 2), rng)
    proteins = {str(Seq(DNA.decode(row)).translate()) for row in space.decode(rows)}
    assert proteins == {"ML*"}


def test_a_start_that_breaks_rules_is_repaired():
    rules = Constraints(enzymes=("EcoRI",), gc=(0.5, 0.6), max_homopolymer=3)
    start = DNA.encode("AAAAAAGAATTCAAAAAAAA")
    space = rules.space(start, DNA)
    first = rules.first(space, DNA, np.random.default_rng(0))
    assert rules.kept(space.decode(first[None]), DNA).all()


@pytest.mark.parametrize(
    ("rules", "names"),
    [
        ({"forbid": ["AAA"], "fixed": [1, 2, 3]}, ["forbid (AAA)", "fixed (1-3)"]),
        ({"gc": (0.9, 1.0), "max_edits": 1}, ["gc (0.9, 1.0)", "max_edits (1)"]),
        ({"gc": (0.45, 0.45)}, ["gc (0.45, 0.45)"]),
    ],
)
def test_rules_that_exclude_each_other_are_named(monkeypatch, rules, names):
    monkeypatch.setattr("jaxbio.design.constraints._TRIES", 40)
    rules = Constraints(**rules)
    space = rules.space(DNA.encode("AAACCT"), DNA)
    with pytest.raises(DataError) as error:
        rules.first(space, DNA, np.random.default_rng(0))
    assert all(name in str(error.value) for name in names)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            {"forbid": ["ATG", "CAT"], "synonymous": True},
            "--forbid ATG --forbid CAT and --synonymous:",
        ),
        (
            {"enzymes": ["EcoRI"], "fixed": range(4, 10)},
            "--enzyme EcoRI and --fixed 4-9:",
        ),
        (
            {"max_homopolymer": 1, "free": [1]},
            "--max-homopolymer 1 and --free 1:",
        ),
        ({"gc": (0.9, 1.0), "max_edits": 1}, "--gc 0.9 1 and --max-edits 1:"),
    ],
)
def test_the_command_names_them_by_its_options(monkeypatch, rules, message):
    monkeypatch.setattr("jaxbio.design.constraints._TRIES", 20)
    rules = Constraints(**rules)
    start = DNA.encode("ATGGAATTC")
    with remedies_as_flags(), pytest.raises(DataError, match=message):
        rules.first(rules.space(start, DNA), DNA, np.random.default_rng(0))


def test_options_are_named_where_nothing_may_change():
    rules = Constraints(free=(1, 2, 3), synonymous=True)
    with remedies_as_flags(), pytest.raises(DataError, match="--free 1-3 and --syn"):
        rules.space(DNA.encode("ATGGAATTC"), DNA)


@pytest.mark.parametrize(
    ("rules", "alphabet", "message"),
    [
        ({"enzymes": ["BamH1"]}, DNA, "did you mean 'BamHI'"),
        ({"enzymes": ["EcoRI"]}, PROTEIN, "rule for DNA and RNA"),
        ({"forbid": ["GAQ"]}, DNA, "'Q' is no letter of dna"),
        ({"gc": (0.7, 0.2)}, DNA, "the smaller one first"),
        ({"max_edits": 0}, DNA, "at least 1"),
        ({"code": 99}, DNA, "no genetic code 99"),
    ],
)
def test_rules_that_mean_nothing(rules, alphabet, message):
    with pytest.raises(DataError, match=message):
        Constraints(**rules).check(alphabet)


def test_positions_and_codons_must_be_there():
    start = DNA.encode("ATGC")
    with pytest.raises(DataError, match="position 5 is not in a start of 4 letters"):
        Constraints(fixed=(5,)).space(start, DNA)
    with pytest.raises(DataError, match="no whole codons"):
        Constraints(synonymous=True).space(start, DNA)
    with pytest.raises(DataError, match="nothing may change: see free"):
        Constraints(free=()).space(start, DNA)
