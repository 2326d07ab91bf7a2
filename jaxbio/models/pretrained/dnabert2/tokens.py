"""The tokens of DNABERT-2: pieces of DNA by byte-pair encoding."""

import dataclasses
import functools
import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.errors import AlphabetError, JaxbioError
from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.tokenizers import Tokens


@dataclasses.dataclass(frozen=True)
class BytePairs:
    """Pieces of DNA, between `[CLS]` and `[SEP]`, as `tokenizer.json` says.

    Attributes:
        path: That file.
        pad: As for `Tokenizer`, as are `mask`, `start` and `end`.
        mask: The token for a masked one.
        start: The first token.
        end: The last token.
    """

    path: Path
    pad: int
    mask: int
    start: int
    end: int

    def encode(self, text: str, *, unknown: str = "error") -> Tokens:
        """Tokens of a text; see `Tokenizer.encode`."""
        read = text.upper().replace("U", "T")
        other = re.search("[^ACGT]", read)
        if other and unknown == "error":
            raise AlphabetError(
                f"{other[0]!r} at position {other.start() + 1} is not in the "
                f"vocabulary of the model (ACGT)",
                symbol=other[0],
                position=other.start(),
            )
        pieces = self._library.encode(read, add_special_tokens=False).ids
        return np.array([self.start, *pieces, self.end], np.int32)

    @functools.cached_property
    def _library(self) -> Any:
        try:
            from tokenizers import Tokenizer as Library
        except ImportError:
            raise JaxbioError(
                "this model's tokens need the package tokenizers: "
                "pip install 'jaxbio[models]'"
            ) from None
        try:
            library: Any = Library
            return library.from_file(str(self.path))
        except Exception as error:
            raise JaxbioError(f"{self.path} cannot be read: {error}") from None


def tokenizer(folder: Path, config: LanguageModelConfig) -> BytePairs:
    """The tokenizer of a folder.

    Raises:
        JaxbioError: If it has no `tokenizer.json`, or that lacks a token.
    """
    path = folder / "tokenizer.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise JaxbioError(
            f"{folder} has no {path.name}, without which nobody knows which number is "
            f"which piece of DNA: get it from where the weights are from"
        ) from None
    except ValueError:
        raise JaxbioError(f"{path} is no JSON: get it again") from None
    numbers = {each["content"]: each["id"] for each in values.get("added_tokens", ())}
    numbers = {**values.get("model", {}).get("vocab", {}), **numbers}
    names = ("[PAD]", "[MASK]", "[CLS]", "[SEP]")
    for name in names:
        if name not in numbers:
            raise JaxbioError(f"{path} has no token {name}: it is of another model")
    return BytePairs(path, *(numbers[name] for name in names))
