import numpy as np
import pytest

from jaxbio.genome.alleles import Edit, edit_of
from jaxbio.genome.matching import Allele
from jaxbio.genome.pairs import random_edits, window_pairs
from tests.genome.genomes import genome_of, random_genome


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    return random_genome(tmp_path_factory.mktemp("g"))


def allele(genome, position, alternative, *, size=1, contig="chr1", given=None):
    reference = genome.fetch(contig, position - 1, position - 1 + size)
    return Allele(0, 0, contig, edit_of(position, reference, alternative), given)


def texts(windows):
    return [row.tobytes().decode() for row in windows]


def test_windows_are_cut_once_and_edited_for_each_allele(genome):
    base = genome.fetch("chr1", 99, 100)
    others = [x for x in "ACGT" if x != base]
    alleles = [allele(genome, 100, x) for x in others]
    alleles.append(allele(genome, 100, others[0], contig="chr2"))
    edits = [x.edit for x in alleles]
    pairs = window_pairs(genome, alleles, edits, 20)
    assert len(pairs) == 4 and len(pairs.references) == 2
    assert pairs.of.tolist() == [0, 0, 0, 1]
    own = genome.fetch("chr1", 89, 109)
    assert texts(pairs.references)[0] == own
    assert texts(pairs.alternatives)[:3] == [f"{own[:10]}{x}{own[11:]}" for x in others]
    moved = window_pairs(genome, alleles, edits, 20, shift=3)
    assert texts(moved.references)[0] == genome.fetch("chr1", 92, 112)
    assert moved.at.tolist() == [7] * 4


def test_reference_bases_of_a_file_stand_in_both_windows(tmp_path):
    genome = genome_of(tmp_path, c="ACGTACGTACGT")
    (edit,) = edits = [edit_of(6, "TT", "TG")]
    found = window_pairs(genome, [Allele(0, 0, "c", edit, (5, "TT"))], edits, 8)
    # The edit begins at 6, so the window at 2; there the genome has GTACGTAC.
    assert texts(found.references) == ["GTATTTAC"]
    assert texts(found.alternatives) == ["GTATGTAC"]


def after(text):
    """Other bases of the same number."""
    return text.translate(str.maketrans("ACGT", "CGTA"))


@pytest.mark.parametrize(
    ("size", "kind"),
    [(1, "snv"), (2, "mnv"), (1, "insertion"), (3, "deletion"), (3, "complex")],
)
def test_random_edits_are_of_the_same_kind_elsewhere(genome, size, kind):
    reference = genome.fetch("chr1", 99, 99 + size)
    text = {
        "insertion": f"{reference}TT",
        "deletion": reference[0],
        "complex": f"{after(reference[0])}{after(reference[-1])}",
    }.get(kind, after(reference))
    own = allele(genome, 100, text, size=size)
    assert own.edit.kind == kind
    drawn = random_edits(genome, [own], 40, count=200, margin=2, seed=3)
    assert len(drawn) == 200 and len({edit.start for edit in drawn}) > 10
    start = own.edit.start - 20
    for edit in drawn:
        assert len(edit.removed) == len(own.edit.removed)
        assert len(edit.inserted) == len(own.edit.inserted)
        end = edit.start + len(edit.removed)
        assert edit.removed == genome.fetch("chr1", edit.start, end)
        assert start + 2 <= edit.start <= start + 38 - len(edit.inserted)
        assert edit.start != own.edit.start
        if len(edit.removed) == len(edit.inserted):
            pairs = zip(edit.removed, edit.inserted, strict=True)
            assert all(before != after for before, after in pairs)
    again = random_edits(genome, [own, own], 40, count=200, margin=2, seed=3)
    assert again[:200] == drawn == again[200:]
    assert random_edits(genome, [own], 40, count=200, margin=2, seed=4) != drawn


def test_without_a_place_for_any_they_hold_n(tmp_path):
    genome = genome_of(tmp_path, c="NNNNNANNNNNN")
    own = Allele(0, 0, "c", Edit(5, "A", "C"))
    assert random_edits(genome, [own], 8, count=2) == [Edit(5, "N", "N")] * 2


def test_letters_are_in_ascii(genome):
    own = allele(genome, 5, "ACGTA"[:1] + "GG")
    pairs = window_pairs(genome, [own], [own.edit], 16)
    assert pairs.references.dtype == np.uint8
    assert texts(pairs.references)[0].startswith("N" * (8 - own.edit.start))
