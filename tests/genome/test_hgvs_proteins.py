"""Names of changed proteins, worked out by hand."""

import pytest

from jaxbio.genome.consequence_terms import Consequence
from jaxbio.genome.hgvs_proteins import protein_hgvs

#          1234567
PROTEIN = "MAKKLG*"


def name(types, protein, strand="+"):
    words = tuple(types.split("&"))
    told = ("g", "t", "x", strand, protein, "1A>C", False, PROTEIN)
    return protein_hgvs(Consequence(words, *told))


@pytest.mark.parametrize(
    ("types", "change", "expected"),
    [
        ("missense", "2A>2T", "p.Ala2Thr"),
        ("missense", "2AK>2TR", "p.Ala2_Lys3delinsThrArg"),
        ("missense", "2AK>2AR", "p.Lys3Arg"),
        ("synonymous", "2A", "p.Ala2="),
        ("synonymous", "2AK", "p.Ala2_Lys3="),
        ("stop_gained", "3K>3*", "p.Lys3Ter"),
        ("stop_gained", "2AK>2A*", "p.Lys3Ter"),
        ("stop_lost", "7*>7S", "p.Ter7SerextTer?"),
        ("stop_retained", "7*", "p.Ter7="),
        ("start_lost", "1M>1I", "p.Met1?"),
        ("start_lost", "", "p.Met1?"),
        ("splice_donor", "", "p.?"),
        ("coding_sequence", "2A>2X", "p.?"),
        ("inframe_deletion", "2AK>2A", "p.Lys4del"),  # of KK the last
        ("inframe_deletion", "2AKK>2A", "p.Lys3_Lys4del"),
        ("inframe_deletion", "2AK>2T", "p.Ala2_Lys3delinsThr"),
        ("inframe_insertion", "2A>2AG", "p.Ala2_Lys3insGly"),
        ("inframe_insertion", "2A>2AK", "p.Lys4dup"),
        ("inframe_insertion", "2A>2AA", "p.Ala2dup"),
        ("inframe_insertion", "1M>1MMA", "p.Met1_Ala2insMetAla"),
        ("inframe_insertion", "2A>2AMA", "p.Met1_Ala2dup"),
        ("inframe_insertion", "2A>2GP", "p.Ala2delinsGlyPro"),
        ("frameshift", "2AKKLG*>2VKNWA", "p.Ala2ValfsTer?"),
        ("frameshift", "2AKKLG*>2AKNW*", "p.Lys4AsnfsTer3"),
        ("frameshift", "2AKKLG*>2AK*", "p.Lys4Ter"),
        ("stop_lost&frameshift", "7*>7SL", "p.Ter7SerextTer?"),
        ("frameshift&stop_retained", "7*>7*", "p.Ter7="),
    ],
)
def test_names(types, change, expected):
    assert name(types, change) == expected


def test_what_changes_no_coding_base_has_no_name():
    assert name("intron", "", strand="") == ""
