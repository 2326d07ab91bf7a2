"""Records checked against the genome before they are looked at."""

import pytest

from jaxbio.errors import DataError
from jaxbio.genome.consequence_files import annotate_consequences
from jaxbio.genome.consequence_records import Blocks, ConsequenceAnnotator
from jaxbio.genome.records import VariantFile
from tests.genomes import LENGTH, Bases, genome, gff, sequence, vcf


@pytest.fixture
def run(tmp_path):
    def annotate(rows, samples=(), *, text=None, bases=None, **options):
        (tmp_path / "g.gff3").write_text(gff())
        (tmp_path / "v.vcf").write_text(text or vcf(rows, samples))
        out = tmp_path / "out.vcf"
        bases = bases or genome()
        summary = annotate_consequences(
            tmp_path / "v.vcf", tmp_path / "g.gff3", bases, out, **options
        )
        return summary, [record.text for record in VariantFile(out).records()]

    return annotate


def test_a_reference_base_that_is_not_there(run):
    expected = r"v\.vcf, row 6: REF at 1:126 is C, the genome has T \(one base to the "
    with pytest.raises(DataError, match=expected + "left it has C: POS may be off by"):
        run(["126 C A"])
    with pytest.raises(DataError, match="mismatch='skip'"):
        run(["126 G A"])


def test_reference_bases_that_are_not_there_pass_through(run):
    summary, rows = run(["126 C A", "126 T A"], mismatch="skip")
    assert "BCSQ" not in rows[0] and "BCSQ=synonymous" in rows[1]
    assert summary.skipped == {"REF_MISMATCH": 1}
    assert any(
        "1 alleles without consequences, REF_MISMATCH" in n for n in summary.notes
    )
    assert any("row 6 (1:126:C:A)" in note for note in summary.notes)


def test_what_cannot_be_looked_at_is_counted_and_kept(run):
    rows = ["126 T <DEL>", "126 T *", "126 T T", "126 T G]1:9]", "600 AA A", "126 T ."]
    rows[4] = f"{LENGTH} {sequence()[-1]}A A"
    summary, kept = run(rows)
    assert len(kept) == 6 and not any("BCSQ" in row for row in kept)
    assert summary.skipped == {"SYMBOLIC": 3, "SAME": 1, "OUTSIDE": 1}


def test_ambiguous_and_lower_case_bases_agree(run):
    bases = list(sequence().lower())
    bases[124], bases[125] = "n", "y"
    _, rows = run(["126 T A", "125 C A", "124 g a"], bases=Bases({"1": "".join(bases)}))
    assert "BCSQ=coding_sequence|GENE|T|protein_coding|+|2X|126T>A" in rows[0]
    assert all("BCSQ" in row for row in rows)


def test_no_contig_of_the_genome(run):
    text = vcf(["126 T A"]).replace("\n1\t", "\nchrZ\t")
    with pytest.raises(DataError, match=r"the genome has none of its contigs \(chrZ\)"):
        run([], text=text)


def test_contigs_that_are_called_otherwise(run):
    class Renamed(Bases):
        def resolve(self, name):
            return name.removeprefix("chr")

    text = vcf(["126 T A"]).replace("\n1\t", "\nchr1\t")
    summary, rows = run([], text=text, bases=Renamed({"1": sequence()}))
    assert "BCSQ=synonymous" in rows[0] and rows[0].startswith("chr1\t")
    assert "contigs are called otherwise in the genome: chr1 is 1" in summary.notes


def test_blocks_give_what_the_genome_gives():
    bases = Bases({"1": sequence() * 300, "2": "acgt"})
    blocks = Blocks(bases)
    edge = 1 << 16
    for start, end in (
        (0, 9),
        (edge - 5, edge + 5),
        (edge, edge + 9),
        (179990, 180000),
    ):
        assert blocks("1", start, end) == bases.fetch("1", start, end)
    assert blocks("2", 1, 3) == "CG"


def test_annotator_beside_scores(tmp_path):
    (tmp_path / "g.gff3").write_text(gff())
    (tmp_path / "v.vcf").write_text(vcf(["126 T A,<DEL>", "126 C A", "90 N A"]))
    annotator = ConsequenceAnnotator(tmp_path / "g.gff3", genome())
    records = list(VariantFile(tmp_path / "v.vcf").records())
    assert [field.name for field in annotator.fields] == ["BCSQ"]
    assert annotator(records) == [
        {"BCSQ": "synonymous|GENE|T|protein_coding|+|2A|126T>A"},
        {"BCSQ": ""},  # REF is not what the genome has
        {"BCSQ": "intergenic"},
    ]
