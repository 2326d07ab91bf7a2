import gzip
import pickle

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.genome.reference import Reference
from tests.helpers import reverse_complement

CONTIGS = {"chr1": "ACGTTGCAAGCTTACGGA", "2": "acgtnRYacgtt", "chrM": "TTT"}


def text_of(width, end="\n"):
    lines = []
    for name, letters in CONTIGS.items():
        lines.append(f">{name} about it")
        lines += [letters[at : at + width] for at in range(0, len(letters), width)]
    return end.join(lines) + end


def check(genome):
    assert genome.lengths == {name: len(text) for name, text in CONTIGS.items()}
    for name, text in CONTIGS.items():
        assert genome.fetch(name, 0, len(text)) == text.upper()
    assert genome.fetch("chr1", -3, 3) == "ACG" and genome.fetch("2", 10, 99) == "TT"


@pytest.mark.parametrize("width", [5, 6, 60])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_plain_files_get_an_index(tmp_path, width, end):
    path = tmp_path / "g.fa"
    path.write_bytes(text_of(width, end).encode())
    genome = Reference(path)
    check(genome)
    assert genome.notes == ("made the index g.fa.fai of g.fa",)
    again = Reference(path)
    check(again)
    assert again.notes == ()
    check(pickle.loads(pickle.dumps(again)))


def test_the_index_is_that_of_samtools(tmp_path):
    pysam = pytest.importorskip("pysam", reason="pysam is not installed")
    for name, end in (("a.fa", "\n"), ("b.fa", "\r\n")):
        path = tmp_path / name
        path.write_bytes(text_of(5, end).encode())
        Reference(path)
        index = tmp_path / f"{name}.fai"
        ours = index.read_text()
        index.unlink()
        pysam.faidx(str(path))
        assert index.read_text() == ours
        check(Reference(path))


def test_files_whose_lines_differ_and_packed_ones_are_held(tmp_path):
    uneven = text_of(5).replace("GCAAG", "GC\nAAG", 1)
    (tmp_path / "u.fa").write_text(uneven)
    (tmp_path / "g.fa.gz").write_bytes(gzip.compress(text_of(5).encode()))
    for name in ("u.fa", "g.fa.gz"):
        check(Reference(tmp_path / name))
        assert not (tmp_path / f"{name}.fai").exists()


def test_files_in_blocks_are_read_by_pysam(tmp_path):
    pysam = pytest.importorskip("pysam", reason="pysam is not installed")
    path = tmp_path / "g.fa.gz"
    with pysam.BGZFile(str(path), "wb") as handle:
        handle.write(text_of(5).encode())
    genome = Reference(path)
    check(genome)
    assert genome.notes == ("made the index of g.fa.gz",)


def test_windows_are_slices_with_n_beyond_the_ends(tmp_path):
    path = tmp_path / "g.fa"
    path.write_text(text_of(7))
    genome = Reference(path)
    names = np.array(list(CONTIGS))[[0, 1, 0, 2, 1, 0, 0]].tolist()
    starts = [-4, 3, 14, -1, 30, 2, -30]
    turned = np.array([0, 1, 0, 1, 0, 1, 0], bool)
    expected = []
    for name, start, turn in zip(names, starts, turned, strict=True):
        wide = "N" * 40 + CONTIGS[name].upper() + "N" * 40
        text = wide[40 + start : 48 + start]
        text = text.translate(str.maketrans("RY", "YR")) if turn else text
        expected.append(reverse_complement(text) if turn else text)
    found = genome.windows(names, starts, 8, turned)
    assert [row.tobytes().decode() for row in found] == expected
    assert genome.windows([], [], 8).shape == (0, 8)


def test_names_with_and_without_chr(tmp_path):
    path = tmp_path / "g.fa"
    path.write_text(text_of(7))
    genome = Reference(path)
    found = [genome.resolve(x) for x in ("chr1", "1", "chr2", "2", "MT", "chrMT", "M")]
    assert found == ["chr1", "chr1", "2", "2", "chrM", "chrM", "chrM"]
    assert genome.resolve("3") is None and genome.resolve("chr11") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ACGT\n", "begins with '>'"),
        (">a\nAC\n>a\nGT\n", "'a' stands there twice"),
        (">\nAC\n", "has no name"),
        (">a\n>b\n", "no bases"),
    ],
)
def test_what_is_no_genome(tmp_path, text, message):
    path = tmp_path / "g.fa"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        Reference(path)


def test_an_index_of_another_file_is_told(tmp_path):
    path = tmp_path / "g.fa"
    path.write_text(text_of(5))
    (tmp_path / "g.fa.fai").write_text("chr1\t999\t6\t5\t6\n")
    with pytest.raises(DataError, match=r"g\.fa\.fai is of another file: remove it"):
        Reference(path).fetch("chr1", 0, 5)
    (tmp_path / "g.fa.fai").write_text("chr1\n")
    with pytest.raises(DataError, match="no line of an index"):
        Reference(path)


def test_few_contigs_are_held(tmp_path, monkeypatch):
    path = tmp_path / "g.fa"
    path.write_text(text_of(5))
    monkeypatch.setattr("jaxbio.genome.reference._HELD", 20)
    genome = Reference(path)
    check(genome)
    assert list(genome._held) == ["2"]
