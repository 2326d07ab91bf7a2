"""Damaged files of every format: data or an error for people, nothing else."""

import random
import tracemalloc

import pytest

from benchmarks import fuzz
from jaxbio.errors import DataError

FORMATS = (
    *("fasta", "fastq", "csv", "tsv", "parquet", "npz", "h5ad", "png", "pdb", "cif"),
    "vcf",
)


@pytest.fixture(scope="module")
def files():
    return fuzz.seeds()


@pytest.mark.parametrize("form", FORMATS)
def test_whole_files_are_read(tmp_path, files, form):
    if form not in files:
        pytest.skip(f"what writes {form} is not installed")
    path = tmp_path / f"x.{form}"
    path.write_bytes(files[form])
    assert fuzz.reader(form)(path) is not None


@pytest.mark.parametrize("form", FORMATS)
def test_damaged_files_are_data_or_an_error(tmp_path, files, form):
    if form not in files:
        pytest.skip(f"what writes {form} is not installed")
    result = fuzz.fuzz(form, files[form], tmp_path, mutations=200, seed=10_000)
    assert result["faults"] == {}
    assert result["read"] + result["errors"] == 200 and result["errors"] > 20


def test_faults_are_found_and_can_be_made_again(tmp_path, monkeypatch):
    def broken(path):
        content = path.read_bytes()
        if content != b"good":
            raise DataError("told") if len(content) % 2 else KeyError("not told")

    monkeypatch.setattr(fuzz, "reader", lambda form: broken)
    tracemalloc.start()
    result = fuzz.fuzz("csv", b"good", tmp_path, mutations=50)
    again = fuzz.fuzz("csv", b"good", tmp_path, mutations=50)
    tracemalloc.stop()
    assert result["tracebacks"] and result["errors"]
    assert result["faults"] == again["faults"]
    ((kind, told),) = result["faults"].items()
    assert kind.startswith("KeyError at ") and "not told" in told
    seed = int(told.split()[1].rstrip(":"))
    path = tmp_path / "again"
    path.write_bytes(fuzz.mutate(b"good", random.Random(f"csv {seed}")))
    with pytest.raises(KeyError):
        broken(path)


def test_a_hang_is_stopped(tmp_path, monkeypatch):
    def endless(path):
        while True:
            pass

    monkeypatch.setattr(fuzz, "HANG", 0.05)
    monkeypatch.setattr(fuzz, "reader", lambda form: endless)
    result = fuzz.fuzz("csv", b"good", tmp_path, mutations=2)
    assert result["hangs"] == 2 and result["faults"] == {"hang": "seed 0"}


def test_numbers_of_residues_that_are_none_are_no_traceback(tmp_path, files):
    # Found by 1,600 mutations of each format: the number of a residue was `4?1e400`.
    found = fuzz.fuzz("cif", files["cif"], tmp_path, mutations=1, seed=1156)
    assert not found["tracebacks"] and not found["hangs"]


def test_a_text_that_claims_gigabytes_is_refused_at_once(tmp_path, files):
    # HDF5 took four gigabytes and six seconds for the name of a column.
    if "h5ad" not in files:
        pytest.skip("h5py is not installed")
    path = tmp_path / "x.h5ad"
    path.write_bytes(fuzz.mutate(files["h5ad"], random.Random("h5ad 30")))
    with pytest.raises(DataError, match=r"claims a text of 4,294,901,766 bytes"):
        fuzz.reader("h5ad")(path)
