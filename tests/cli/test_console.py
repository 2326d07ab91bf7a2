import argparse
import json
import time

import jax
import pytest

from jaxbio.cli.console import (
    Stopwatch,
    add_common,
    add_lookup,
    describe_plan,
    finish,
    lookups_of,
    make_folder,
    set_up,
    training_progress,
)
from jaxbio.errors import DataError, JaxbioError
from jaxbio.models import CNN, MLP, Network
from jaxbio.train import Training


@pytest.fixture
def parser():
    made = argparse.ArgumentParser()
    add_common(made)
    add_lookup(made)
    return made


def test_json_is_the_last_line_and_only_if_asked_for(capsys, parser):
    finish(parser.parse_args([]), {"rows": 3})
    assert capsys.readouterr().out == ""
    finish(parser.parse_args(["--json"]), {"rows": 3})
    assert json.loads(capsys.readouterr().out) == {"rows": 3}


def test_lookups_are_one_an_input(parser):
    words = ["--lookup", "drug=d.csv:smiles", "--lookup", "target=p.fasta"]
    assert list(lookups_of(parser.parse_args(words).lookup)) == ["drug", "target"]
    assert lookups_of(None) == {}
    with pytest.raises(JaxbioError, match="the file of drug is given twice"):
        lookups_of(["drug=a.csv", "drug=b.csv"])


def test_a_folder_below_a_file_cannot_be_made(tmp_path):
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"file/x: cannot make this folder"):
        make_folder(tmp_path / "file" / "x")


def test_a_plan_is_told_in_one_line():
    training = Training(epochs=7, members=3, batch_size=8, learning_rate=0.01)
    assert describe_plan(Network([CNN(), MLP()]), training) == (
        "CNN + MLP: 3 networks, at most 7 epochs in batches of 8 by adamw at 0.01"
    )


def test_progress_shows_the_plan_and_the_last_epoch(capsys):
    record = {"train_loss": 0.5, "valid_loss": 0.25, "valid_r2": 0.9, "seconds": 1.0}
    with training_progress() as progress:
        progress.on_start(Network(MLP()), Training(epochs=3, members=1))
        for epoch in (1, 2, 3):
            progress.on_epoch({"member": 0, "epoch": epoch, **record}, None)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("MLP: one network, at most 3 epochs")
    # The first is shown at once, the second not within a second, the last always.
    assert [line.split()[1] for line in lines[1:]] == ["1", "3"]
    assert "valid loss 0.2500  r2" not in lines[-1] and "valid_r2 0.9000" in lines[-1]


def test_a_watch_goes_on():
    watch = Stopwatch()
    time.sleep(0.02)
    assert watch.seconds >= 0.01


def test_how_long_training_takes_is_said_once(capsys):
    with training_progress() as lines:
        lines.on_start(MLP(), Training(epochs=3, members=1))
        lines.on_pace({"member": 0, "seconds": 5.0})  # not worth a line
        lines.on_pace({"member": 0, "seconds": 200.0})
        lines.on_pace({"member": 0, "seconds": 190.0})
        record = {"member": 0, "epoch": 3, "train_loss": 1.0, "valid_loss": 1.0}
        lines.on_epoch({**record, "seconds": 1.0}, None)
    out = capsys.readouterr().out
    assert out.count("at most 3 min; less if it ends early") == 1
    assert "1.0 s, at most 3 min left" in out


CACHE = (
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
)


@pytest.fixture
def cache():
    """The folder of compiled programs; as before after the test."""
    before = {name: jax.config.values[name] for name in CACHE}
    yield lambda: jax.config.values[CACHE[0]]
    for name, value in before.items():
        jax.config.update(name, value)


def test_a_cache_that_jax_has_is_left_unless_another_is_named(
    parser, cache, tmp_path, monkeypatch
):
    monkeypatch.setenv("JAXBIO_CACHE", str(tmp_path / "user"))
    for has, words, expected in (
        ("own", [], "own"),
        ("own", ["--compile-cache", "none"], "own"),
        ("own", ["--compile-cache", str(tmp_path / "named")], "named"),
        (None, [], "user/xla"),
    ):
        jax.config.update(CACHE[0], has and str(tmp_path / has))
        set_up(parser.parse_args(words))
        assert cache() == str(tmp_path / expected)
