"""Files of variants: scores as of each window by itself, and nothing lost."""

import gzip
import subprocess
import sys
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from jaxbio.data.io.files import open_bytes
from jaxbio.errors import DataError, JaxbioError
from jaxbio.genome.records import InfoField, VariantFile
from jaxbio.genome.saturation import Saturation, region_of
from jaxbio.genome.scoring import Scorer
from jaxbio.genome.variants import effects_by, score_variants
from tests.genome.genomes import LENGTH, bcftools, random_genome, run_of, vcf_of
from tests.genome.test_likelihood_effects import Known
from tests.helpers import reverse_complement

HALF = LENGTH // 2


@pytest.fixture(scope="module")
def run():
    return run_of(members=2)


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    return random_genome(tmp_path_factory.mktemp("g"))


def base(genome, position, size=1, contig="chr1"):
    return genome.fetch(contig, position - 1, position - 1 + size)


def other(genome, position, step=1):
    return "ACGT"[("ACGT".index(base(genome, position)) + step) % 4]


@pytest.fixture(scope="module")
def vcf(genome, tmp_path_factory):
    rows = [
        ("chr1", 3, base(genome, 3), other(genome, 3)),
        ("chr1", 50, base(genome, 50), f"{other(genome, 50)},{other(genome, 50, 2)}"),
        ("chr1", 60, base(genome, 60, 3), f"{base(genome, 60)},*"),
        ("chr1", 70, base(genome, 70), base(genome, 70) + "TT"),
        ("chr1", 80, base(genome, 80), "<DEL>"),
        ("chr1", 81, base(genome, 81), "."),
        ("2", 90, base(genome, 90, 1, "chr2"), "A[chr1:7["),
        ("2", 91, base(genome, 91, 2, "chr2"), "ACGT"[:2]),
        ("chrX", 5, "A", "C"),
    ]  # fmt: skip
    return vcf_of(tmp_path_factory.mktemp("v") / "in.vcf", *rows)


def predicted(run, texts):
    """Means over both strands and networks."""
    both = [run.predictor(rows).values[:, 0] for rows in (
        texts, [reverse_complement(text) for text in texts])]  # fmt: skip
    return np.mean(both, axis=0)


def by_hand(run, genome, record):
    """Difference of one allele by strings: the left halves are alike."""
    contig, position, reference, text = record
    wide = "N" * 50 + genome.fetch(contig, 0, genome.lengths[contig]) + "N" * 50
    lead = 0
    while reference[lead : lead + 1] == text[lead : lead + 1] != "":
        lead += 1
    at = 50 + position - 1 + lead
    left = wide[at - HALF : at]
    before = left + wide[at:]
    after = left + text[lead:] + wide[at + len(reference) - lead :]
    ref, alt = predicted(run, [before[:LENGTH], after[:LENGTH]])
    return alt - ref


def test_every_record_is_in_the_output_with_its_scores(run, genome, vcf, tmp_path):
    out = tmp_path / "out.vcf"
    told = []
    scores = score_variants(run, vcf, genome, out, background=3, on_note=told.append)
    given, found = list(VariantFile(vcf).records()), list(VariantFile(out).records())
    assert len(given) == len(found) == scores.tally.records == 9
    infos = []
    for before, after in zip(given, found, strict=True):
        assert after.text.startswith(before.text)  # nothing but the end of INFO
        pairs = (cell.split("=") for cell in after.text.split("\t")[7].split(";"))
        infos.append(dict(pairs))
    for at, record in ((0, given[0]), (1, given[1]), (3, given[3])):
        values = [float(x) for x in infos[at]["JB_DIFF"].split(",")]
        for number, text in enumerate(record.alternatives):
            own = (record.contig, record.position, record.reference, text)
            expected = by_hand(run, genome, own)
            assert values[number] == pytest.approx(expected, abs=2e-4)
    assert infos[2]["JB_DIFF"].endswith(",.") and infos[2]["JB_SKIP"] == ".,OVERLAPPED"
    skipped = [infos[at].get("JB_SKIP") for at in (4, 5, 6, 8)]
    assert skipped == ["SYMBOLIC", None, "BREAKEND", "NO_CONTIG"]
    assert "JB_DIFF" not in infos[4] and infos[5] == {"DP": "5"}
    declared = VariantFile(out).declared("INFO")
    names = {"REF", "ALT", "DIFF", "SD", "Z", "P", "SKIP", "GENOME"}
    assert declared == {f"JB_{name}" for name in names}
    assert VariantFile(out).declared("contig") == {"chr1", "2", "chrX"}
    assert f"windows of {LENGTH} bases, the variant at base {HALF + 1}" in told[0]
    assert any("2 is chr2" in note for note in told)
    assert tuple(told) == scores.notes


