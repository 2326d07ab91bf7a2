"""Networks over pretrained models, from training to what is loaded."""

import dataclasses
import json

import jax
import numpy as np
import pandas as pd
import pytest

from jaxbio.data.reading import read
from jaxbio.errors import JaxbioError
from jaxbio.explain import substitution_effects
from jaxbio.models import MLP, Network, Pretrained
from jaxbio.models.pretrained import encoder as module, pretrained
from jaxbio.run import frozen
from jaxbio.run.fitting import fit, load
from jaxbio.tasks import Regression
from tests import commands
from tests.language_models import RESIDUES, tensors_of, write_model

QUICKLY = ["--batch-size", "16", *commands.QUICK]
QUICK = {"epochs": 2, "batch_size": 16, "members": 1, "baselines": False}


@pytest.fixture(autouse=True)
def _cache(monkeypatch, tmp_path):
    monkeypatch.setenv("JAXBIO_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path):
    return write_model(tmp_path / "base", "esm2")


def _rows(n=48, length=None, **columns):
    random = np.random.default_rng(0)
    lengths = random.integers(4, 8, n) if length is None else [length] * n
    texts = ["".join(random.choice([*RESIDUES], size)) for size in lengths]
    noise = random.normal(0, 0.1, n)
    y = [t.count("W") - t.count("K") + e for t, e in zip(texts, noise, strict=True)]
    table = pd.DataFrame({"seq": texts, "y": y, **columns})
    kinds = {"seq": "protein", **dict.fromkeys(columns, "numeric")}
    data = read(table, inputs=kinds, targets=["y"])
    return data.take(np.arange(n - 16)), data.take(np.arange(n - 16, n))


def _fit(model, rows, **settings):
    return fit(model, Regression(), *rows, **{**QUICK, **settings})


def test_vectors_are_computed_once_and_kept(folder, monkeypatch):
    rows, calls = _rows(), []
    plain = frozen.vectors_of

    def counted(encoder, texts, **options):
        calls.append(len(texts))
        return plain(encoder, texts, **options)

    monkeypatch.setattr(frozen, "vectors_of", counted)
    run = _fit(Pretrained(str(folder)), rows)
    assert sorted(calls) == [16, 32]  # of each part once, whatever the epochs
    again = _fit(Pretrained(str(folder)), rows)
    assert len(calls) == 2
    first, second = (r.predictor(rows[1]).values for r in (run, again))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("tune", ["lora", "full"])
def test_a_run_keeps_what_it_trained_and_the_name_of_the_base(folder, tmp_path, tune):
    rows = _rows(length=6)
    out = tmp_path / "run"
    run = _fit(Pretrained(str(folder), tune=tune, rank=2), rows, out=out)
    config = json.loads((out / "config.json").read_text())
    kept = config["model"]["encoders"]["seq"]
    base = module._base(str(folder)).model
    assert kept["sha256"] == base.sha256 and kept["model"] == str(folder)
    sizes = [leaf.size for leaf in jax.tree.leaves(run.predictor.members[0])]
    whole = sum(
        leaf.size for leaf in jax.tree.leaves(module._base(str(folder)).params())
    )
    assert (sum(sizes) < whole) == (tune == "lora")
    np.testing.assert_array_equal(
        load(out)(rows[1]).values, run.predictor(rows[1]).values
    )


def test_a_run_loads_with_the_same_base_alone(folder, tmp_path):
    out = tmp_path / "run"
    _fit(Pretrained(str(folder)), _rows(length=6), out=out)
    write_model(folder, "esm2", tensors=tensors_of("esm2", seed=1))
    module._base.cache_clear()
    with pytest.raises(JaxbioError, match="are others than those of training"):
        load(out)


def test_several_inputs_several_networks_and_both_parts_of_a_table(folder):
    dose = np.random.default_rng(1).normal(size=48)
    rows = _rows(length=6, dose=dose)
    model = Network({"seq": Pretrained(str(folder), "lora", 2), "dose": MLP()})
    run = _fit(model, rows, members=2)
    found = run.predictor(rows[1])
    assert found.values.shape == (16, 1) and found.spread["y"].max() > 0


def test_a_value_a_residue(folder, tmp_path):
    random = np.random.default_rng(0)
    texts = ["".join(random.choice([*RESIDUES], 6)) for _ in range(32)]
    tracks = ["".join("H" if c in "AILMFWV" else "E" for c in text) for text in texts]
    table = pd.DataFrame({"seq": texts, "ss": tracks})
    data = read(table, inputs={"seq": "protein"}, targets={"ss": "positions_class"})
    rows = data.take(np.arange(24)), data.take(np.arange(24, 32))
    run = fit(Pretrained(str(folder)), None, *rows, **QUICK)
    assert run.predictor(rows[1]).by_target["ss"][0].shape[0] == 6


@pytest.mark.parametrize("tune", ["frozen", "lora"])
def test_models_of_dna_with_tokens_of_several_letters(tmp_path, monkeypatch, tune):
    monkeypatch.setenv("JAXBIO_MODELS", str(tmp_path / "models"))
    nucleotides = write_model(tmp_path / "nt", "nt2")
    pretrained(nucleotides, accept_licence=True)
    random = np.random.default_rng(0)
    texts = ["".join(random.choice([*"ACGT"], 20)) for _ in range(32)]
    table = pd.DataFrame({"seq": texts, "y": random.normal(size=32)})
    data = read(table, inputs={"seq": "dna"}, targets=["y"])
    rows = data.take(np.arange(24)), data.take(np.arange(24, 32))
    run = _fit(Pretrained(str(nucleotides), tune, 2), rows, batch_size=8)
    assert np.isfinite(run.predictor(rows[1]).values).all()


def test_augmentations_of_what_is_computed_once(folder):
    from jaxbio.train import Mutate

    with pytest.raises(JaxbioError, match="computed once, as its model is frozen"):
        _fit(Pretrained(str(folder)), _rows(), augment=[Mutate(0.1)])
    run = _fit(Pretrained(str(folder)), _rows())
    assert not run.training.augment


def test_rows_that_are_longer_than_learned_positions(tmp_path):
    from tests.language_models import BERT

    config = {**BERT, "max_position_embeddings": 8}
    folder = write_model(tmp_path / "b", "bert", config=config)
    train, valid = _rows(length=6)
    run = _fit(Pretrained(str(folder)), (train, valid))
    with pytest.raises(JaxbioError, match=r"of 7 symbols, .* has learned 6"):
        run.predictor(["MKVLAAG"])
    longer = _rows(length=7)[1]
    with pytest.raises(JaxbioError, match="has learned 6 positions"):
        _fit(Pretrained(str(folder)), (train, longer))


def test_which_inputs_are_frozen(folder):
    network = Network({"seq": Pretrained("x"), "dose": MLP()})
    assert list(frozen.frozen_inputs(network)) == ["seq"]
    tuned = dataclasses.replace(network, encoders={"seq": Pretrained("x", "lora")})
    assert frozen.frozen_inputs(tuned) == {} == frozen.frozen_inputs(None)


def test_explanations_go_through_the_model(folder):
    run = _fit(Pretrained(str(folder), "lora", 2), _rows(length=6))
    (found,) = substitution_effects(run.predictor, ["MKVLAA"])
    assert found.shape[0] == 6 and np.abs(found).max() > 0


def test_from_the_command_line(folder, tmp_path, capsys):
    random = np.random.default_rng(0)
    texts = ["".join(random.choice([*RESIDUES], 6)) for _ in range(48)]
    table = pd.DataFrame({"seq": texts, "y": random.normal(size=48)})
    table.to_csv(tmp_path / "a.csv", index=False)
    words = ["train", tmp_path / "a.csv", "--input", "seq:protein", "--target", "y"]
    words += ["--model", f"esm2:{folder}", "--tune", "lora", "--rank", "2", *QUICKLY]
    code, _, err = commands.run(capsys, *words, "--out", tmp_path / "r")
    assert code == 0, err
    words = ["predict", tmp_path / "r", tmp_path / "a.csv", "--compile-cache", "none"]
    code, _, err = commands.run(capsys, *words, "-o", tmp_path / "p.tsv")
    assert code == 0, err
    assert len(pd.read_csv(tmp_path / "p.tsv", sep="\t")) == 48
