"""`jaxbio explain`: evidence for predictions in images and sequences."""

import argparse
import contextlib
from pathlib import Path

import numpy as np

from jaxbio.cli.console import (
    Stopwatch,
    add_common,
    add_lookup,
    add_unknown,
    finish,
    lookups_of,
    make_folder,
    set_up,
)
from jaxbio.data import Dataset, concatenate, stream, write_table
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.sequences import Sequences
from jaxbio.errors import DataError
from jaxbio.explain import activation_maps, substitution_effects
from jaxbio.explain.gradcam import image_input, pictures_of
from jaxbio.explain.mutagenesis import sequence_input
from jaxbio.explain.targets import chosen_outputs, output_names, row_target
from jaxbio.plot import contribution_logo, contributions, overlay, overlays, save
from jaxbio.predict.predictor import Predictor
from jaxbio.run.fitting import load

_ON_A_PAGE = 24
_LONGEST_LOGO = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio explain`."""
    parser.add_argument("run", metavar="RUN", help="the folder of a run")
    parser.add_argument(
        "data", metavar="DATA", help="a file with the model's input columns"
    )
    parser.add_argument(
        "-o", "--out", metavar="DIR", required=True, help="the folder to write to"
    )
    parser.add_argument(
        "--method",
        choices=("gradcam", "ism"),
        help="gradcam: heat over images; ism: what each substitution in a sequence "
        "does (default: what fits the model's inputs)",
    )
    parser.add_argument(
        "--label",
        metavar="CLASS",
        help="the class, label or number to explain (default: the likeliest of each "
        "row)",
    )
    parser.add_argument(
        "--target", metavar="NAME", help="which one, of a model with several"
    )
    parser.add_argument(
        "--image", metavar="INPUT", help="which one, of a model with several images"
    )
    parser.add_argument(
        "--limit",
        type=int,
        default=20,
        metavar="N",
        help="explain the first N rows (default: %(default)s)",
    )
    add_lookup(parser)
    add_unknown(parser)
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Explain some rows, and write pictures and a table of them."""
    set_up(options)
    watch = Stopwatch()
    if options.limit < 1:
        raise DataError(f"--limit {options.limit}: give 1 or more")
    predictor = load(options.run)
    inputs = predictor.schema.own
    images = any(spec.kind == "image" for spec in inputs)
    method = options.method or ("gradcam" if images else "ism")
    if method == "gradcam":
        image_input(predictor.schema, options.image)
    else:
        sequence_input(inputs)
    spec = row_target(predictor.schema, options.target)
    data = _first_rows(predictor, options)
    codes = chosen_outputs(
        predictor, data, spec, options.label, unknown=options.unknown
    )
    explained = np.array(output_names(spec), object)[codes]
    folder = Path(options.out)
    make_folder(folder)
    draw = _maps if method == "gradcam" else _substitutions
    found = draw(predictor, data, explained, folder, options)
    predicted = predictor(data, unknown=options.unknown).columns()
    index = {"id": predicted.pop("id"), "explained": explained, **found, **predicted}
    write_table([index], folder / "index.tsv")
    print(f"{len(data)} rows in {watch.seconds:.1f} s: {folder}/index.tsv")
    result = {"rows": len(data), "method": method, "out": str(folder)}
    finish(options, {**result, "seconds": watch.seconds})
    return 0


def _first_rows(predictor: Predictor, options: argparse.Namespace) -> Dataset:
    parts: list[Dataset] = []
    missing = options.limit
    rows = stream(
        options.data,
        predictor.schema,
        unknown=options.unknown,
        lookups=lookups_of(getattr(options, "lookup", None)),
        rows=options.limit,
    )
    with contextlib.closing(rows):
        for part in rows:
            parts.append(part.take(np.arange(min(missing, len(part)))))
            missing -= len(parts[-1])
            if not missing:
                break
    if not parts:
        raise DataError(f"{options.data}: no rows to explain")
    return concatenate(parts)


def _maps(
    predictor: Predictor,
    data: Dataset,
    explained: np.ndarray,
    folder: Path,
    options: argparse.Namespace,
) -> dict[str, np.ndarray]:
    """Heat over each image, and a page with the first ones."""
    image = image_input(predictor.schema, options.image)
    heats = activation_maps(
        predictor,
        data,
        target=options.target,
        label=options.label,
        input=image.name,
        unknown=options.unknown,
    )
    pixels = pictures_of(data, image)
    titles = [f"{row}, {label}" for row, label in enumerate(explained, 1)]
    names = [f"{row:05d}.png" for row in range(1, len(data) + 1)]
    for at, name in enumerate(names):
        save(overlay(pixels[at], heats[at], title=titles[at]), folder / name)
    some = slice(_ON_A_PAGE)
    save(overlays(pixels[some], heats[some], titles=titles[some]), folder / "page.png")
    empty = int((heats.max(axis=(1, 2)) == 0).sum())
    if empty:
        print(f"{empty} of {len(data)} images have nothing that speaks for it")
    width = heats.shape[2]
    warmest = heats.reshape(len(heats), -1).argmax(axis=1)
    return {
        "picture": np.array(names, object),
        "warmest_row": warmest // width,
        "warmest_column": warmest % width,
    }


def _substitutions(
    predictor: Predictor,
    data: Dataset,
    explained: np.ndarray,
    folder: Path,
    options: argparse.Namespace,
) -> dict[str, np.ndarray]:
    """The matrix of each sequence, and its logo where letters can be drawn."""
    column = plain(data.input(predictor.schema.own[0].name))
    assert isinstance(column, Sequences)  # as the model takes them
    alphabet = column.alphabet
    names, pictures, strongest = [], [], []
    effects = substitution_effects(
        predictor, data, target=options.target, label=options.label
    )
    spec = row_target(predictor.schema, options.target)
    unit = "" if spec.kind in ("number", "count") else "log-odds"
    for row, matrix in enumerate(effects, 1):
        codes = column.codes[column.offsets[row - 1] : column.offsets[row]]
        symbols = [alphabet.spelt[code] for code in codes]
        table = {"position": np.arange(1, len(codes) + 1)}
        table |= {"symbol": np.array(symbols, object)}
        table |= dict(zip(alphabet.spelt, matrix.T, strict=False))
        write_table([table], folder / f"{row:05d}.tsv")
        names.append(f"{row:05d}.tsv")
        heights = contributions(matrix)
        strongest.append(int(np.abs(heights).argmax()) + 1)
        picture = ""
        if not alphabet.tokens and len(codes) <= _LONGEST_LOGO:
            picture = f"{row:05d}.png"
            text, title = "".join(symbols), f"{row}, {explained[row - 1]}"
            logo = contribution_logo(matrix, text, alphabet, title=title, unit=unit)
            save(logo, folder / picture)
        pictures.append(picture)
    if not all(pictures):
        print(
            f"{pictures.count('')} sequences have no picture: one is drawn of letters, "
            f"up to {_LONGEST_LOGO} positions"
        )
    return {
        "matrix": np.array(names, object),
        "picture": np.array(pictures, object),
        "strongest_position": np.array(strongest),
    }
