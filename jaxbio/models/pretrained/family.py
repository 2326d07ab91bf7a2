"""What tells one family of pretrained models from another."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.language_model import LanguageModelConfig
from jaxbio.models.pretrained.names import Table
from jaxbio.models.pretrained.tokenizers import Tokenizer


@dataclasses.dataclass(frozen=True)
class Family:
    """A family: how its files are read.

    Attributes:
        name: How it is called.
        title: One line.
        kinds: The alphabets of what it reads.
        claims: Whether a `config.json` is one of it.
        read_config: From that, and the names of the tensors, what the model is made of.
        table: Which tensor is which parameter.
        tokenizer: From the folder and the config.
        ignored: Patterns of tensors that are not needed.
        licence: Under which its weights are given out, where all are under one.
    """

    name: str
    title: str
    kinds: tuple[str, ...]
    claims: Callable[[Mapping[str, Any]], bool]
    read_config: Callable[["Fields", frozenset[str]], LanguageModelConfig]
    table: Callable[[LanguageModelConfig], Table]
    tokenizer: Callable[[Path, LanguageModelConfig], Tokenizer]
    ignored: tuple[str, ...] = ()
    licence: str = ""


class Fields:
    """The fields of a config, with what they may be.

    Example:
        >>> fields = Fields({"hidden_size": 8, "hidden_act": "relu"}, "toy")
        >>> fields.number("hidden_size"), fields.get("layers", 2)
        (8, 2)
        >>> fields.only("hidden_act", "gelu")
        Traceback (most recent call last):
        jaxbio.errors.JaxbioError: toy: hidden_act is 'relu'; only 'gelu' is known
    """

    def __init__(self, values: Mapping[str, Any], source: str):
        self.values = values
        self.source = source

    def number(self, name: str) -> int:
        """A positive whole number that has to be there."""
        value = self.values.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise JaxbioError(
                f"{self.source}: {name} is {value!r}; it has to be a number of 1 or "
                f"more: is the config.json whole?"
            )
        return value

    def get(self, name: str, default: Any) -> Any:
        """A field, or what stands for it."""
        value = self.values.get(name)
        return default if value is None else value

    def only(self, name: str, *known: Any) -> Any:
        """A field that may only be what is known; the first of it by default."""
        value = self.get(name, known[0])
        if value not in known:
            listed = " or ".join(repr(each) for each in known)
            raise JaxbioError(
                f"{self.source}: {name} is {value!r}; only {listed} is known"
            )
        return value
