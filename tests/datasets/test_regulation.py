"""Promoters, binding, mutants: no sequence is learned from and tested."""

import pytest

from jaxbio.datasets import loaders


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("rbp_clip", "PARCLIP_PUM2"),
        ("ecoli_promoter_mpra", "active"),
        ("yeast_promoter_expression", "defined"),
    ],
)
def test_parts_share_no_sequence(real_data, name, variant):
    real_data(f"genomics/{name}")
    parts = loaders.load(name, variant)
    texts = [set(part.inputs["sequence"].strings()) for part in parts.values()]
    assert not texts[0] & texts[1]


@pytest.mark.data
def test_mutants_are_written_out(real_data):
    real_data("protein/dms_metl")
    data = loaders.load("dms_metl", "dlg4-2022-binding")["all"]
    texts = data.inputs["variant"].strings()
    wild = data.provenance.options["parent"]["sequence"]
    changes = {sum(a != b for a, b in zip(text, wild, strict=True)) for text in texts}
    assert changes <= {1, 2} and data.provenance.options["parent"]["first"] == 0


@pytest.mark.data
def test_genes_and_mothers_are_groups(real_data):
    for name, count in (("yeast_utr_native", 4897), ("human_utr_snv", 945)):
        real_data(f"genomics/{name}")
        groups = loaders.load(name)["all"].groups
        assert len(set(groups)) <= count


@pytest.mark.data
def test_active_promoters_are_the_class_that_is_looked_for(real_data):
    real_data("genomics/ecoli_promoter_mpra")
    parts = loaders.load("ecoli_promoter_mpra", "active")
    for part in parts.values():
        share = [str(x) == "1" for x in part.targets["active"].values]
        assert 0.1 < sum(share) / len(share) < 0.2  # of 17,767 promoters 2,768 are
