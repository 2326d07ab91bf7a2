import json

import numpy as np
import pandas as pd
import pytest

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained import embedding as engine, pretrained
from jaxbio.predict import embedding as module
from jaxbio.predict.embedding import embed, embed_file
from tests.language_models import write_model

NAMES, TEXTS = ["a", "b", "c", "d", "e"], ["MKV", "ACDEFGH", "MK", "WWWW", "GG"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return pretrained(write_model(tmp_path_factory.mktemp("m"), "esm2"))


@pytest.fixture
def fasta(tmp_path):
    path = tmp_path / "a.fa"
    rows = zip(NAMES, TEXTS, strict=True)
    path.write_text("".join(f">{name} more\n{text}\n" for name, text in rows))
    return path


def test_lists_and_mappings(model):
    found = embed(model, TEXTS)
    assert found.shape == (5, 16) and found.dtype == np.float32
    named = embed(model.path, dict(zip(NAMES, TEXTS, strict=True)), pool="none")
    assert list(named) == NAMES and named["b"].shape == (7, 16)
    np.testing.assert_allclose(named["b"].mean(axis=0), found[1], atol=1e-6)
    with pytest.raises(JaxbioError, match="give a list of sequences"):
        embed(model, "MKV")


@pytest.mark.parametrize("ending", ["npz", "parquet", "h5ad"])
def test_files_have_the_vectors_of_all_sequences(
    model, fasta, tmp_path, ending, monkeypatch
):
    monkeypatch.setattr(module, "_ROWS", 2)
    out, done = tmp_path / f"e.{ending}", []
    assert embed_file(model, fasta, out, on_part=done.append) == 5
    assert done == [2, 4, 5] and not (tmp_path / f"e.{ending}.parts").exists()
    if ending == "npz":
        archive = np.load(out)
        ids, found = archive["ids"], archive["embeddings"]
    elif ending == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        frame = pd.read_parquet(out)
        ids, found = frame["id"], frame.drop(columns="id").to_numpy()
    else:
        h5py = pytest.importorskip("h5py", reason="h5py is not installed")
        with h5py.File(out) as file:
            ids, found = file["obs/_index"].asstr()[()], file["X"][()]
            assert file["obs"].attrs["encoding-type"] == "dataframe"
            assert file["var/_index"].asstr()[0] == "e0"
    assert list(ids) == NAMES
    np.testing.assert_allclose(found, embed(model, TEXTS), atol=1e-6)


@pytest.mark.parametrize("ending", ["npz", "parquet"])
def test_a_vector_a_residue(model, fasta, tmp_path, ending):
    out = tmp_path / f"e.{ending}"
    embed_file(model, fasta, out, pool="none", layer=1)
    each = embed(model, TEXTS, pool="none", layer=1)
    if ending == "npz":
        archive = np.load(out)
        offsets, found = archive["offsets"], archive["embeddings"]
        assert offsets.tolist() == [0, 3, 10, 12, 16, 18]
    else:
        frame = pd.read_parquet(out)
        assert frame["position"].tolist()[:5] == [1, 2, 3, 1, 2]
        found = frame.drop(columns=["id", "position"]).to_numpy()
    np.testing.assert_allclose(found, np.concatenate(each), atol=1e-6)
    with pytest.raises(JaxbioError, match="one vector a sequence"):
        embed_file(model, fasta, tmp_path / "e.h5ad", pool="none")


def test_it_goes_on_where_it_stopped(model, fasta, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_ROWS", 2)
    out, calls = tmp_path / "e.npz", []
    plain = engine.Embedder.__call__

    def counted(self, texts, **options):
        calls.append(len(texts))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return plain(self, texts, **options)

    monkeypatch.setattr(engine.Embedder, "__call__", counted)
    with pytest.raises(KeyboardInterrupt):
        embed_file(model, fasta, out)
    assert not out.exists()
    with pytest.raises(JaxbioError, match="by another model or with other options"):
        embed_file(model, fasta, out, layer=1)
    embed_file(model, fasta, out)
    assert calls == [2, 2, 2, 1]  # the first part was there
    monkeypatch.undo()
    found = np.load(out)["embeddings"]
    np.testing.assert_allclose(found, embed(model, TEXTS), atol=1e-6)


def test_tables(model, tmp_path):
    table = pd.DataFrame({"name": NAMES, "protein": TEXTS})
    table.to_csv(tmp_path / "a.csv", index=False)
    out = tmp_path / "e.npz"
    embed_file(model, tmp_path / "a.csv", out, column="protein", ids="name")
    assert np.load(out)["ids"].tolist() == NAMES
    with pytest.raises(JaxbioError, match=r"which column has the sequences\?"):
        embed_file(model, tmp_path / "a.csv", out)
    with pytest.raises(JaxbioError, match="did you mean 'protein'"):
        embed_file(model, tmp_path / "a.csv", out, column="protien")
    with pytest.raises(JaxbioError, match=r"written to \.npz, \.parquet, \.h5ad"):
        embed_file(model, tmp_path / "a.csv", tmp_path / "e.csv")


def test_parts_are_of_the_same_sequences(model, fasta, tmp_path, monkeypatch):
    """A part of other sequences is not taken for one of these."""
    out = tmp_path / "e.npz"
    monkeypatch.setattr(module, "_WRITERS", {".npz": lambda *_, **__: 1 / 0})
    with pytest.raises(ZeroDivisionError):
        embed_file(model, fasta, out)
    monkeypatch.undo()
    assert json.loads((tmp_path / "e.npz.parts" / "plan.json").read_text())
    fasta.write_text(">a\nMKW\n")
    embed_file(model, fasta, out)
    np.testing.assert_allclose(
        np.load(out)["embeddings"], embed(model, ["MKW"]), atol=1e-6
    )
