"""Adapters in the files of PEFT, so that they go from and to users of PyTorch."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.data.io.safetensors import read_safetensors, write_safetensors
from jaxbio.data.io.torch_files import read_torch
from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained.names import Part

if TYPE_CHECKING:
    from jaxbio.models.pretrained.encoder import Pretrained
    from jaxbio.models.pretrained.loading import PretrainedModel

_CONFIG = "adapter_config.json"
_PREFIX = "base_model.model."


def read_adapter(
    folder: str | Path, model: "PretrainedModel", encoder: "Pretrained | None" = None
) -> dict[str, dict[str, np.ndarray]]:
    """The adapter in a folder of PEFT, for `TransformerStack`.

    Args:
        folder: With `adapter_config.json` and `adapter_model.safetensors` or `.bin`.
        model: The model for which it was trained.
        encoder: What it is to be part of, whose rank and scale it has to have; None if
            the caller takes them from `adapter_scale`.

    Returns:
        By the name of a linear layer `a` `[layers in rank]` and `b`
        `[layers rank out]`.

    Raises:
        JaxbioError: If it changes other parts than linear layers of blocks, is of
            another model, or its rank and scale are others.
    """
    folder = Path(folder)
    values, scale = _config(folder)
    rank = values["r"]
    if encoder is not None and (rank, scale) != (
        encoder.rank,
        encoder.alpha / encoder.rank,
    ):
        raise JaxbioError(
            f"the adapter in {folder} has rank {rank} and alpha {scale * rank:g}: give "
            f"rank={rank}, alpha={scale * rank:g}"
        )
    wanted = _names(model)
    linear, layers = model.config.block.linear, model.config.layers
    adapter: dict[str, dict[str, np.ndarray]] = {}
    problems, found = [], {}
    for name, value in _tensors(folder).items():
        place = _place(name, wanted)
        if place is None:
            problems.append(f"{name} is of no linear layer of a block")
            continue
        target, layer, which = place
        before, after, _ = linear[target]
        shape = (rank, before) if which == "a" else (after, rank)
        if value.shape != shape:
            problems.append(f"{name} is {list(value.shape)}, not {list(shape)}")
            continue
        found[target, layer, which] = np.asarray(value, np.float32).T
    for target in {key[0] for key in found}:
        part = {}
        for which in ("a", "b"):
            each = [found.get((target, at, which)) for at in range(layers)]
            missing = [at for at, value in enumerate(each) if value is None]
            if missing:
                problems.append(f"{target} lacks {which} of layer {missing[0]}")
                break
            part[which] = np.stack([value for value in each if value is not None])
        adapter[target] = part
    if problems or not adapter:
        listed = "; ".join(problems[:6]) or "it has no tensors"
        raise JaxbioError(
            f"the adapter in {folder} does not fit {model.name}: {listed}"
        )
    return dict(sorted(adapter.items()))


def adapter_scale(folder: str | Path) -> float:
    """By what the change of an adapter of PEFT is multiplied."""
    return _config(Path(folder))[1]


def write_adapter(
    folder: str | Path,
    model: "PretrainedModel",
    adapter: Any,
    *,
    alpha: float,
) -> None:
    """Write an adapter as PEFT does.

    Args:
        folder: A folder, which is made.
        model: The model for which it was trained.
        adapter: By the name of a linear layer `a` and `b`.
        alpha: By alpha over rank its change is multiplied.

    Raises:
        JaxbioError: For a model whose file keeps such layers in one tensor with others.
    """
    folder = Path(folder)
    names = {(target, at): name for name, (target, at) in _names(model).items()}
    tensors, targets, rank = {}, set(), 0
    for target, part in adapter.items():
        if (target, 0) not in names:
            raise JaxbioError(
                f"{model.name} keeps {target} in one tensor with others: its adapter "
                f"has no form in files of PEFT"
            )
        for at, (a, b) in enumerate(zip(part["a"], part["b"], strict=True)):
            name = names[target, at]
            targets.add(name.rpartition(".")[2])
            for which, value in (("A", a), ("B", b)):
                key = f"{_PREFIX}{name}.lora_{which}.weight"
                tensors[key] = np.ascontiguousarray(np.asarray(value, np.float32).T)
            rank = np.shape(a)[1]
    values = {
        "peft_type": "LORA",
        "base_model_name_or_path": str(model.path),
        "r": rank,
        "lora_alpha": alpha,
        "lora_dropout": 0.0,
        "target_modules": _targets(names, adapter, targets),
        "bias": "none",
        "use_rslora": False,
        "inference_mode": True,
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / "adapter_model.safetensors", tensors)
    with replacing(folder / _CONFIG) as temporary:
        temporary.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def _targets(names: Any, adapter: Any, last: set[str]) -> Any:
    """The names of the modules, by their last part if that tells them apart."""
    own = {names[target, 0] for target in adapter}
    others = {name for (_, at), name in names.items() if at == 0} - own
    if any(name.rpartition(".")[2] in last for name in others):
        chosen = {name for (target, _), name in names.items() if target in adapter}
        return sorted(chosen)
    return sorted(last)


def _config(folder: Path) -> tuple[dict[str, Any], float]:
    try:
        values = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
    except OSError:
        raise JaxbioError(f"{folder} has no {_CONFIG}: it is no adapter") from None
    except ValueError:
        raise JaxbioError(f"{folder / _CONFIG} is no JSON: get it again") from None
    usual = {"peft_type": "LORA", "bias": "none", "use_dora": False}
    for name, value in usual.items():
        if values.get(name, value) != value:
            raise JaxbioError(
                f"{folder / _CONFIG}: {name} is {values[name]!r}; only {value!r} is "
                f"known"
            )
    for name in ("rank_pattern", "alpha_pattern", "modules_to_save"):
        if values.get(name):
            raise JaxbioError(f"{folder / _CONFIG}: {name} is not known here")
    rank, alpha = values.get("r"), values.get("lora_alpha")
    if not isinstance(rank, int) or rank < 1 or not isinstance(alpha, int | float):
        raise JaxbioError(f"{folder / _CONFIG} has no rank or no alpha")
    root = rank**0.5 if values.get("use_rslora") else rank
    return values, alpha / root


def _tensors(folder: Path) -> dict[str, np.ndarray]:
    if (folder / "adapter_model.safetensors").exists():
        return read_safetensors(folder / "adapter_model.safetensors")
    return read_torch(folder / "adapter_model.bin")


def _names(model: "PretrainedModel") -> dict[str, tuple[str, int]]:
    """Linear layer and number of the block of each module that is one tensor."""
    from jaxbio.models.pretrained.loading import FAMILIES

    table = FAMILIES[model.family].table(model.config)
    return {
        entry.format(at): (target, at)
        for target in model.config.block.linear
        for at in range(model.config.layers)
        if not isinstance(entry := table[f"stack/layers/{target}"], Part)
    }


def _place(name: str, wanted: Any) -> tuple[str, int, str] | None:
    """Linear layer, number of the block, and which of the two, of a tensor."""
    stem = name.removeprefix(_PREFIX)
    for ending, which in ((".lora_A.weight", "a"), (".lora_B.weight", "b")):
        if stem.endswith(ending):
            module = stem.removesuffix(ending)
            for known, (target, at) in wanted.items():
                if module in (known, known.partition(".")[2]):
                    return target, at, which
    return None
