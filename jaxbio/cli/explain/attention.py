"""Attention: where networks look, as tables and pictures."""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from jaxbio.cli.explain.method import Method, picture_name
from jaxbio.cli.explain.rows import chosen_rows
from jaxbio.cli.explain.sanity import CHECKED, check_line
from jaxbio.data import Dataset, write_table
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.views import view_of
from jaxbio.explain.attention import AttentionMap, attention_maps, check_attention
from jaxbio.plot import attention_page, save
from jaxbio.predict.predictor import Predictor

_PAIRS = 1000  # of a row that stand in its table
_MAPS = 12  # of pairs of positions that are drawn: those of the last layers


def explain_attention(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """The weights of each row as tables, arrays and a picture."""
    data = chosen_rows(predictor, options)
    symbols = _symbols(predictor, data)
    names, pictures, strongest, first = [], [], [], []
    found = attention_maps(predictor, data, unknown=options.unknown)
    for row, maps in enumerate(found, 1):
        own = {name: each[row - 1] for name, each in symbols.items()}
        names.append(f"{row:05d}.tsv")
        write_table([_table(maps, own)], folder / names[-1])
        layers = [each for each in maps if each.kind == "layers"]
        if layers:
            write_table([_pairs(layers, own)], folder / f"{row:05d}_pairs.tsv")
            arrays = {_title(each): each.weights for each in layers}
            with (folder / f"{row:05d}.npz").open("wb") as file:
                np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        pictures.append(picture_name(row, options))
        page = _page(maps, own, title=str(data.origin.ids[row - 1]))
        save(page, folder / pictures[-1])
        strongest.append(_strongest(maps))
        first += [_numbers(maps)] if row <= CHECKED else []

    def again(other: Predictor, rows: Dataset, label: str | None) -> list[np.ndarray]:
        each = attention_maps(other, rows, unknown=options.unknown)
        return [_numbers(maps) for maps in each]

    line = check_line(predictor, data, None, first, again, what="weights of attention")
    print(line)
    index = {
        "id": np.array([str(each) for each in data.origin.ids], object),
        "table": np.array(names, object),
        "picture": np.array(pictures, object),
        "strongest_position": np.array(strongest),
    }
    write_table([index], folder / "index.tsv")
    return len(data), "index.tsv"


def _symbols(predictor: Predictor, data: Dataset) -> dict[str, list[list[str]]]:
    """The symbols of each row, by sequence input."""
    found = {}
    for spec in predictor.schema.sequences:
        column = plain(view_of(spec.name, data))
        assert isinstance(column, Sequences)  # as the model takes them
        spelt, starts = column.alphabet.spelt, column.offsets
        found[spec.name] = [
            [spelt[code] for code in column.codes[starts[at] : starts[at + 1]]]
            for at in range(len(data))
        ]
    return found


def _title(each: AttentionMap) -> str:
    """The name of what a map shows, such as `pooling of seq`."""
    kind = f"{each.query} looks at" if each.query else f"{each.kind} of"
    of = f"{each.network}: " if each.network else ""
    return f"{of}{kind} {each.input}"


def _seen(each: AttentionMap) -> list[tuple[int, np.ndarray]]:
    """By layer, 0 for none, how much each position is looked at, on average."""
    if each.kind != "layers":
        return [(0, each.weights)]
    return [(at + 1, layer.mean(axis=0)) for at, layer in enumerate(each.weights)]


def _table(
    maps: Iterable[AttentionMap], symbols: dict[str, list[str]]
) -> dict[str, np.ndarray]:
    """A line for each position or input that is looked at, each way it is."""
    lines: dict[str, list] = {
        "network": [], "kind": [], "layer": [], "query": [], "input": [],
        "position": [], "symbol": [], "weight": [],
    }  # fmt: skip
    for each in maps:
        text = symbols.get(each.input, [])
        for layer, weights in _seen(each):
            along = len(text) == len(weights)
            size = len(weights)
            lines["network"] += [each.network] * size
            lines["kind"] += [each.kind] * size
            lines["layer"] += [str(layer) if layer else ""] * size
            lines["query"] += [each.query] * size
            lines["input"] += [each.input] * size
            places = [str(at + 1) for at in range(size)] if along else [""] * size
            lines["position"] += places
            lines["symbol"] += text if along else [""] * size
            lines["weight"] += weights.tolist()
    weights = np.array(lines.pop("weight"), np.float32)
    columns = {name: np.array(values, object) for name, values in lines.items()}
    return {**columns, "weight": weights}


def _pairs(
    layers: Iterable[AttentionMap], symbols: dict[str, list[str]]
) -> dict[str, np.ndarray]:
    """The pairs of positions with the greatest weights, in falling order."""
    parts = []
    for each in layers:
        flat = each.weights.ravel()
        most = np.argsort(-flat, kind="stable")[:_PAIRS]
        layer, at, to = np.unravel_index(most, each.weights.shape)
        text = np.array(symbols[each.input], object)
        parts.append(
            {
                "network": np.full(len(most), each.network, object),
                "layer": layer + 1,
                "input": np.full(len(most), each.input, object),
                "position": at + 1,
                "symbol": text[at],
                "seen_position": to + 1,
                "seen_symbol": text[to],
                "weight": flat[most].astype(np.float32),
            }
        )
    whole = {n: np.concatenate([part[n] for part in parts]) for n in parts[0]}
    order = np.argsort(-whole["weight"], kind="stable")[:_PAIRS]
    return {name: values[order] for name, values in whole.items()}


def _page(maps: tuple[AttentionMap, ...], symbols: dict[str, list[str]], *, title: str):
    """A picture of a row: tracks along sequences, bars of inputs, maps of layers."""
    tracks: dict[str, np.ndarray] = {}
    below: dict[str, list[str]] = {}
    pairs: dict[str, np.ndarray] = {}
    shares: dict[str, dict[str, float]] = {}
    for each in maps:
        name = _title(each)
        of = f"{each.network}: " if each.network else ""
        if each.kind == "layers":
            pairs |= {
                f"{of}layer {at}, {each.input}": layer
                for at, layer in enumerate(each.weights, 1)
            }
            tracks[f"{name}, mean"] = each.weights.mean(axis=(0, 1))
            below[f"{name}, mean"] = symbols.get(each.input, [])
            continue
        if each.kind == "fusion":
            asks = f"{of}{each.query} looks at" if each.query else f"{of}fusion"
            shares.setdefault(asks, {})[each.input] = float(each.weights.sum())
            if len(each.weights) < 2:
                continue
        tracks[name] = each.weights
        below[name] = symbols.get(each.input, [])
    tracks = {name: each for name, each in tracks.items() if len(each)}
    few = dict(list(pairs.items())[-_MAPS:])
    return attention_page(tracks, few, shares, symbols=below, title=title)


def _numbers(maps: Iterable[AttentionMap]) -> np.ndarray:
    """All weights of a row as they stand in its table."""
    return np.concatenate([w for each in maps for _, w in _seen(each)])


def _strongest(maps: Iterable[AttentionMap]) -> int:
    """The position of a sequence that is looked at most; 0 without any."""
    for each in maps:
        weights = np.mean([w for _, w in _seen(each)], axis=0)
        if len(weights) > 1:
            return int(weights.argmax()) + 1
    return 0


METHODS = (
    Method(
        "attention",
        "where networks look: weights of attention pooling, of transformers, and of "
        "the fusion of inputs",
        file=explain_attention,
        takes_function=False,
        check_model=check_attention,
    ),
)
