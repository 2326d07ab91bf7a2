"""From a small run to structures: names, windows, files, commands, wrong inputs."""

import json

import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.cli import main
from jaxbio.errors import DataError, JaxbioError
from jaxbio.structure import (
    TARGETS,
    chain_tasks,
    from_chains,
    known_targets,
    predict_structures,
    read_chains,
)
from jaxbio.structure.chain import Chain
from jaxbio.structure.folding.distogram import uninformed
from jaxbio.structure.metrics import check_backbone
from tests.proteins import build, hairpin, pdb_chain

LEARNED = ("ss3", "sin_phi", "cos_phi", "sin_psi", "cos_psi", "cb")
TINY = {"channels": (8, 8), "kernel_sizes": (5, 3), "dilations": (1, 1)}


def chains():
    """Helices of leucine and hairpins of threonine, 24 and 14 residues."""
    random = np.random.default_rng(0)
    made = []
    for at in range(12):
        if at % 2:
            atoms, letters = hairpin(), "TVTV"
        else:
            atoms, letters = build([(-57, -47)] * 24), "LAEK"
        text = "".join(random.choice(list(letters), len(atoms)))
        made.append(Chain(f"c{at}", text, atoms[:, :5].astype(np.float32)))
    return made


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    found = chains()
    data = from_chains(found, LEARNED)
    model = jb.Network(jb.CNN(**TINY), pairs=jb.models.Pairs(8, (1,)))
    folder = tmp_path_factory.mktemp("runs") / "run"
    return jb.fit(
        model, chain_tasks(LEARNED), data.take(np.arange(8)),
        data.take(np.arange(8, 12)), epochs=1, members=1, batch_size=4, out=folder,
    )  # fmt: skip


def test_scores_of_pairs_stand_beside_the_separation(run):
    scores = run.scores["valid"].scores["cb"]
    assert scores.keys() == {"model", "separation"}
    assert scores["model"]["chains"] == 4 and 0 <= scores["model"]["all_l"] <= 1
    again = jb.load_run(run.path)
    data = from_chains(chains()[8:], LEARNED)
    assert again.evaluate(data).scores["cb"] == run.evaluate(data).scores["cb"]


def test_a_structure_has_what_the_run_learned(run):
    (found,) = predict_structures(
        run.predictor, ["LAEKLAEKLLKKAE"], names=["x"], starts=2
    )
    assert set(found.states) == {"ss3"} and len(found.states["ss3"]) == 14
    table = found.distogram.probabilities
    assert table.shape == (14, 14, 22)
    np.testing.assert_allclose(table.astype(float).sum(axis=-1), 1, atol=2e-2)
    np.testing.assert_allclose(table, table.swapaxes(0, 1), atol=1e-3)
    assert found.backbone.coordinates.shape == (14, 5, 3)
    assert ((found.backbone.confidence >= 0) & (found.backbone.confidence <= 100)).all()
    assert found.torsions.shape == (14, 2) and (found.torsion_certainty >= 0).all()
    assert np.abs(found.torsions).max() <= np.pi


def test_neighbours_whose_distances_were_not_learned_stay_bound(run):
    """What a network gives for pairs that its loss never saw must break no chain."""
    (found,) = predict_structures(run.predictor, ["LAEKLAEKLLKKAELLAEKL"], starts=2)
    table, nothing = found.distogram.probabilities, uninformed(found.distogram.edges)
    for apart in (0, 1):
        band = np.diagonal(table, apart).T
        np.testing.assert_allclose(band, np.tile(nothing, (len(band), 1)), atol=1e-3)
    assert np.abs(np.diagonal(table, 2).T - nothing).max() > 1e-2
    geometry = check_backbone(found.backbone.coordinates, sequence=found.sequence)
    assert geometry["bond_error"] < 0.1 and geometry["cis"] == 0
    steps = np.linalg.norm(np.diff(found.backbone.coordinates[:, 1], axis=0), axis=1)
    np.testing.assert_allclose(steps, 3.8, atol=0.15)


def test_company_changes_nothing(run):
    texts = ["LAEKLAEKLLKKAE", "TVTVTVTVTVTVTVTVTVTVTVTT", "LL"]
    together = list(predict_structures(run.predictor, texts, coordinates=False))
    for text, found in zip(texts, together, strict=True):
        (alone,) = predict_structures(run.predictor, [text], coordinates=False)
        np.testing.assert_allclose(
            alone.probabilities["ss3"], found.probabilities["ss3"], atol=1e-5
        )
        difference = alone.distogram.probabilities - found.distogram.probabilities
        assert np.abs(difference.astype(float)).max() < 2e-3
    assert [found.name for found in together] == ["1", "2", "3"]


def test_long_chains_go_through_windows(run):
    text = "LAEKTVTV" * 12
    (whole,) = predict_structures(run.predictor, [text], coordinates=False)
    (parts,) = predict_structures(run.predictor, [text], coordinates=False, window=60)
    assert len(parts.states["ss3"]) == len(text)
    # The network sees 4 positions to either side: the middle is the same.
    np.testing.assert_allclose(
        parts.probabilities["ss3"][5:25], whole.probabilities["ss3"][5:25], atol=1e-5
    )
    table = parts.distogram.probabilities
    nothing = uninformed(parts.distogram.edges)
    np.testing.assert_allclose(table[0, -1], nothing, atol=1e-3)
    assert np.abs(table[0, 40] - nothing).max() > 1e-2


def test_a_chain_that_is_too_long_to_fold(run):
    """Residues through windows; no distances, which nobody could fold."""
    (found,) = predict_structures(run.predictor, ["LAEKTVTV" * 300])
    assert len(found.states["ss3"]) == 2400 and found.numbers["phi"].shape == (2400,)
    assert found.distogram is None and found.backbone is None
    assert found.notes == ("no coordinates: 2400 residues, not 4 to 2048",)