def test_the_table_has_a_row_an_allele(run, genome, vcf, tmp_path):
    found = score_variants(run, vcf, genome, background=0).frame()
    assert len(found) == 10 and found["pos"].tolist()[:3] == [3, 50, 50]
    assert list(found) == ["chrom", "pos", "id", "ref", "alt", "ref_score",
                           "alt_score", "diff", "sd", "skip"]  # fmt: skip
    assert Counter(found["skip"].dropna()) == {
        "OVERLAPPED": 1, "SYMBOLIC": 1, "BREAKEND": 1, "NO_CONTIG": 1
    }  # fmt: skip
    assert found["diff"].isna().tolist() == found["skip"].notna().tolist()
    for name in ("out.tsv", "out.parquet"):
        scores = score_variants(run, vcf, genome, tmp_path / name, background=0)
        read = pd.read_csv if name.endswith("tsv") else pd.read_parquet
        options = {"sep": "\t"} if name.endswith("tsv") else {}
        table = read(tmp_path / name, **options)
        np.testing.assert_allclose(table["diff"], found["diff"], rtol=1e-6)
        with pytest.raises(JaxbioError, match="were written to"):
            scores.frame()


def test_a_job_that_was_stopped_goes_on(run, genome, tmp_path, monkeypatch):
    rows = [("chr1", at, base(genome, at), other(genome, at)) for at in range(20, 60)]
    vcf, out = vcf_of(tmp_path / "in.vcf", *rows), tmp_path / "out.vcf"
    monkeypatch.setattr("jaxbio.genome.variants._ROWS", 10)
    score_variants(run, vcf, genome, tmp_path / "whole.vcf", background=2)
    calls = []

    class Stopping(Scorer):
        def __call__(self, genome, alleles):
            calls.append(len(alleles))
            if len(calls) == 3:
                raise KeyboardInterrupt
            return super().__call__(genome, alleles)

    monkeypatch.setattr("jaxbio.genome.variants.Scorer", Stopping)
    with pytest.raises(KeyboardInterrupt):
        score_variants(run, vcf, genome, out, background=2)
    assert not out.exists() and (tmp_path / "out.vcf.parts").is_dir()
    with pytest.raises(JaxbioError, match="parts by another model or with other"):
        score_variants(run, vcf, genome, out, background=3)
    heard = []
    score_variants(
        run, vcf, genome, out, background=2, on_part=lambda *x: heard.append(x)
    )
    assert heard == [(10, 40, False), (20, 40, False), (30, 40, True), (40, 40, True)]
    assert calls[3:] == [10, 10] and not (tmp_path / "out.vcf.parts").exists()
    assert out.read_text() == (tmp_path / "whole.vcf").read_text()


def test_a_file_that_does_not_fit_is_refused_before_the_work(run, genome, tmp_path):
    right = ("chr1", 50, base(genome, 50), other(genome, 50))
    wrong = ("chr1", 60, other(genome, 60), base(genome, 60))
    vcf, out = vcf_of(tmp_path / "in.vcf", right, wrong), tmp_path / "out.vcf"
    with pytest.raises(DataError, match="1 of 2 records have another REF"):
        score_variants(run, vcf, genome, out)
    assert [x.name for x in tmp_path.iterdir()] == ["in.vcf"]
    score_variants(run, vcf, genome, out, mismatch="skip", background=0)
    skipped = out.read_text().splitlines()[-1]
    assert skipped.endswith("DP=1;JB_SKIP=REF_MISMATCH")
    scores = score_variants(run, vcf, genome, out, mismatch="both", background=0)
    assert scores.tally.scored == 2 and scores.tally.mismatches == 1
    line = out.read_text().splitlines()[-1]
    assert line.endswith(f"JB_GENOME={base(genome, 60)}")
    turned = by_hand(run, genome, ("chr1", 60, base(genome, 60), other(genome, 60)))
    own = float(line.split("JB_DIFF=")[1].split(";")[0])
    assert own == pytest.approx(-turned, abs=2e-4)
    damaged = tmp_path / "cut.vcf.gz"
    many = "".join(f"chr1\t{at}\t.\tN\tA\t.\t.\t.\n" for at in range(1, 399))
    damaged.write_bytes(gzip.compress(vcf.read_bytes() + many.encode())[:-40])
    with pytest.raises(DataError, match="cut off or damaged"):
        score_variants(run, damaged, genome, out, mismatch="skip")
    with pytest.raises(JaxbioError, match=r"has a field JB_\w+ in INFO already.*JB2"):
        score_variants(run, out, genome, tmp_path / "twice.vcf")


