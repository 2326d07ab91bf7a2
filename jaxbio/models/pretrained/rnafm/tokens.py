"""The tokens of RNA-FM: a base each, T read as U."""

from pathlib import Path

from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.tokenizers import WordTokenizer

TOKENS = (
    *("<cls>", "<pad>", "<eos>", "<unk>"),
    *"ACGURYKMSWBDHVN-",
    *("<null_1>", "<null_2>", "<null_3>", "<null_4>", "<mask>"),
)
"""The tokens, by number."""


def tokenizer(folder: Path, config: LanguageModelConfig) -> WordTokenizer:
    """A base a token, between `<cls>` and `<eos>`."""
    return WordTokenizer(
        tokens=TOKENS,
        pad=TOKENS.index("<pad>"),
        mask=TOKENS.index("<mask>"),
        unknown=TOKENS.index("<unk>"),
        start=TOKENS.index("<cls>"),
        end=TOKENS.index("<eos>"),
        aliases=(("T", "U"),),
    )
