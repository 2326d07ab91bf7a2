"""Values along a genome, from bigWig files, as numbers to learn."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float32, Float64

from jaxbio.errors import DataError, JaxbioError, nearest, option
from jaxbio.genome.intervals import Intervals
from jaxbio.genome.reference import Reference

Summary = Literal["mean", "sum", "max", "profile"]
"""What of the values of a window, or of a part of it; or all of them, as a profile."""

PROFILE = "profile"
"""The summary that is none: the values of all bases, for `jaxbio.Profile`."""

Uncovered = Literal["missing", "zero"]
"""Bases without a value are left out, or are 0."""

_SUMMARIES = ("mean", "sum", "max", PROFILE)


def bigwig_library() -> ModuleType:
    """The library that reads and writes bigWig files.

    Raises:
        JaxbioError: If it is not installed.
    """
    try:
        return importlib.import_module("pybigtools")
    except ImportError:
        raise JaxbioError(
            "bigWig files need pybigtools: pip install 'jaxbio[genomics]'"
        ) from None


def track_targets(
    tracks: Mapping[str, Any], bins: int | None, summary: Summary = "mean"
) -> dict[str, str]:
    """The targets that tracks give, as `jaxbio.read` takes them.

    Example:
        >>> track_targets({"ctcf": "a.bw"}, 8), track_targets({"ctcf": "a.bw"}, None)
        ({'ctcf_bin_*': 'number'}, {'ctcf': 'number'})
        >>> track_targets({"ctcf": "a.bw"}, 8, "profile")
        {'ctcf': 'positions_number'}
    """
    if summary == PROFILE:
        return dict.fromkeys(tracks, "positions_number")
    return {name if bins is None else f"{name}_bin_*": "number" for name in tracks}


def track_columns(
    windows: Intervals,
    outside: Bool[np.ndarray, "n"],
    tracks: Mapping[str, str | Path],
    genome: Reference,
    *,
    summary: Summary,
    bins: int | None,
    uncovered: Uncovered,
    notes: list[str],
) -> dict[str, np.ndarray]:
    """Summaries of tracks in windows.

    Args:
        windows: The windows, by the genome's names of contigs.
        outside: Mask of those without values.
        tracks: bigWig files by name.
        genome: By whose contigs those of the tracks are known.
        summary: What of the values.
        bins: In how many parts a window is summarised, from its 5' end on; None for
            one.
        uncovered: What bases without a value are.
        notes: To which is added how many there are.

    Returns:
        A column a track, called as this is; with bins `NAME_bin_1`, … each; NaN where a
        part has no value.

    Raises:
        DataError: For a file that cannot be read, or has values in no window.
    """
    if summary not in _SUMMARIES:
        raise DataError(f"summary {summary!r}: {nearest(summary, _SUMMARIES)}")
    length = int(windows.ends[0] - windows.starts[0])
    if bins is not None and not 1 <= bins <= length:
        raise DataError(
            f"{option('bins', bins)}: windows of {length:,} bases have 1 to {length:,} "
            f"parts"
        )
    found: dict[str, np.ndarray] = {}
    for name, path in tracks.items():
        values, empty = _values(
            windows, outside, path, genome, summary, bins or 1, uncovered
        )
        if not np.isfinite(values).any():
            raise DataError(
                f"{path} has no value in any of the windows: is it of this genome?"
            )
        if empty:
            share = 100 * empty / max((~outside).sum() * length, 1)
            lacking = int(np.isnan(values).any(axis=1).sum())
            notes.append(
                f"{path}: {share:.2g} % of the bases of windows have no value and are "
                f"left out; {lacking:,} windows lack a number to learn "
                f"({option('uncovered', 'zero')} to read them as 0)"
            )
        if bins is None:
            found[name] = values[:, 0]
        else:
            found |= {f"{name}_bin_{at + 1}": values[:, at] for at in range(bins)}
    return found


def track_profiles(
    windows: Intervals,
    tracks: Mapping[str, str | Path],
    genome: Reference,
    *,
    bins: int,
    uncovered: Uncovered,
    notes: list[str],
) -> dict[str, Float32[np.ndarray, "n length"]]:
    """Values of tracks in windows, base by base from the 5' end on.

    Args:
        windows: The windows, by the genome's names of contigs.
        tracks: bigWig files by name.
        genome: By whose contigs those of the tracks are known.
        bins: In how many parts of one size they are to be summed up.
        uncovered: What bases without a value are.
        notes: To which is added how many there are.

    Returns:
        By the name of the track the values, NaN where they are missing.

    Raises:
        DataError: For bins that do not divide the length, a file that cannot be read,
            or values below 0, as a profile is of counts.
    """
    length = int(windows.ends[0] - windows.starts[0])
    if not 1 <= bins <= length or length % bins:
        near = [x for x in (length // bins * bins, -(-length // bins) * bins) if x]
        fitting = " or ".join(option("length", x) for x in dict.fromkeys(near))
        raise DataError(
            f"{option('bins', bins)}: windows of {length:,} bases have no such parts "
            f"of one size: give {fitting}, or another number"
        )
    found = {}
    for name, path in tracks.items():
        values = np.full((len(windows), length), np.nan, np.float32)
        with opened(path) as track:
            known = {genome.resolve(own): own for own in track.chroms()}
            places = zip(windows.contigs, windows.starts, windows.ends, strict=True)
            for at, (contig, start, end) in enumerate(places):
                if contig in known:
                    values[at] = track.values(
                        known[contig], int(start), int(end), fillna=None
                    )
        reverse = np.asarray(windows.strands == "-", bool)
        values[reverse] = values[reverse, ::-1]
        empty = np.isnan(values)
        if empty.all():
            raise DataError(
                f"{path} has no value in any of the windows: is it of this genome?"
            )
        if np.nanmin(values) < 0:
            raise DataError(
                f"{path} has values below 0, and a profile is of counts: "
                f"{option('summary', 'mean')} learns any numbers"
            )
        if empty.any():
            share = 100 * empty.mean()
            meaning = (
                "count as 0"
                if uncovered == "zero"
                else f"are left out ({option('uncovered', 'zero')} to read them as 0)"
            )
            notes.append(
                f"{path}: {share:.2g} % of the bases of windows have no value and "
                f"{meaning}"
            )
        found[name] = np.where(empty, 0, values) if uncovered == "zero" else values
    return found


def _values(
    windows: Intervals,
    outside: Bool[np.ndarray, "n"],
    path: str | Path,
    genome: Reference,
    summary: str,
    bins: int,
    uncovered: str,
) -> tuple[Float64[np.ndarray, "n bins"], int]:
    """Summaries, and how many bases have no value."""
    values = np.full((len(windows), bins), np.nan)
    zero = 0.0 if uncovered == "zero" else None
    empty = 0
    with opened(path) as track:
        known = {genome.resolve(name): name for name in track.chroms()}
        for at in np.flatnonzero(~outside).tolist():
            contig = known.get(windows.contigs[at])
            start, end = int(windows.starts[at]), int(windows.ends[at])
            if contig is None:
                empty += end - start if zero is None else 0
                values[at] = np.nan if zero is None else 0.0
                continue
            how: dict[str, Any] = {"exact": True, "uncovered": zero, "fillna": zero}
            each = track.values(contig, start, end, bins=bins, summary=summary, **how)
            values[at] = each[::-1] if windows.strands[at] == "-" else each
            if zero is None:
                covered = track.values(
                    contig, start, end, bins=1, summary="bases_covered", **how
                )[0]
                empty += end - start - int(np.nan_to_num(covered))
    return values, empty


def opened(path: str | Path) -> Any:
    """A bigWig file.

    Raises:
        DataError: For a file that is missing or none.
    """
    library = bigwig_library()
    if not Path(path).is_file():
        raise DataError(f"{path}: there is no such file")
    try:
        track = library.open(str(path))
    except (ValueError, OSError, RuntimeError) as error:
        raise DataError(f"{path}: not a bigWig file ({error})") from None
    if not track.is_bigwig:
        track.close()
        raise DataError(f"{path} is a bigBed file: tracks are read from bigWig files")
    return track
