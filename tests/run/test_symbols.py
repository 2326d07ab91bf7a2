"""Runs trained on hidden symbols: scores, resume, and what begins with them."""

import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.data import Dataset, Sequences
from tests.networks import history_of, weights_of

MODEL = jb.Masked(jb.RNN(cell="lstm", widths=(24,)))
GIVEN = {"batch_size": 16, "learning_rate": 3e-2, "epochs": 8, "patience": 0}


def repeats(count, seed=0):
    """Words of four that are repeated: a hidden symbol stands four places away, too."""
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(list("ACGT"), 2, replace=False)) for _ in range(count)]
    return [(word * 20)[: 24 + at % 3] for at, word in enumerate(words)]


def data(count, seed=0):
    return Dataset({"sequence": Sequences.from_strings(repeats(count, seed), jb.DNA)})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("masked") / "run"
    return jb.fit(MODEL, None, data(96), data(40, 1), test=data(20, 2), out=out,
                  **GIVEN)  # fmt: skip


def test_neighbours_tell_a_hidden_symbol(run):
    scores = run.scores["valid"].scores["symbols"]
    assert scores["model"]["perplexity"] < 2.2 < scores["frequencies"]["perplexity"]
    assert scores["markov, both sides"]["perplexity"] < scores["markov"]["perplexity"]
    assert scores["model"]["accuracy"] > 0.7
    losses = [record["valid_loss"] for record in run.history[0]]
    best = min(losses)
    # All is said of the same hidden symbols as in validation.
    assert scores["model"]["perplexity"] == pytest.approx(np.exp(best), rel=1e-4)
    assert run.scores["valid"].primary_metric == scores["model"]["perplexity"]
    assert set(run.scores) == {"valid", "test"}


def test_the_folder_alone_scores_and_embeds(run):
    again = jb.load_run(run.path)
    assert again.model == run.model
    np.testing.assert_equal(
        again.evaluate(data(40, 1)).scores, run.scores["valid"].scores
    )
    texts = repeats(3)
    vectors = again.predictor(texts).values
    assert vectors.shape == (3, 48)
    np.testing.assert_allclose(vectors[1:2], again.predictor(texts[1:2]).values,
                               atol=1e-6)  # fmt: skip


def test_a_stopped_training_goes_on_bit_for_bit(run, tmp_path):
    class Key(jb.Callback):
        def on_epoch(self, record, weights):
            if record["epoch"] == 3:
                raise KeyboardInterrupt

    parts = {"test": data(20, 2), "out": tmp_path / "run", **GIVEN}
    jb.fit(MODEL, None, data(96), data(40, 1), callbacks=[Key()], **parts)
    resumed = jb.fit(MODEL, None, data(96), data(40, 1), resume=True, **parts)
    assert weights_of(resumed) == weights_of(run)
    assert history_of(resumed) == history_of(run)


def test_labels_begin_with_the_trunk_under_another_name(run):
    texts = repeats(40, 5)
    table = pd.DataFrame({"promoter": texts, "y": [float(t[0] == "A") for t in texts]})
    labelled = jb.read(table, inputs={"promoter": "dna"}, targets={"y": "number"})
    tuned = jb.fit(None, jb.Regression(), labelled, init=run.predictor, epochs=1,
                   freeze=["encoders/*/recurrent/*"])  # fmt: skip
    assert tuned.model.encoders["promoter"].widths == (24,)
    old = run.predictor.members[0]["params"]["encoders"]["sequence"]["recurrent"]
    new = tuned.predictor.members[0]["params"]["encoders"]["promoter"]["recurrent"]
    np.testing.assert_array_equal(
        old["forward"][0]["recur"], new["forward"][0]["recur"]
    )
    note = next(line for line in tuned.notes if line.startswith("init:"))
    assert "promoter/recurrent" not in note.partition("new:")[2].partition("left")[0]
