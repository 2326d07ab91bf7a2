"""The public sets of chains: as many residues as their papers and files say."""

import gzip

import numpy as np
import pytest

from jaxbio.datasets import chains, loaders

pytestmark = pytest.mark.data


@pytest.fixture(autouse=True)
def _there(real_data):
    real_data("protein/cgdms_structures")


def scored(data, target):
    return sum(len(text) - text.count("?") for text in data.targets[target].values)


def test_chains_of_netsurfp_without_unresolved_residues():
    parts = loaders.load("flip_secondary_structure")
    sizes = {name: (len(part), scored(part, "ss3")) for name, part in parts.items()}
    assert sizes == {
        "train": (9712, 2_319_963),
        "valid": (1080, 262_853),
        "test": (364, 75_402),
    }


@pytest.mark.parametrize(
    ("variant", "chains", "residues"),
    [("CB513", 511, 83_427), ("TS115", 115, 27_501), ("CASP12", 20, 6_004)],
)
def test_test_sets_without_what_is_not_scored(variant, chains, residues):
    data = loaders.load("ss_test_sets", variant)["all"]
    assert (len(data), scored(data, "ss3"), scored(data, "ss8")) == (
        chains, residues, residues,
    )  # fmt: skip


def test_accessibility_of_casp_targets():
    data = loaders.load("casp_rsa_ss8", "CASP13")["all"]
    areas = data.targets["rsa"].values
    assert len(data) == 82 and len(areas) == 22_722
    assert areas.mean() == pytest.approx(0.322, abs=5e-4)
    assert (areas > 0.25).mean() == pytest.approx(0.53, abs=5e-3)


def test_disorder_scores_of_measured_residues():
    parts = loaders.load("chezod_disorder")
    known = {
        k: int(np.isfinite(p.targets["chezod"].values).sum()) for k, p in parts.items()
    }
    assert {name: len(part) for name, part in parts.items()} == {
        "train": 1050, "valid": 118, "test": 117,
    }  # fmt: skip
    assert (known["train"], known["test"]) == (118_632, 13_069)


def test_backbones_of_small_proteins(real_data):
    proteins = chains.cgdms_chains(real_data("protein/cgdms_structures"), "valid")
    assert len(proteins) == 200
    steps = np.concatenate(
        [np.linalg.norm(np.diff(c.coordinates[:, 1], axis=0), axis=1) for c in proteins]
    )
    assert np.median(steps) == pytest.approx(3.805, abs=0.01)
    table = np.concatenate([np.ravel(c.ss3) for c in proteins])
    assert set("".join(table.tolist())) <= set("HEC?")


def test_a_file_without_names_is_refused(tmp_path):
    with gzip.open(tmp_path / "disorder.fasta.gz", "wt") as handle:
        handle.write("MKV\n")
    with pytest.raises(Exception, match="no line begins with >"):
        chains.chezod_disorder(tmp_path, "")
