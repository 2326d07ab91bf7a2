"""Whatever a file holds, reading it gives a data set or an error for people."""

import gzip

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from jaxbio.data import read, stream
from jaxbio.data.dataset import Dataset
from jaxbio.errors import JaxbioError

TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".fa", ".fastq", ".gb")
BINARY_ENDINGS = (".npz", ".parquet", ".csv.gz", ".fa.bz2")
HEADERS = (
    "seq,label\n",
    "seq\tlabel\n",
    ">a\n",
    "@a\nAC\n+\nII\n",
    "LOCUS       A 12 bp",
)
often = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
pieces = st.lists(
    st.sampled_from(
        [*HEADERS, *"ACGTNE,;\t\n\r\"'>@+#*01.-_ ", "NA", "inf", "é", "//\n"]
    )
)


def check(path, content: bytes) -> None:
    path.write_bytes(content)
    for attempt in (
        lambda: read(path),
        lambda: read(path, labels="(a)"),
        lambda: read(path, inputs={"seq": "dna"}, targets={"label": "number"}),
        lambda: read(path, inputs={"*": "numeric"}, targets=[]),
        lambda: next(stream(path, {"seq": "category"}, rows=2)),
    ):
        try:
            data = attempt()
        except JaxbioError as error:
            assert "\n" not in str(error).strip()
        else:
            assert isinstance(data, Dataset) and len(data)


@pytest.mark.parametrize("ending", TEXT_ENDINGS)
@given(header=st.sampled_from(("", *HEADERS)), rest=pieces)
@often
def test_text_that_almost_fits(tmp_path, ending, header, rest):
    check(tmp_path / f"x{ending}", (header + "".join(rest)).encode())


@pytest.mark.parametrize("ending", (*TEXT_ENDINGS, *BINARY_ENDINGS))
@given(content=st.binary(max_size=80))
@example(content=b"\xff\xfea\0")
@example(content=b"BZh91AY&SY")
@example(content=b"\x1f\x8b\x08")
@often
def test_any_bytes(tmp_path, ending, content):
    check(tmp_path / f"x{ending}", content)


@given(content=st.text(max_size=80))
@often
def test_any_text(tmp_path, content):
    for ending in TEXT_ENDINGS:
        check(tmp_path / f"x{ending}", content.encode("utf-8", "surrogatepass"))


@given(cut=st.integers(0, 200), flip=st.integers(0, 8 * 60 - 1))
@often
def test_damaged_compression(tmp_path, cut, flip):
    packed = bytearray(gzip.compress(b"seq,label\n" + b"ACGT,1\nGGT,0\n" * 20))
    packed[flip // 8 % len(packed)] ^= 1 << flip % 8
    check(tmp_path / "x.csv.gz", bytes(packed[:cut]))
