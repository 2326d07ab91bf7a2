"""Bases and windows at any place of a genome."""

import gzip
import os

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.genome.reference import Reference

OTHER = str.maketrans("ACGTN", "TGCAN")
LENGTHS = {"chr1": 1000, "chr2": 61, "chr3": 60, "chrM": 7, "empty": 0}


@pytest.fixture(scope="module")
def contigs():
    rng = np.random.default_rng(0)
    return {
        name: "".join(rng.choice(list("ACGTacgtN"), size))
        for name, size in LENGTHS.items()
    }


def written(contigs, width=60, end="\n", last=True):
    lines = []
    for name, text in contigs.items():
        lines.append(f">{name} some words")
        lines += [text[at : at + width] for at in range(0, len(text), width)]
    return (end.join(lines) + (end if last else "")).encode()


def check(genome, contigs):
    assert genome.lengths == {name: len(text) for name, text in contigs.items()}
    rng = np.random.default_rng(1)
    names = rng.choice([n for n in contigs if contigs[n]], 60)
    starts = [int(rng.integers(-9, len(contigs[n]) + 3)) for n in names]
    reverse = rng.random(60) < 0.5
    found = genome.windows(names, starts, 12, reverse=reverse)
    small = genome.windows(names, starts, 12, upper=False)
    for row, (name, start, back) in enumerate(zip(names, starts, reverse, strict=True)):
        padded = "N" * 20 + contigs[name] + "N" * 20
        window = padded[start + 20 : start + 32]
        assert small[row].tobytes().decode() == window
        window = window.upper()
        window = window[::-1].translate(OTHER) if back else window
        assert found[row].tobytes().decode() == window
    assert genome.fetch("chr1", 55, 181) == contigs["chr1"][55:181].upper()
    assert genome.fetch("chr3", 60, 60) == ""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("width", [7, 60, 2000])
def test_windows_are_those_of_the_text(tmp_path, contigs, width, end, last):
    path = tmp_path / "g.fa"
    path.write_bytes(written(contigs, width, end, last))
    check(Reference(path), contigs)  # makes the index
    again = Reference(path)  # takes it
    assert not again.notes
    check(again, contigs)


def test_the_index_is_that_of_samtools(tmp_path, contigs):
    pysam = pytest.importorskip("pysam", reason="pysam is not installed")
    filled = {name: text for name, text in contigs.items() if text}
    for number, end in enumerate(("\n", "\r\n")):
        path, other = tmp_path / f"g{number}.fa", tmp_path / f"h{number}.fa"
        for each in (path, other):
            each.write_bytes(written(filled, end=end))
        assert "index of the genome" in Reference(path).notes[0]
        pysam.faidx(str(other))
        mine, its = (x.with_name(x.name + ".fai").read_text() for x in (path, other))
        assert mine == its


def test_packed_files_and_uneven_lines_are_held(tmp_path, contigs):
    packed = tmp_path / "g.fa.gz"
    filled = {name: text for name, text in contigs.items() if text}
    packed.write_bytes(gzip.compress(written(filled)))
    check(Reference(packed), filled)
    uneven = tmp_path / "u.fa"
    text = contigs["chr1"]
    uneven.write_text(f">chr1\n{text[:50]}\n\n{text[50:53]}\n{text[53:]}\n>b\nACG\n")
    genome = Reference(uneven)
    assert genome.fetch("chr1", 40, 60) == text[40:60].upper()
    assert genome.fetch("b", 0, 3) == "ACG"
    assert not (tmp_path / "u.fa.fai").exists()  # samtools could not use it


def test_an_index_that_does_not_fit_is_made_anew(tmp_path, contigs):
    path, index = tmp_path / "g.fa", tmp_path / "g.fa.fai"
    path.write_bytes(written(contigs))
    Reference(path)
    path.write_bytes(b">x\nACGT\n")
    os.utime(index, (1, 1))
    assert Reference(path).lengths == {"x": 4}
    for damaged in (
        "x\t4",
        "x\t400\t3\t4\t5\n",
        "x\tfour\t3\t4\t5\n",
        "x\t4\t3\t0\t5\n",
    ):
        index.write_text(damaged)
        assert Reference(path).lengths == {"x": 4}


def test_a_folder_that_cannot_be_written_to_is_no_fault(tmp_path, contigs, monkeypatch):
    path = tmp_path / "g.fa"
    path.write_bytes(written(contigs))
    monkeypatch.setattr("pathlib.Path.write_text", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Reference(path)

    def refused(*_, **__):
        raise PermissionError(13, "no")

    monkeypatch.setattr("pathlib.Path.write_text", refused)
    genome = Reference(path)
    assert not genome.notes
    check(genome, contigs)


def test_names_of_contigs(tmp_path):
    path = tmp_path / "g.fa"
    path.write_text(">1\nA\n>MT\nA\n>chrX\nA\n>chr2\nA\n>2\nA\n")
    genome = Reference(path)
    assert [genome.resolve(x) for x in ("chr1", "chrM", "M", "X", "chr2", "2")] == [
        "1", "MT", "MT", "chrX", "chr2", "2",
    ]  # fmt: skip
    assert genome.resolve("chr3") is None
    with pytest.raises(DataError, match=r"has no contig 'chrY'"):
        genome.fetch("chrY", 0, 1)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (">a\nAC\n>a\nGT\n", "two contigs named 'a'"),
        ("", "is empty|no sequences"),
        ("ACGT\n", "no sequences"),
        (">\nACGT\n", "no name after"),
    ],
)
def test_what_is_no_genome(tmp_path, content, told):
    path = tmp_path / "g.fa"
    path.write_text(content)
    with pytest.raises(DataError, match=told):
        Reference(path)


def test_places_beyond_the_ends(tmp_path):
    path = tmp_path / "g.fa"
    path.write_text(">a\nACGT\n")
    with pytest.raises(DataError, match=r"a:4-9 is beyond the contig, which has 4"):
        Reference(path).fetch("a", 3, 9)
    with pytest.raises(DataError, match="no such file"):
        Reference(tmp_path / "none.fa")
