"""From letters to the tokens of a model, those of beginning and end included."""

import dataclasses
import functools
import re
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Int32

from jaxbio.alphabet import Alphabet
from jaxbio.errors import AlphabetError, JaxbioError

Tokens = Int32[np.ndarray, "tokens"]


@runtime_checkable
class Tokenizer(Protocol):
    """What a family makes of a text.

    Attributes:
        start: The token before the first one; None without.
        end: The token after the last one; None without.
        pad: What fills up.
        mask: What stands for a masked token.
    """

    @property
    def start(self) -> int | None:
        """The token before the first one; None without."""
        ...

    @property
    def end(self) -> int | None:
        """The token after the last one; None without."""
        ...

    @property
    def pad(self) -> int:
        """What fills up."""
        ...

    @property
    def mask(self) -> int:
        """What stands for a masked token."""
        ...

    def encode(self, text: str, *, unknown: str = "error") -> Tokens:
        """Tokens of a text, with those of beginning and end.

        Args:
            text: The letters; lower case counts as upper case.
            unknown: `"error"` to refuse a letter that the model does not know,
                `"any"` to give it the model's token for that.

        Raises:
            AlphabetError: For a letter that the model does not know.
        """
        ...


@dataclasses.dataclass(frozen=True)
class WordTokenizer:
    """A token for each letter, or for each of the overlapping words of a width.

    Attributes:
        tokens: The spelling of each token, by number.
        pad: As for `Tokenizer`, as are `mask`, `start` and `end`.
        mask: The token for a masked one.
        unknown: The token for what is not known.
        start: The first token; None without.
        end: The last token; None without.
        width: Letters of a word.
        aliases: Pairs of a letter and the letter as which it is read.

    Example:
        >>> tokenizer = WordTokenizer(("<", ">", "?", "_", "A", "C"), 3, 3, 2, 0, 1)
        >>> tokenizer.encode("acA").tolist()
        [0, 4, 5, 4, 1]
        >>> tokenizer.encode("A_A").tolist()  # a masked letter
        [0, 4, 3, 4, 1]
    """

    tokens: tuple[str, ...]
    pad: int
    mask: int
    unknown: int
    start: int | None = None
    end: int | None = None
    width: int = 1
    aliases: tuple[tuple[str, str], ...] = ()

    def encode(self, text: str, *, unknown: str = "error") -> Tokens:
        """Tokens of a text; see `Tokenizer.encode`."""
        masked, letters = self.tokens[self.mask], dict(self.aliases)
        parts = re.split(f"({re.escape(masked)})", text)
        words: list[int] = []
        for part in parts:
            if part == masked:
                words.append(self.mask)
                continue
            read = "".join(letters.get(c, c) for c in part.upper())
            if part and len(read) < self.width:
                raise AlphabetError(
                    f"{text!r} is shorter than the {self.width} letters of a word"
                )
            for at in range(len(read) - self.width + 1 if read else 0):
                words.append(self._token(read[at : at + self.width], at, unknown))
        return np.array([*_one(self.start), *words, *_one(self.end)], np.int32)

    def _token(self, word: str, at: int, unknown: str) -> int:
        token = self._numbers.get(word)
        if token is None:
            if unknown == "any":
                return self.unknown
            known = "".join(t for t in self.tokens if len(t) == 1) or "its words"
            raise AlphabetError(
                f"{word!r} at position {at + 1} is not in the vocabulary of the model "
                f"({known})",
                symbol=word,
                position=at,
            )
        return token

    @functools.cached_property
    def _numbers(self) -> dict[str, int]:
        return {spelling: number for number, spelling in enumerate(self.tokens)}

    def letters(self, alphabet: Alphabet) -> Int32[np.ndarray, "codes"]:
        """The token of each code of an alphabet.

        Letters that the model does not know have its letter for that, X or N, or its
        token for what is not known; the pad has the model's.
        """
        numbers, read = self._numbers, dict(self.aliases)
        unknown = numbers.get(alphabet.any, self.unknown)
        found = [numbers.get(read.get(c, c), unknown) for c in alphabet.spelt]
        return np.array([*found, self.pad], np.int32)


def read_vocabulary(path: Path) -> tuple[str, ...]:
    """The tokens of a `vocab.txt`, one a line.

    Raises:
        JaxbioError: If it is not there.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise JaxbioError(
            f"{path.parent} has no {path.name}, without which nobody knows which "
            f"number is which letter: get it from where the weights are from"
        ) from None
    return tuple(line.rstrip("\r") for line in text.rstrip("\n").split("\n"))


def find(tokens: tuple[str, ...], *spellings: str) -> int:
    """The number of the first of these tokens that there is.

    Raises:
        JaxbioError: If there is none of them.
    """
    for spelling in spellings:
        if spelling in tokens:
            return tokens.index(spelling)
    raise JaxbioError(f"the vocabulary has no {' or '.join(spellings)}")


def _one(token: int | None) -> list[int]:
    return [] if token is None else [token]
