"""Pretrained models from their folders: config, parameters and tokens."""

import dataclasses
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax.typing import DTypeLike

from jaxbio.errors import JaxbioError, nearest
from jaxbio.models.pretrained import hub
from jaxbio.models.pretrained.bert.config import BERT
from jaxbio.models.pretrained.catalog import MODELS
from jaxbio.models.pretrained.dnabert2.config import DNABERT2
from jaxbio.models.pretrained.esm2.config import ESM2
from jaxbio.models.pretrained.esmc.config import ESMC
from jaxbio.models.pretrained.family import Family, Fields
from jaxbio.models.pretrained.folder import CONFIG, ModelFolder
from jaxbio.models.pretrained.language_model import (
    LanguageModel,
    LanguageModelConfig,
    shapes_of,
)
from jaxbio.models.pretrained.names import read_parameters
from jaxbio.models.pretrained.nt2.config import NT2
from jaxbio.models.pretrained.rnafm.config import RNAFM
from jaxbio.models.pretrained.tokenizers import Tokenizer

FAMILIES: dict[str, Family] = {
    family.name: family for family in (ESM2, ESMC, NT2, DNABERT2, BERT, RNAFM)
}
"""The families by name, in the order in which a config is offered to them."""


@dataclasses.dataclass(frozen=True)
class PretrainedModel:
    """A pretrained model: what it is made of, its parameters, its tokens.

    Attributes:
        name: As it was asked for.
        family: The name of its family.
        config: What it is made of.
        params: A nested dict of arrays, float32, stacked over layers.
        tokenizer: From letters to tokens.
        sha256: Of its weights.
        path: The folder.
        licence: Under which its weights are given out; empty if that is not known.
    """

    name: str
    family: str
    config: LanguageModelConfig
    params: dict[str, Any] = dataclasses.field(repr=False)
    tokenizer: Tokenizer = dataclasses.field(repr=False)
    sha256: str
    path: Path
    licence: str

    def module(
        self, *, dtype: DTypeLike = jnp.float32, remat: bool = False
    ) -> LanguageModel:
        """The module of Flax with these parameters.

        Args:
            dtype: Of the computation.
            remat: Whether gradients compute each layer again.
        """

        def build() -> LanguageModel:
            return LanguageModel(
                self.config, rngs=nnx.Rngs(0), dtype=dtype, remat=remat
            )

        graph, _, rest = nnx.split(nnx.eval_shape(build), nnx.Param, ...)
        params = jax.tree.map(jnp.asarray, self.params)
        return nnx.merge(graph, params, rest)


def pretrained(name: str | Path, *, accept_licence: bool = False) -> PretrainedModel:
    """A pretrained model from this machine; nothing is downloaded or compiled.

    Args:
        name: A name of the catalogue (`jaxbio models list`), a name on Hugging Face, or
            a folder with `config.json` and weights; with a family in front, as in
            `esm2:FOLDER`, it has to be of that family.
        accept_licence: Whether a licence that forbids commercial use is accepted; that
            is remembered.

    Returns:
        Config, parameters and tokenizer.

    Raises:
        JaxbioError: If it is not on this machine, of no family that is known or of
            another one, damaged, not whole, or its licence not accepted.
    """
    text = str(name)
    asked, colon, rest = text.partition(":")
    asked, rest = (asked, rest) if colon and asked in FAMILIES else ("", text)
    if colon and not asked and not Path(text).exists() and asked not in MODELS:
        family = text.partition(":")[0]
        raise JaxbioError(f"no family {family!r}: {nearest(family, FAMILIES)}")
    folder = ModelFolder(hub.path(rest))
    values = folder.config()
    family = family_of(values, folder.path)
    if asked and family.name != asked:
        raise JaxbioError(
            f"{folder.path} is no {asked}: its {CONFIG} is that of {family.name}"
        )
    entry = MODELS.get(rest)
    licence = entry.licence if entry else family.licence
    hub.check_licence(licence, rest, accept=accept_licence)
    digest = folder.digest()
    tensors = folder.tensors()
    names = frozenset(tensors)
    config = family.read_config(Fields(values, str(folder.path / CONFIG)), names)
    params = read_parameters(
        tensors,
        shapes_of(config),
        family.table(config),
        layers=config.layers,
        ignored=family.ignored,
        source=f"the weights of {folder.path}, as {family.name},",
    )
    tokenizer = family.tokenizer(folder.path, config)
    return PretrainedModel(
        name=text,
        family=family.name,
        config=config,
        params=params,
        tokenizer=tokenizer,
        sha256=digest,
        path=folder.path,
        licence=licence,
    )


def family_of(values: dict[str, Any], folder: Path) -> Family:
    """The family whose config this is.

    Args:
        values: The fields of `config.json`.
        folder: Where it lies, for messages.

    Raises:
        JaxbioError: If it is of none.
    """
    for family in FAMILIES.values():
        if family.claims(values):
            return family
    raise JaxbioError(
        f"{folder / CONFIG} has model_type {values.get('model_type')!r}, which is none "
        f"of the families {', '.join(FAMILIES)}"
    )
