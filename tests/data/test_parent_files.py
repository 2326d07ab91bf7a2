"""The parent of mutations from its letters or a file."""

import pytest

from jaxbio.data.parent import Parent
from jaxbio.data.parent_files import read_parent
from jaxbio.errors import DataError, JaxbioError


def test_a_parent_is_one_sequence_of_a_known_kind(tmp_path):
    two = tmp_path / "two.fa"
    two.write_text(">a\nMAKW\n>b\nMAKL\n")
    with pytest.raises(DataError, match="has 2 sequences"):
        read_parent(two)
    assert read_parent("ACGT").kind == "dna"
    assert read_parent("acgu").kind == "rna"
    with pytest.raises(JaxbioError, match="a parent is dna, rna, protein"):
        Parent.of("CCO", kind="smiles")
