import numpy as np
import pandas as pd
import pytest

from jaxbio.errors import DataError
from jaxbio.genome.saturation import (
    Interval,
    Saturation,
    region_of,
    regions_of,
    saturation_map,
)
from tests.genome.genomes import genome_of


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    return genome_of(tmp_path_factory.mktemp("g"), chr1="ACGTNGCA", chr2="ACGT")


def test_every_base_becomes_every_other(genome):
    source = Saturation(genome, [region_of("1:4-6", genome)])
    found = [(x.position, x.reference, x.alternatives) for x in source.records()]
    assert found == [(4, "T", ("A", "C", "G")), (6, "G", ("A", "C", "T"))]
    assert source.columns(list(source.records())) == {
        "chrom": ["chr1"] * 2, "pos": [4, 6]
    }  # fmt: skip
    with_deletions = Saturation(genome, source.intervals, deletions=True)
    assert [x.alternatives[-1] for x in with_deletions.records()] == ["-", "-"]


def test_regions_are_cut_at_the_ends_of_contigs(genome, tmp_path):
    bed = tmp_path / "r.bed"
    bed.write_text("track name=x\n#c\nchr1\t6\t8\tone\n2\t1\t9\t.\n")
    intervals = regions_of(bed, genome)
    assert intervals == [Interval("chr1", 6, 8, "one"), Interval("chr2", 1, 9, "2:2-9")]
    source = Saturation(genome, intervals)
    assert source.notes[0].startswith("1 regions reach beyond the end") and (
        "2:2-9" in source.notes[0]
    )
    records = list(source.records())
    assert [x.position for x in records] == [7, 8, 2, 3, 4]
    assert source.columns(records)["region"] == ["one"] * 2 + ["2:2-9"] * 3
    with pytest.raises(DataError, match="region x: chr2 has 4 bases"):
        Saturation(genome, [Interval("chr2", 4, 5, "x")])
    with pytest.raises(DataError, match="no regions"):
        Saturation(genome, [])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("chr1\t5", "row 1: 2 columns instead of at least 3"),
        ("chr1\tx\t9", "start 'x' is no whole number"),
        ("chr1\t9\t9", "the region has no bases"),
        ("chrX\t1\t9", "no contig 'chrX': did you mean"),
    ],
)
def test_lines_that_are_no_region(genome, tmp_path, line, message):
    (tmp_path / "r.bed").write_text(line + "\n")
    with pytest.raises(DataError, match=message):
        regions_of(tmp_path / "r.bed", genome)
    with pytest.raises(DataError, match="no contig 'chrX'"):
        region_of("chrX:1-9", genome)


def test_a_map_has_a_row_a_base(tmp_path):
    path = tmp_path / "s.tsv"
    table = pd.DataFrame({"chrom": "c", "pos": [4, 4, 6], "ref": ["T", "T", "G"],
                          "alt": ["A", "-", "C"], "ref_score": 1.0,
                          "diff_x": [0.5, -1.0, np.nan], "diff_y": 0.0})  # fmt: skip
    table.to_csv(path, sep="\t", index=False)
    axes = saturation_map(path, title="c:4-6").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == list("ACGT-")
    drawn = np.ma.filled(axes.images[0].get_array(), np.nan)
    expected = np.full((5, 3), np.nan)
    expected[0, 0], expected[4, 0] = 0.5, -1.0
    np.testing.assert_array_equal(drawn, expected)
    table.rename(columns={"alt": "x"}).to_csv(path, sep="\t", index=False)
    with pytest.raises(DataError, match="no table of the variants of a region"):
        saturation_map(path)