def test_all_of_a_region(run, genome, tmp_path):
    source = Saturation(genome, [region_of("1:101-104", genome)], deletions=True)
    table = score_variants(run, source, genome, background=0).frame()
    assert len(table) == 16 and (table["alt"] == "-").sum() == 4
    for row in (0, 3):
        text = table["alt"][row].replace("-", "")
        own = ("chr1", int(table["pos"][row]), table["ref"][row], text)
        assert table["diff"][row] == pytest.approx(by_hand(run, genome, own), abs=2e-4)
    with pytest.raises(JaxbioError, match="is no VCF file: write a table"):
        score_variants(run, source, genome, tmp_path / "out.vcf")


def test_models_without_labels_and_wrong_options(run, genome, vcf):
    masked = Known()
    table = score_variants(masked, vcf, genome, background=0).frame()
    assert table["skip"].tolist().count("INDEL") == 2
    assert np.isfinite(table["llr"][:3]).all()
    assert list(table)[5:] == ["llr", "sd", "skip"]
    for model, options, message in (
        (run, {"method": "pseudo"}, "for models that learned without labels"),
        (run, {"strands": "one"}, "strands='one'"),
        (masked, {"outputs": ["y"]}, "one score, the likelihood of the bases"),
        (masked, {"length": 999}, "length=999: the model sees 12"),
    ):
        with pytest.raises(JaxbioError, match=message):
            effects_by(model, **options)


def test_others_may_add_fields_of_their_own(run, genome, vcf, tmp_path):
    class Lengths:
        fields = (InfoField("REFLEN", "Integer", "bases of REF", "1"),)

        def __call__(self, records):
            return [{"REFLEN": str(len(record.reference))} for record in records]

    out, options = tmp_path / "out.vcf", {"background": 0, "annotators": [Lengths()]}
    score_variants(run, vcf, genome, out, **options)
    records = list(VariantFile(out).records())
    ends = [f"REFLEN={len(record.reference)}" for record in records]
    assert [record.text[-8:] for record in records] == ends
    assert "REFLEN" in VariantFile(out).declared("INFO")
    table = score_variants(run, vcf, genome, **options).frame()
    assert table["reflen"].tolist()[:4] == ["1", "1", "1", "3"]


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "count"), [("mixture.vcf.gz", 10603), ("test.vcf", 73)]
)
def test_all_variants_of_a_virus_come_back(real_data, tmp_path, name, count):
    pysam = pytest.importorskip("pysam", reason="pysam is not installed")
    folder = real_data("genomics/genome_sarscov2")
    genome = tmp_path / "g.fa"
    genome.write_bytes((folder / "NC_045512_Hu-1.fasta").read_bytes())
    out = tmp_path / "out.vcf.gz"
    scores = score_variants(run_of(), folder / name, genome, out, background=0)
    assert scores.tally.scored == count and not scores.tally.reasons
    source = tmp_path / "in.vcf"  # that of the set is packed, but not in blocks
    with open_bytes(folder / name) as handle:
        source.write_bytes(handle.read())
    (after, warnings), (before, known) = map(_read_back, (out, source))
    # What htslib says of the header of the given file it still says, and nothing else.
    assert set(warnings) < set(known)
    texts = [[x.text for x in VariantFile(y).records()] for y in (out, source)]
    for new, old in ((after, before), texts):  # by pysam, and byte by byte
        assert len(new) == count and list(map(_without_scores, new)) == old
    with pysam.TabixFile(str(out)) as handle:
        assert len(list(handle.fetch("NC_045512.2", 0, 29903))) == count
    assert bcftools("index", "-n", out).split() == [str(count)]
    seen = bcftools("query", "-f", "%POS\t%REF\t%ALT\t%INFO/JB_DIFF\n", out).split("\n")
    assert len(seen) == count + 1 and all("\t." not in line for line in seen)


def _without_scores(text):
    """A record without its four new fields."""
    cells = text.split("\t")
    info = [x for x in cells[7].split(";") if not x.startswith("JB_")]
    assert len(info) + 4 - 1 == cells[7].count(";")
    return "\t".join([*cells[:7], ";".join(info), *cells[8:]])


def _read_back(path):
    """The records as another process reads them, and what is warned of."""
    code = (
        "import pysam, sys\n"
        "with pysam.VariantFile(sys.argv[1]) as handle:\n"
        "    for record in handle: sys.stdout.write(str(record))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines(), done.stderr.splitlines()