def test_a_stop_at_the_end_is_left_out_and_unknown_residues_are_x(run):
    (found,) = predict_structures(run.predictor, ["LAEKXLAEKL*"], starts=1)
    assert found.sequence == "LAEKXLAEKL" and len(found.states["ss3"]) == 10
    assert found.notes == ("the stop at the end was left out",)
    assert found.backbone is not None
    with pytest.raises(DataError, match=r"2: '-' at position 3"):
        list(predict_structures(run.predictor, ["MKV", "MK-V"]))
    with pytest.raises(DataError, match="the sequence is empty"):
        list(predict_structures(run.predictor, ["*"]))


def test_wrong_networks_and_letters(run):
    with pytest.raises(DataError, match="'1'"):
        list(predict_structures(run.predictor, ["MKV1"]))
    from tests.helpers import motif_data

    model = jb.CNN(channels=(4,), kernel_sizes=(3,))
    other = jb.fit(model, None, motif_data(40), epochs=1, members=1, baselines=False)
    with pytest.raises(DataError, match="over one protein sequence"):
        list(predict_structures(other.predictor, ["ACGT"]))


def test_the_command_writes_a_folder(run, tmp_path, capsys):
    fasta = tmp_path / "new.fa"
    fasta.write_text(">sp|P1 first\nLAEKLAEKLLKKAE\n>two\nMKV\n")
    out = tmp_path / "out"
    words = ["structure", "predict", str(run.path), str(fasta), "-o", str(out)]
    assert main([*words, "--starts", "2", "--distances", "--pictures", "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["chains"], result["residues"], result["structures"]) == (2, 17, 1)
    names = {file.name for file in out.iterdir()}
    assert names == {
        "residues.tsv", "summary.tsv", "sp_P1.pdb", "sp_P1.npz", "sp_P1.png",
        "two.npz", "two.png",
    }  # fmt: skip
    (chain,) = read_chains(out / "sp_P1.pdb")
    assert chain.sequence == "LAEKLAEKLLKKAE" and chain.resolved.all()
    residues = pd.read_csv(out / "residues.tsv", sep="\t")
    assert residues["id"].tolist() == ["sp|P1"] * 14 + ["two"] * 3
    shares = residues[["ss3:C", "ss3:E", "ss3:H"]].sum(axis=1)
    np.testing.assert_allclose(shares, 1, atol=1e-3)
    summary = pd.read_csv(out / "summary.tsv", sep="\t")
    assert "no coordinates: 3 residues" in summary["notes"][1]
    assert np.isfinite(summary["confidence"][0])


@pytest.mark.parametrize(
    ("fasta", "message"),
    [
        ("", "no sequences|empty|no rows"),
        (">a\nMKVLAA*KLV\n", "'\\*' at position 7 is no residue"),
        (">a\nMKVLAAKLV\n>a\nMKVLAAKLVA\n", "two chains are called a"),
    ],
)
def test_wrong_files_leave_no_tables(run, tmp_path, capsys, fasta, message):
    path, out = tmp_path / "x.fa", tmp_path / "out"
    path.write_text(fasta)
    words = ["structure", "predict", str(run.path), str(path), "-o", str(out)]
    assert main([*words, "--starts", "1"]) == 1
    import re

    assert re.search(message, capsys.readouterr().err)
    assert not list(out.glob("*.tsv"))


def test_training_from_files(tmp_path, capsys):
    folder = tmp_path / "pdb"
    folder.mkdir()
    for chain in chains():
        atoms = np.pad(chain.coordinates, ((0, 0), (0, 1), (0, 0)))
        atoms[:, 5] = atoms[:, 4] + 1.0
        (folder / f"{chain.name}.pdb").write_text(pdb_chain(chain.sequence, atoms))
    words = ["structure", "train", str(folder), "--valid"]
    words += [str(folder / "c0.pdb"), str(folder / "c1.pdb")]
    words += ["--targets", "ss3", "cb", "--encoder", "cnn:channels=8,kernel_sizes=5"]
    words += [
        "--pairs",
        "8",
        "--epochs",
        "1",
        "--members",
        "1",
    ]
    assert main([*words, "--out", str(tmp_path / "run")]) == 0
    shown = capsys.readouterr().out
    assert "Verdict on ss3, valid rows: this model" in shown
    assert "Chains: 12 train, 2 valid" in shown and "jaxbio structure predict" in shown
    (found,) = predict_structures(jb.load(tmp_path / "run"), ["LAEKLAEKLL"], starts=1)
    assert found.backbone is not None and set(found.states) == {"ss3"}


def test_what_the_chains_know_is_what_is_learned():
    found = known_targets(chains())
    assert set(TARGETS) - set(found) == {"rsa"}  # only backbones


def test_chains_of_ca_alone_are_refused(tmp_path, capsys):
    for chain in chains():
        atoms = np.pad(chain.coordinates, ((0, 0), (0, 1), (0, 0)))
        text = pdb_chain(chain.sequence, atoms, atoms=("CA",))
        (tmp_path / f"{chain.name}.pdb").write_text(text)
    assert (
        main(["structure", "train", str(tmp_path), "--out", str(tmp_path / "r")]) == 1
    )
    assert "needs N, CA and C of residues" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()
    data = from_chains(chains(), ("ss3",))
    with pytest.raises(JaxbioError, match="there is no target to learn"):
        jb.fit(None, {}, data)


def test_an_empty_folder_is_refused(tmp_path, capsys):
    assert (
        main(["structure", "train", str(tmp_path), "--out", str(tmp_path / "r")]) == 1
    )
    assert "no structures in this folder" in capsys.readouterr().err
