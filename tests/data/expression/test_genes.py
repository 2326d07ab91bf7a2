import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import sparse

from jaxbio.data.expression import (
    gene_kind,
    match_genes,
    take_genes,
)
from jaxbio.errors import DataError


def test_genes_are_matched_by_name_version_and_case():
    have = ["ENSG00000141510.18", "tp53", "MYC ", "Actb", "ACTB", "X"]
    want = ["ENSG00000141510.11", "TP53", "MYC", "actb", "KRAS"]
    match = match_genes(have, want)
    # Both spellings of actin fit: neither is taken.
    assert match.positions.tolist() == [0, 1, 2, -1, -1]
    assert match.missing == ("actb", "KRAS") and match.unknown == ("Actb", "ACTB", "X")
    assert (match.share, match.respelt) == (0.6, 1)
    assert "3 of 5 genes found (60 %)" in match.summary
    match.check(least=0.6)
    with pytest.raises(DataError, match="at least 70 % are needed"):
        match.check(least=0.7)


def test_kinds_of_identifiers_are_told_apart():
    kinds = {
        "Ensembl gene identifiers": ["ENSMUSG00000059552", "ENSG00000141510.2"],
        "Ensembl transcript identifiers": ["ENST00000269305"],
        "Entrez gene numbers": ["7157", "4609"],
        "RefSeq identifiers": ["NM_000546.6"],
        "Affymetrix probes": ["1007_s_at", "AFFX-BioB-5_at"],
        "gene symbols": ["TP53", "Myc", "HLA-A", "1-Mar"],
    }
    for kind, names in kinds.items():
        assert gene_kind(names) == kind
    match = match_genes(kinds["Ensembl gene identifiers"], ["TP53", "MYC"])
    with pytest.raises(DataError) as error:
        match.check(source="new.h5ad")
    said = "new.h5ad has Ensembl gene identifiers ('ENSMUSG00000059552', 'ENSG"
    assert said in str(error.value)
    assert "the model gene symbols ('TP53', 'MYC'): convert them" in str(error.value)


_NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True)


@given(have=_NAMES, want=_NAMES, cells=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_taken_genes_stand_as_wanted(have, want, cells):
    match = match_genes(have, want)
    values = np.arange(cells * len(have), dtype=np.float32).reshape(cells, len(have))
    taken = take_genes(values, match)
    alike = take_genes(sparse.csr_matrix(values), match).toarray()
    for at, name in enumerate(want):
        if name in have:
            np.testing.assert_array_equal(taken[:, at], values[:, have.index(name)])
            np.testing.assert_array_equal(alike[:, at], taken[:, at])
        else:
            assert np.isnan(taken[:, at]).all() and not alike[:, at].any()
    assert set(match.missing) == set(want) - set(have)
    assert set(match.unknown) == set(have) - set(want)
