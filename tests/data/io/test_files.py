"""Opening files: endings, compression, line ends and encodings."""

import bz2
import gzip
import io

import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.data.io.files import ENDINGS, format_of, open_bytes, text_blocks
from jaxbio.errors import DataError


@pytest.mark.parametrize("ending", sorted(ENDINGS))
@pytest.mark.parametrize("packed", ["", ".gz", ".bz2", ".GZ"])
def test_format_by_ending(ending, packed):
    assert format_of(f"some.dir/a.b{ending}{packed}") == ENDINGS[ending]
    assert format_of(f"A{ending.upper()}{packed}") == ENDINGS[ending]


@pytest.mark.parametrize("name", ["a.doc", "a", "a.gz", ".csv", "a.csv.zip"])
def test_unknown_ending(name):
    with pytest.raises(DataError, match=r"\.csv, \.tsv, .*\.npz"):
        format_of(name)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("x.fa", bytes),
        ("x.fa.gz", gzip.compress),
        ("x.fa.bz2", bz2.compress),
        ("misnamed.fa", gzip.compress),
    ],
)
def test_compression_is_told_by_content(tmp_path, name, pack):
    path = tmp_path / name
    path.write_bytes(pack(b">a\nACGT\n"))
    with open_bytes(path) as handle:
        assert handle.read() == b">a\nACGT\n"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.fa.gz", b">a\nACGT\n", "not compressed, as the ending '.gz' says"),
        (
            "x.fa.gz",
            gzip.compress(b">a\nACGT\n" * 999, mtime=0)[:-9],
            "cut off or damaged",
        ),
        (
            "x.fa.gz",
            gzip.compress(b"ACGT" * 99, mtime=0)[:12] + b"junk" * 9,
            "damaged|cannot be",
        ),
        ("x.fa.bz2", bz2.compress(b"ACGT" * 99)[:-9], "cut off or damaged"),
        ("x.fa.bz2", b"BZh9junk junk junk junk junk", "cannot be read"),
    ],
)
def test_damaged_files(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=message), open_bytes(path) as handle:
        handle.read()


def test_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "reads.csv").write_text("a\n1\n")
    with pytest.raises(DataError, match=r"no such file in .*did you mean 'reads\.csv'"):
        open_bytes(tmp_path / "read.csv").__enter__()
    with pytest.raises(DataError, match=r"the folder .* does not exist"):
        open_bytes(tmp_path / "none" / "read.csv").__enter__()
    with pytest.raises(DataError, match="cannot be read"):
        open_bytes(tmp_path).__enter__()


line = st.text(
    st.characters(exclude_characters="\0\r\n\ufeff", codec="utf-8"), max_size=9
)


@given(
    lines=st.lists(line, min_size=1, max_size=9).filter(
        lambda x: any(map(str.strip, x))
    ),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    size=st.integers(1, 40),
    mark=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_any_line_end_and_block_size_give_the_same_text(lines, end, size, mark):
    raw = end.join(lines).encode("utf-8-sig" if mark else "utf-8")
    blocks = list(text_blocks(io.BytesIO(raw), "x", size=size))
    assert "".join(blocks) == "\n".join(lines)
    assert all(block.endswith("\n") for block in blocks[:-1])


def test_latin_1_is_read_where_it_is_not_utf_8():
    assert "".join(text_blocks(io.BytesIO("gène\n".encode("latin-1")), "x")) == "gène\n"
    assert "".join(text_blocks(io.BytesIO("gène µ\n".encode()), "x")) == "gène µ\n"


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_by_its_mark(order):
    text = "Größe;µ\r\n" * 100
    raw = f"\ufeff{text}".encode(order)
    blocks = list(text_blocks(io.BytesIO(raw), "x.csv", size=64))
    assert len(blocks) > 1
    assert "".join(blocks) == text.replace("\r", "")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\n\r\n", "the file is empty"),
        (b"\x00\x01\x02", "binary, not text"),
        (b"\xff\xfea\0\0\xdcb\0", "begins as UTF-16 and is none .*: save it as UTF-8"),
    ],
)
def test_what_is_not_text(raw, message):
    with pytest.raises(DataError, match=f"x.csv: .*{message}"):
        list(text_blocks(io.BytesIO(raw), "x.csv"))


class _Endless(io.RawIOBase):
    """Bytes that never end, as those of a device are."""

    def __init__(self, byte):
        self.byte, self.given = byte, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        buffer[:] = self.byte * len(buffer)
        self.given += len(buffer)
        assert self.given < 50e6, "read on and on"
        return len(buffer)


@pytest.mark.parametrize(
    "byte, message", [(b"\0", "binary, not text"), (b"A", "does not end after 2 MiB")]
)
def test_a_line_without_end(monkeypatch, byte, message):
    monkeypatch.setenv("JAXBIO_LINE_MB", "2")
    with pytest.raises(DataError, match=message):
        list(text_blocks(io.BufferedReader(_Endless(byte)), "x.txt"))


@pytest.mark.parametrize("ending", ["csv", "fa", "fq", "gb", "pdb", "vcf", "cif"])
def test_every_reader_of_text_has_the_limit(monkeypatch, tmp_path, ending):
    from jaxbio.data.formats import read_frames
    from jaxbio.genome import read_genotypes
    from jaxbio.structure import read_chains

    path = tmp_path / f"x.{ending}.gz"
    start = {"fa": b">a\n", "fq": b"@a\n", "vcf": b"##fileformat=VCFv4.2\n"}
    path.write_bytes(gzip.compress(start.get(ending, b"") + b"A" * (3 << 20), 1))
    readers = {"pdb": read_chains, "cif": read_chains, "vcf": read_genotypes}
    monkeypatch.setenv("JAXBIO_LINE_MB", "2")
    with pytest.raises(DataError, match=r"x.*gz: a line .*JAXBIO_LINE_MB=512"):
        list(readers.get(ending, read_frames)(path))
    for wrong in ("0", "many", "-1"):
        monkeypatch.setenv("JAXBIO_LINE_MB", wrong)
        with pytest.raises(DataError, match=f"JAXBIO_LINE_MB={wrong}: give whole MiB"):
            list(text_blocks(io.BytesIO(b"a\n"), "x.txt"))


def test_a_long_line_within_the_limit(monkeypatch):
    monkeypatch.setenv("JAXBIO_LINE_MB", "4")
    (text,) = text_blocks(io.BytesIO(b"A" * (3 << 20)), "x.txt")
    assert len(text) == 3 << 20
