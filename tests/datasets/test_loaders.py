import numpy as np
import pytest

from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.datasets import catalog, loaders
from jaxbio.errors import DataError


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(DataError, match="no data set 'gues': did you mean 'gue'"):
        catalog.info("gues")
    with pytest.raises(DataError, match="no variant 'tf_9': did you mean 'tf_"):
        loaders.load("gue", "tf_9")
    with pytest.raises(DataError, match="golub has no variant 'x': it has none"):
        loaders.load("golub", "x")


def test_ars1_comes_with_logomaker():
    folder = catalog.get("ars1")
    assert (folder / "ars_sequences.txt.gz").exists()
    wild_type = loaders.ars1_wild_type()
    assert len(wild_type) == 150 and wild_type.endswith("GTAAAATAACAAGAT")
    (read,) = loaders.load("ars1")["all"].take([0]).inputs["sequence"].strings()
    same = [a == b for a, b in zip(read, wild_type, strict=True)]
    assert np.mean(same) > 0.8  # on the other strand a quarter would agree


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "variant", "rows"),
    [
        ("gue", "prom_core_tata", {"train": 4904, "valid": 613, "test": 613}),
        ("crispr_guides", "WT_SpCas9", {"all": 55603}),
        ("crispr_guides", "HL60", {"all": 2076}),
        ("crispr_guides", "azimuth", {"all": 5310}),
        ("splice_uci_primate", "", {"all": 3190}),
        ("splice42", "dm_don_n3", {"all": 39772}),
        ("splice_celegans_acceptor", "", {"train": 100000, "test": 100000}),
        ("promoter_cnnprom", "bacillus", {"all": 1373}),
        ("rbp_clip", "PARCLIP_PUM2", {"train": 29983, "test": 10000}),
        ("enhancer_ienhancer", "", {"train": 2968, "test": 400}),
        ("ecoli_promoter_mpra", "", {"train": 13069, "test": 4549}),
        ("ecoli_promoter_mpra", "active", {"train": 13069, "test": 4549}),
        ("yeast_promoter_expression", "", {"train": 15825, "test": 3733}),
        ("yeast_promoter_expression", "defined", {"train": 14382, "test": 3782}),
        ("yeast_utr_native", "", {"all": 6710}),
        ("human_utr_snv", "", {"all": 3002}),
        ("dms_metl", "", {"all": 63366}),
        ("dms_metl", "dlg4-2022-binding", {"all": 8251}),
        ("gfp_fluorescence", "", {"train": 21446, "valid": 5362, "test": 27217}),
        ("flip_gb1", "three_vs_rest", {"train": 2691, "valid": 299, "test": 5743}),
        ("flip_gb1", "one_vs_rest", {"train": 25, "valid": 3, "test": 8705}),
        ("golub", "", {"train": 38, "test": 34}),
        ("davis", "", {"train": 25046, "test": 5010}),
        ("gpcr_label_reversal", "", {"train": 13806, "test": 1537}),
        ("human_dti", "", {"train": 3453, "valid": 155, "test": 311}),
        ("human_dti", "random", {"train": 4197, "valid": 600, "test": 1200}),
        ("gdsc2_response", "", {"all": 82833}),
        ("breast_tcga", "", {"train": 150, "test": 70}),
        ("pneumoniamnist", "", {"train": 4708, "valid": 524, "test": 624}),
        ("retinamnist", "", {"train": 1080, "valid": 120, "test": 400}),
        ("moleculenet", "", {"all": 1128}),
        ("moleculenet", "tox21", {"all": 7831}),
    ],
)
def test_loaders_give_the_published_rows(real_data, name, variant, rows):
    entry = catalog.info(name)
    real_data(f"{entry.area}/{name}")
    parts = loaders.load(name, variant)
    assert {part: len(data) for part, data in parts.items()} == rows
    for data in parts.values():
        kinds = {column: item.kind for column, item in data.inputs.items()}
        assert kinds == dict(entry.inputs)
        assert len(data.targets) == 1
        if not variant:  # targets are those of the usual variant
            assert list(data.targets) == list(entry.targets)
        repeated = entry.area == "drug" and name != "moleculenet"
        columns = data.inputs.values()
        assert repeated == all(
            isinstance(column, DictionaryColumn) for column in columns
        )


@pytest.mark.data
def test_gfp_variants_are_rebuilt_from_their_changes(real_data):
    real_data("protein/gfp_fluorescence")
    parts = loaders.load("gfp_fluorescence")
    train = parts["train"]
    wild_type = train.inputs["sequence"].strings()[0]  # the first has no change
    assert wild_type.startswith("SKGEELFTGV") and wild_type.endswith("ITHGMDELYK")
    assert train.targets["brightness"].values[0, 0] == pytest.approx(3.7192121)
    codes = parts["test"].inputs["sequence"].codes.reshape(-1, 237)
    parent = train.inputs["sequence"].codes[:237]
    assert (codes != parent).sum(axis=1).min() == 4
    held = parts["valid"].inputs["sequence"].codes.reshape(-1, 237)
    assert (held != parent).sum(axis=1).max() <= 3


@pytest.mark.data
def test_splice_groups_hold_repeats(real_data):
    real_data("genomics/splice_uci_primate")
    data = loaders.load("splice_uci_primate")["all"]
    assert len(set(data.groups)) == 3005
    labels, counts = np.unique(
        data.targets["class"].values.astype(str), return_counts=True
    )
    assert dict(zip(labels.tolist(), counts.tolist(), strict=True)) == {
        "EI": 767, "IE": 768, "N": 1655,
    }  # fmt: skip
