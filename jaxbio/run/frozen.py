"""Vectors of frozen models in place of sequences: computed once, for all epochs.

They are kept in a folder of the cache, by a checksum of the model and of the sequences,
so that the next training on the same rows begins at once.
"""

import dataclasses
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio._atomic import replacing
from jaxbio._cache import cache_folder
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import DictionaryArray, Ragged, offsets_of
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.models import Network
from jaxbio.models.pretrained.encoder import Pretrained, vectors_of
from jaxbio.train import Callback

_MOST = 1 << 31  # bytes of vectors that are kept in the cache


def frozen_inputs(model: Any) -> dict[str, Pretrained]:
    """The frozen models of a network, by input."""
    encoders = getattr(model, "encoders", None)
    if not isinstance(encoders, Mapping):
        return {}
    return {
        name: each
        for name, each in encoders.items()
        if isinstance(each, Pretrained) and each.tune == "frozen"
    }


def with_vectors(
    model: Network,
    schema: Schema,
    parts: Mapping[str, Arrays],
    *,
    along: bool,
    callback: Callback,
) -> dict[str, Arrays]:
    """Rows with the vectors of frozen models in place of sequences.

    Args:
        model: The network, with an encoder for each input.
        schema: The inputs.
        parts: The rows by part.
        along: Whether any target has a value a position.
        callback: Who is told.
    """
    found = dict(parts)
    for name, encoder in frozen_inputs(model).items():
        spec: Any = schema.input(name)
        wide = along or model.fusion.along or encoder.pool != "mean"
        for part, rows in found.items():
            layout = _replaced(rows.inputs[name], spec, encoder, wide, callback)
            inputs = {**rows.inputs, name: layout}
            found[part] = dataclasses.replace(rows, inputs=inputs)
    return found


def _replaced(
    layout: Any,
    spec: SequenceSpec,
    encoder: Pretrained,
    along: bool,
    callback: Callback,
) -> Any:
    if isinstance(layout, DictionaryArray):
        values = _replaced(layout.values, spec, encoder, along, callback)
        return dataclasses.replace(layout, values=values)
    assert isinstance(layout, Ragged)  # as sequences are
    file = _file(layout, encoder, along)
    if file.exists():
        with np.load(file, allow_pickle=False) as archive:
            vectors, lengths = archive["vectors"], archive["lengths"]
    else:
        callback.on_note(
            f"{encoder.model}: vectors of {len(layout):,} sequences, once for all "
            f"epochs"
        )
        texts = spec.alphabet.decode_rows(layout.values, layout.offsets)
        vectors = vectors_of(encoder, texts, along=along)
        lengths = np.array([len(each) for each in vectors]) if along else []
        vectors = np.concatenate(vectors) if along else vectors
        if vectors.nbytes <= _MOST:
            with replacing(file) as temporary, temporary.open("wb") as out:
                np.savez(out, vectors=vectors, lengths=lengths)
    return Ragged(vectors, offsets_of(lengths), 0.0) if along else vectors


def _file(layout: Ragged, encoder: Pretrained, along: bool) -> Path:
    digest = hashlib.sha256(f"{encoder.sha256} {encoder.layer} {along} 2 ".encode())
    digest.update(np.ascontiguousarray(layout.values).tobytes())
    digest.update(np.ascontiguousarray(layout.offsets).tobytes())
    return cache_folder() / "vectors" / f"{digest.hexdigest()[:32]}.npz"
