"""The tokens of ESM-2 and ESM-C: a letter each."""

from pathlib import Path

from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.tokenizers import WordTokenizer, find, read_vocabulary

VOCABULARY = (
    *("<cls>", "<pad>", "<eos>", "<unk>"),
    *"LAGVSERTIDPKQNFYMHWCXBUZO.-",
    *("<null_1>", "<mask>"),
)
"""The tokens of ESM-2, by number."""


def tokenizer(folder: Path, config: LanguageModelConfig) -> WordTokenizer:
    """A letter a token, between `<cls>` and `<eos>`.

    Args:
        folder: Where `vocab.txt` lies; proteins need none.
        config: Of the model.

    Raises:
        JaxbioError: If the vocabulary is of another size than that of ESM-2 and is not
            there.
    """
    path = folder / "vocab.txt"
    ours = config.vocabulary in (len(VOCABULARY), 64)  # ESM-C's table has spare rows
    tokens = VOCABULARY
    if path.exists() or not ours:
        tokens = read_vocabulary(path)
    nucleic = ("T" in tokens and "L" not in tokens) or (
        "U" in tokens and "M" not in tokens
    )
    read = ("U", "T") if "T" in tokens else ("T", "U")
    return WordTokenizer(
        tokens=tokens,
        pad=find(tokens, "<pad>"),
        mask=find(tokens, "<mask>"),
        unknown=find(tokens, "<unk>"),
        start=find(tokens, "<cls>"),
        end=find(tokens, "<eos>"),
        aliases=(read,) if nucleic else (),
    )
