"""Questions to models: windows, batches, several networks, bad input."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import log_softmax

import jaxbio as jb
from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained import pretrained
from jaxbio.predict.symbols import Question, symbol_model
from tests.language_models import reference, write_model

WILD = "ACGTTACGATTACA"


@pytest.fixture
def run(masked):
    return masked


def said(run, text):
    """The mean probability of the networks at each place, of one whole sequence."""
    tokens = jnp.asarray([jb.DNA.encode(text)])
    parts = [
        np.exp(run.network(each).log_probabilities(tokens))[0] for each in run.members
    ]
    return np.log(np.mean(parts, axis=0))


def test_answers_are_those_of_a_sequence_alone(run):
    model = symbol_model(run)
    assert model.symbols == "ACGT"
    questions = [
        Question(WILD, (3,), (3,)),
        Question("acgu", (), (0, 3)),
        Question(WILD, (), tuple(range(len(WILD)))),
        Question(WILD, (1, 2), (2, 1)),
    ]
    found = model(questions)
    hidden = WILD[:3] + "N" + WILD[4:]
    np.testing.assert_allclose(found[0], said(run, hidden)[[3]], atol=1e-5)
    np.testing.assert_allclose(found[1], said(run, "ACGT")[[0, 3]], atol=1e-5)
    np.testing.assert_allclose(found[2], said(run, WILD), atol=1e-5)
    two = "ANN" + WILD[3:]
    np.testing.assert_allclose(found[3], said(run, two)[[2, 1]], atol=1e-5)
    assert np.exp(found[2]).sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_long_sequences_are_read_in_windows(run):
    model, text = symbol_model(run, window=8), WILD * 2
    (one,) = model([Question(text, (12,), (12,))])
    part = text[8:12] + "N" + text[13:16]
    np.testing.assert_allclose(one[0], said(run, part)[4], atol=1e-5)
    (first,) = model([Question(text, (), (0,))])
    np.testing.assert_allclose(first[0], said(run, text[:8])[0], atol=1e-5)
    (every,) = model([Question(text, (), tuple(range(28)))])
    # Of windows from 4 to 12 and from 8 to 16 the earlier one gives places up to 10.
    np.testing.assert_allclose(every[6:10], said(run, text[4:12])[2:6], atol=1e-5)


def test_a_pretrained_model_is_asked_among_all_its_tokens(tmp_path):
    model = pretrained(f"esm2:{write_model(tmp_path / 'm', 'esm2')}")
    asked = symbol_model(model)
    (found,) = asked([Question("MKVLA", (2,), (2, 4))])
    tokenizer = model.tokenizer
    tokens = tokenizer.encode("MKVLA")
    tokens[3] = tokenizer.mask
    expected = log_softmax(reference("esm2", tokens), axis=-1)[[3, 5]]
    columns = [tokenizer.tokens.index(x) for x in asked.symbols]
    np.testing.assert_allclose(found, expected[:, columns], atol=2e-5)


def test_models_that_say_nothing_of_letters_are_refused(tmp_path):
    words = pretrained(f"nt2:{write_model(tmp_path / 'n', 'nt2')}",
                       accept_licence=True)  # fmt: skip
    with pytest.raises(JaxbioError, match="words of several letters"):
        symbol_model(words)
    short = pretrained(f"esm2:{write_model(tmp_path / 's', 'esm1b')}")
    with pytest.raises(JaxbioError, match=r"learned .* positions, of which 2 are for"):
        symbol_model(short, window=19)
    with pytest.raises(JaxbioError, match="at least 8"):
        symbol_model(short, window=3)
    with pytest.raises(JaxbioError, match="gives no probabilities of symbols"):
        symbol_model(3)
    with pytest.raises(JaxbioError, match=r"symbol 'J' at position 2|'J' at position"):
        symbol_model(short)([Question("MJ", (), (0,))])
