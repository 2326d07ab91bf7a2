"""Motifs of filters that are set by hand, and files of motifs."""

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.errors import DataError, JaxbioError
from jaxbio.explain import (
    Motif,
    compare_motifs,
    filter_motifs,
    motif_of_sites,
    read_motifs,
    write_meme,
)

TATA = np.eye(4)[DNA.encode("TATA")]


def sequences(*, planted):
    rng = np.random.default_rng(0)
    texts = []
    for _ in range(60):
        text = "".join(rng.choice(list("CGA"), 20))
        at = rng.integers(0, 16)
        texts.append(text[:at] + "TATA" + text[at + 4 :] if planted else text)
    return texts


@pytest.fixture(scope="module")
def predictor():
    """Of a network whose first filter looks for TATA, and whose second for nothing."""
    texts = sequences(planted=True)
    data = jb.Dataset(
        {"seq": jb.data.Sequences.from_strings(texts, DNA)},
        {"y": jb.data.Category.from_values(["a", "b"] * 30)},
    )
    encoder = jb.CNN(channels=(2,), kernel_sizes=(4,), kmers=0, positions=False)
    run = jb.fit(
        encoder, None, data, data, epochs=1, members=1, batch_size=32, baselines=False
    )
    (member,) = run.predictor.members
    kernel = np.zeros((16, 2), np.float32)
    kernel[:, 0] = TATA.ravel()
    stem = member["params"]["encoders"]["seq"]["stack"]["stem"]["project"]
    stem["kernel"] = kernel
    return run.predictor


def test_a_filter_finds_its_motif(predictor):
    (found,) = filter_motifs(predictor, sequences(planted=True))
    assert found.consensus == "TATA" and found.sites >= 60
    assert found.name == "network1_filter1"
    assert found.information.min() > 0.5


def test_networks_without_such_filters_are_told():
    rows = jb.data.Sequences.from_strings(sequences(planted=False), DNA)
    data = jb.Dataset(
        {"seq": rows}, {"y": jb.data.Category.from_values(["a", "b"] * 30)}
    )
    encoder = jb.MLP(hidden=(2,))
    run = jb.fit(
        jb.Network(encoder, hidden=()), None, data, data, epochs=1, members=1,
        batch_size=32, baselines=False,
    )  # fmt: skip
    with pytest.raises(DataError, match="no convolution over the letters"):
        filter_motifs(run.predictor, data)


def test_ambiguous_letters_count_for_all_alike():
    motif = motif_of_sites("m", [DNA.encode("AN"), DNA.encode("AC")], DNA)
    np.testing.assert_allclose(motif.frequencies[0], [1, 0, 0, 0])
    np.testing.assert_allclose(motif.frequencies[1], [0.125, 0.625, 0.125, 0.125])
    assert motif.consensus == "AC" and motif.sites == 2
    np.testing.assert_allclose(motif.information[0], 2, atol=1e-6)


def test_a_file_holds_what_was_written(tmp_path):
    rng = np.random.default_rng(0)
    motifs = [Motif("one", rng.dirichlet(np.ones(4), 6), 30), Motif("two", TATA)]
    write_meme(motifs, tmp_path / "m.meme")
    again = read_motifs(tmp_path / "m.meme")
    assert [x.name for x in again] == ["one", "two"]
    for one, other in zip(motifs, again, strict=True):
        np.testing.assert_allclose(one.frequencies, other.frequencies, atol=1e-5)
    from Bio import motifs as peer

    with (tmp_path / "m.meme").open() as handle:
        parsed = peer.parse(handle, "minimal")
    assert [x.name for x in parsed] == ["one", "two"]
    assert parsed[0].counts["A"][0] / 30 == pytest.approx(
        motifs[0].frequencies[0, 0], abs=0.02
    )


def test_proteins_stand_in_the_order_of_the_format(tmp_path):
    table = np.zeros((1, PROTEIN.size))
    table[0, PROTEIN.spelt.index("W")] = 1
    write_meme([Motif("w", table, 5, PROTEIN)], tmp_path / "m.meme")
    text = (tmp_path / "m.meme").read_text()
    assert "ALPHABET= ACDEFGHIKLMNPQRSTVWY" in text
    (found,) = read_motifs(tmp_path / "m.meme", PROTEIN)
    assert found.consensus == "W"
    with pytest.raises(DataError, match="the sequences are dna"):
        read_motifs(tmp_path / "m.meme", DNA)


def test_files_of_jaspar_are_read(tmp_path):
    path = tmp_path / "m.jaspar"
    path.write_text(">MA0001.1 AGL3\nA [ 0 10 ]\nC [ 0 0 ]\nG [ 0 0 ]\nT [ 10 0 ]\n")
    (found,) = read_motifs(path)
    assert found.name == "MA0001.1_AGL3" and found.consensus == "TA"
    assert found.sites == 10


@pytest.mark.parametrize("text", ["", "MEME version 4\n\nALPHABET= ACGT\n"])
def test_files_without_motifs(tmp_path, text):
    (tmp_path / "empty").write_text(text)
    with pytest.raises(DataError, match="no motif in it"):
        read_motifs(tmp_path / "empty")
    with pytest.raises(JaxbioError, match="no motifs to write"):
        write_meme([], tmp_path / "none")


def test_the_nearest_known_motif_is_found():
    pytest.importorskip("memelite")
    rng = np.random.default_rng(0)
    known = [Motif(f"m{at}", rng.dirichlet(np.full(4, 0.2), 8)) for at in range(40)]
    turned = Motif("q", known[7].frequencies[::-1, ::-1])
    same, other = compare_motifs([Motif("p", known[3].frequencies), turned], known)
    assert (same.name, same.strand) == ("m3", "+") and same.p < 1e-3
    assert (other.name, other.strand) == ("m7", "-")
