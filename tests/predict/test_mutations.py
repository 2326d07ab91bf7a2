"""Scores of mutations, against a loop over places in NumPy."""

import numpy as np
import pytest
from scipy.special import log_softmax

import jaxbio as jb
from jaxbio.errors import DataError, JaxbioError
from jaxbio.models.pretrained import pretrained
from jaxbio.predict.mutations import score_mutations
from tests.language_models import reference, write_model

WILD = "MKVLAW"
MUTANTS = ["M1A", "K2R:A5G", "W6C", "WT"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return pretrained(f"esm2:{write_model(tmp_path_factory.mktemp('m') / 'm', 'esm2')}")


def said(model, text, hidden=None):
    """Log-probabilities at each place of a sequence, by the reference."""
    tokens = model.tokenizer.encode(text)
    if hidden is not None:
        tokens[hidden + 1] = model.tokenizer.mask
    return log_softmax(reference("esm2", tokens), axis=-1)[1:-1]


def column(model, letter):
    return model.tokenizer.tokens.index(letter)


def expected(model, method):
    def likelihood(text):
        return sum(
            said(model, text, at)[at, column(model, letter)]
            for at, letter in enumerate(text)
        )

    scores = []
    for name in MUTANTS:
        total, text = 0.0, list(WILD)
        for part in name.split(":") if name != "WT" else []:
            before, at, after = part[0], int(part[1:-1]) - 1, part[-1]
            table = said(model, WILD, at if method == "masked" else None)
            total += table[at, column(model, after)] - table[at, column(model, before)]
            text[at] = after
        if method == "pseudo":
            total = likelihood("".join(text)) - likelihood(WILD)
        scores.append(total)
    return scores


@pytest.mark.parametrize("method", ["masked", "wild", "pseudo"])
def test_scores_are_those_of_a_double_loop(model, method):
    done = []
    found = score_mutations(model, WILD, MUTANTS, method=method, on_part=done.append)
    np.testing.assert_allclose(found.scores, expected(model, method), atol=1e-4)
    assert found.scores[3] == 0 and np.ptp(found.scores) > 0.5
    assert found.frame()["mutant"].tolist() == MUTANTS and done[-1] == 4


def test_without_a_list_all_single_ones_are_scored(model):
    found = score_mutations(model, WILD.lower(), method="wild", first=10)
    assert len(found) == 19 * 6 and found.mutants[0] == "M10A"
    table = found.matrix()
    assert table.shape == (20, 6) and not np.isnan(table).any()
    assert [found.symbols[at] for at in (table == 0).argmax(axis=0)] == list(WILD)
    one = score_mutations(model, WILD, ["K2R"], method="wild")
    assert table[found.symbols.index("R"), 1] == pytest.approx(one.scores[0], abs=1e-5)


def test_bad_input(model):
    with pytest.raises(JaxbioError, match="did you mean 'masked'"):
        score_mutations(model, WILD, method="maskd")
    with pytest.raises(DataError, match=r"all fit if the first letter .* first=0"):
        score_mutations(model, WILD, ["M0A", "K1R"])
    data = jb.data.Dataset({"x": jb.data.Sequences.from_strings(["ACGT"] * 8, jb.DNA)},
        {"y": jb.data.Numeric(np.zeros((8, 1), np.float32), ("y",))})  # fmt: skip
    plain = jb.fit(jb.MLP(kmers=1, positions=False), jb.Regression(), data, epochs=1,
                   members=1, baselines=False)  # fmt: skip
    with pytest.raises(JaxbioError, match=r"learned a target, not which symbols"):
        score_mutations(plain, "ACGT")
