import pytest

from jaxbio.data import read
from jaxbio.data.unlabelled import without_target
from jaxbio.errors import DataError, remedies_as_flags
from jaxbio.models import CNN
from jaxbio.run.fitting import fit


@pytest.fixture
def records(tmp_path):
    path = tmp_path / "x.fa"
    lines = [
        f">s{at} len=8 class={'ab'[at % 2]}\nACGTACG{'ACGT'[at % 4]}" for at in range(8)
    ]
    path.write_text("\n".join(lines))
    return path


def test_labels_in_headers_are_proposed_as_the_caller_writes_them(records):
    assert r"read it with labels='\\bclass=(\\S+)'" in str(without_target(records))
    with remedies_as_flags():  # as a shell takes it
        assert r"with --labels '\bclass=(\S+)'" in str(without_target(records))


def test_python_is_told_of_them_too(records):
    data = read(records, inputs={"sequence": "dna"}, targets=[])
    with pytest.raises(DataError, match=r"no target to learn.*labels="):
        fit(CNN(), None, data)


def test_what_has_no_headers_is_told_plainly(tmp_path):
    table = tmp_path / "x.csv"
    table.write_text("a,b\n1,2\n")
    assert str(without_target(table)).startswith(
        f"{table}: there is no target to learn in its columns, which are a, b: add one"
    )
    for source in ({"a": table}, "-", "a DataFrame"):
        assert str(without_target(source)).endswith("there is no target to learn")
    same = tmp_path / "y.fa"
    same.write_text(">one\nACGT\n>two\nACGA\n")
    assert "show no label that varies" in str(without_target(same))
