"""Pretrained models by name: where they come from, and under which licence."""

import dataclasses
from collections.abc import Mapping

from jaxbio.errors import JaxbioError, nearest


@dataclasses.dataclass(frozen=True)
class ModelInfo:
    """A pretrained model that is known by name.

    Attributes:
        name: How it is called here.
        family: Its family.
        title: One line.
        parameters: Their number, in millions.
        licence: Under which its weights are given out.
        citation: Whom to cite.
        repository: Where it lies on Hugging Face; empty if it does not.
        wheel: The package of the Python package index in which it lies, with its
            version; empty if it does not.
        checkpoint: The one file of the repository, where it has no `config.json`.
        files: Of a wheel, which of its files go where.
        checksums: The sha256 of files, where they are known.
    """

    name: str
    family: str
    title: str
    parameters: float
    licence: str
    citation: str
    repository: str = ""
    wheel: str = ""
    checkpoint: str = ""
    files: Mapping[str, str] = dataclasses.field(default_factory=dict)
    checksums: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where a person finds it."""
        if self.repository:
            return f"https://huggingface.co/{self.repository}"
        package, _, version = self.wheel.partition("==")
        return f"https://pypi.org/project/{package}/{version}/#files"


def is_free(licence: str) -> bool:
    """Check that a licence excludes no use, such as a commercial one.

    Example:
        >>> is_free("MIT"), is_free("CC BY-NC-SA 4.0")
        (True, False)
    """
    return "-NC" not in licence.upper()


_ESM2 = "Lin et al. 2023, doi:10.1126/science.ade2574"
_ESMC = "ESM Team 2024, ESM Cambrian"
_NT = "Dalla-Torre et al. 2024, doi:10.1038/s41592-024-02523-z"
_ANTIBERTY = "antiberty/trained_models"


def _esm2(size: str, layers: int, parameters: float) -> ModelInfo:
    return ModelInfo(
        name=f"esm2-{size.lower()}",
        family="esm2",
        title=f"proteins, {layers} layers",
        parameters=parameters,
        licence="MIT",
        citation=_ESM2,
        repository=f"facebook/esm2_t{layers}_{size}_UR50D",
    )


def _esmc(size: str, parameters: float) -> ModelInfo:
    return ModelInfo(
        name=f"esmc-{size.lower()}",
        family="esmc",
        title="proteins",
        parameters=parameters,
        licence="MIT",
        citation=_ESMC,
        repository=f"biohub/ESMC-{size}",
    )


def _nt2(size: str, parameters: float) -> ModelInfo:
    return ModelInfo(
        name=f"nt2-{size}",
        family="nt2",
        title="DNA of 850 species, six bases a token",
        parameters=parameters,
        licence="CC BY-NC-SA 4.0",
        citation=_NT,
        repository=f"InstaDeepAI/nucleotide-transformer-v2-{size}-multi-species",
    )


MODELS: dict[str, ModelInfo] = {
    model.name: model
    for model in (
        _esm2("8M", 6, 7.8),
        _esm2("35M", 12, 34),
        _esm2("150M", 30, 149),
        _esm2("650M", 33, 653),
        _esm2("3B", 36, 2842),
        _esm2("15B", 48, 15143),
        _esmc("300M", 333),
        _esmc("600M", 575),
        _esmc("6B", 6000),
        _nt2("50m", 56),
        _nt2("100m", 98),
        _nt2("250m", 235),
        _nt2("500m", 498),
        ModelInfo(
            name="dnabert2",
            family="dnabert2",
            title="DNA of 135 species, pieces by byte-pair encoding",
            parameters=117,
            licence="Apache-2.0",
            citation="Zhou et al. 2024, arXiv:2306.15006",
            repository="zhihan1996/DNABERT-2-117M",
        ),
        ModelInfo(
            name="rna-fm",
            family="rnafm",
            title="non-coding RNA, 23 million sequences",
            parameters=99,
            licence="MIT",
            citation="Chen et al. 2022, arXiv:2204.00300",
            repository="cuhkaih/rnafm",
            checkpoint="RNA-FM_pretrained.pth",
        ),
        ModelInfo(
            name="antiberty",
            family="bert",
            title="antibodies, 558 million variable domains",
            parameters=26,
            licence="MIT",
            citation="Ruffolo, Gray and Sulam 2021, arXiv:2112.07782",
            wheel="antiberty==0.1.3",
            files={
                f"{_ANTIBERTY}/AntiBERTy_md_smooth/config.json": "config.json",
                f"{_ANTIBERTY}/AntiBERTy_md_smooth/pytorch_model.bin": (
                    "pytorch_model.bin"
                ),
                f"{_ANTIBERTY}/vocab.txt": "vocab.txt",
            },
            checksums={
                "pytorch_model.bin": (
                    "f1ae33eac8cc8784a7d4be5a600141d2fa7bc7d8d5b3f5324d64a6a63bd0f137"
                )
            },
        ),
    )
}
"""The models by name."""


def info(name: str) -> ModelInfo:
    """What is known of a model.

    Raises:
        JaxbioError: For a name that is not known.

    Example:
        >>> info("esm2-8m").repository
        'facebook/esm2_t6_8M_UR50D'
    """
    if name not in MODELS:
        raise JaxbioError(f"no model {name!r}: {nearest(name, MODELS)}")
    return MODELS[name]
