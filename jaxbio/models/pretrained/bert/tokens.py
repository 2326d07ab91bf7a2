"""The tokens of BERT's shape: letters, or overlapping words, as `vocab.txt` says."""

from pathlib import Path

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.tokenizers import WordTokenizer, find, read_vocabulary


def tokenizer(folder: Path, config: LanguageModelConfig) -> WordTokenizer:
    """Letters or words between `[CLS]` and `[SEP]`.

    Args:
        folder: Where `vocab.txt` lies.
        config: Of the model.

    Raises:
        JaxbioError: If it is not there, or its words are of several widths.
    """
    path = folder / "vocab.txt"
    tokens = read_vocabulary(path)
    if len(tokens) > config.vocabulary:
        raise JaxbioError(
            f"{path} has {len(tokens)} tokens, and the model knows "
            f"{config.vocabulary}: it is of another model"
        )
    words = {len(token) for token in tokens if token.isalpha()}
    if len(words) != 1:
        raise JaxbioError(
            f"{path} has words of {sorted(words)} letters: only those of one width are "
            f"known"
        )
    width = words.pop()
    return WordTokenizer(
        tokens=tokens,
        pad=find(tokens, "[PAD]"),
        mask=find(tokens, "[MASK]"),
        unknown=find(tokens, "[UNK]"),
        start=find(tokens, "[CLS]"),
        end=find(tokens, "[SEP]"),
        width=width,
        aliases=(("U", "T"),) if width > 1 else (),
    )
