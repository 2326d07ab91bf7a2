from pathlib import Path

from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.rnafm.tokens import TOKENS, tokenizer
from jaxbio.nn.transformer import BlockConfig


def test_the_tokens_are_those_of_bases():
    assert TOKENS.index("<mask>") == 24 and "".join(TOKENS[4:8]) == "ACGU"
    assert len(set(TOKENS)) == len(TOKENS) == 25


def test_t_is_read_as_u_between_the_ends():
    config = LanguageModelConfig(
        vocabulary=25, layers=1, block=BlockConfig(dim=8, heads=2, hidden=8)
    )
    found = tokenizer(Path(), config).encode("aTuN")
    assert found.tolist() == [0, 4, 7, 7, 18, 2]
