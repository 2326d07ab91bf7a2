"""The tokens of the Nucleotide Transformer: six bases, read from the left.

A shift by one base changes every token. N ends a word and is a token of its own; bases
that do not fill a word are tokens of one letter.
"""

import dataclasses
import functools
import itertools
import re
from pathlib import Path

import numpy as np

from jaxbio.errors import AlphabetError
from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.tokenizers import Tokens, find, read_vocabulary

_WIDTH = 6
_NAMED = ("<pad>", "<mask>", "<cls>")
_SPECIAL = ("<unk>", "<pad>", "<mask>", "<cls>", "<eos>", "<bos>")


def vocabulary() -> tuple[str, ...]:
    """The tokens by number.

    Example:
        >>> tokens = vocabulary()
        >>> len(tokens), tokens[6], tokens[7], tokens[-5:]
        (4107, 'AAAAAA', 'AAAAAT', ('A', 'T', 'C', 'G', 'N'))
    """
    words = ("".join(word) for word in itertools.product("ATCG", repeat=_WIDTH))
    return (*_SPECIAL, *words, *"ATCGN")


@dataclasses.dataclass(frozen=True)
class SixMers:
    """A token for each six bases.

    Attributes:
        tokens: The spelling of each token, by number.
        pad: As for `Tokenizer`, as are `mask`, `start` and `end`.
        mask: The token for a masked one.
        start: The first token.
        end: None.

    Example:
        >>> tokenizer = SixMers.of(vocabulary())
        >>> [tokenizer.tokens[t] for t in tokenizer.encode("aaaaauNAC")]
        ['<cls>', 'AAAAAT', 'N', 'A', 'C']
    """

    tokens: tuple[str, ...]

    pad: int
    mask: int
    start: int
    end: None = None  # there is no token of the end

    @classmethod
    def of(cls, tokens: tuple[str, ...]) -> "SixMers":
        """With the tokens of a vocabulary."""
        pad, mask, start = (find(tokens, name) for name in _NAMED)
        return cls(tokens, pad, mask, start)

    def encode(self, text: str, *, unknown: str = "error") -> Tokens:
        """Tokens of a text; letters other than bases are read as N if so asked."""
        read = text.upper().replace("U", "T")
        other = re.search("[^ACGTN]", read)
        if other and unknown == "error":
            raise AlphabetError(
                f"{other[0]!r} at position {other.start() + 1} is not in the "
                f"vocabulary of the model (ATCGN)",
                symbol=other[0],
                position=other.start(),
            )
        read = re.sub("[^ACGTN]", "N", read)
        numbers, found = self._numbers, [self.start]
        for part in re.findall("N|[ACGT]+", read):
            whole = len(part) // _WIDTH * _WIDTH if part != "N" else 0
            words = [part[at : at + _WIDTH] for at in range(0, whole, _WIDTH)]
            found += [numbers[word] for word in (*words, *part[whole:])]
        return np.array(found, np.int32)

    @functools.cached_property
    def _numbers(self) -> dict[str, int]:
        return {spelling: number for number, spelling in enumerate(self.tokens)}


def tokenizer(folder: Path, config: LanguageModelConfig) -> SixMers:
    """The tokenizer of a folder; its `vocab.txt` is needed if it is no usual one."""
    path = folder / "vocab.txt"
    usual = vocabulary()
    if path.exists() or config.vocabulary != len(usual):
        return SixMers.of(read_vocabulary(path))
    return SixMers.of(usual)
