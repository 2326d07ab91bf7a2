"""Pictures of predicted protein structures beside the known ones."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from jaxbio.errors import DataError
from jaxbio.metrics.contacts import ATOMS
from jaxbio.plot.page import INK, LARGE, figure, heading
from jaxbio.structure.chain import Chain
from jaxbio.structure.metrics.superposition import superpose
from jaxbio.structure.metrics.tm_gdt import tm_score
from jaxbio.structure.plot.maps import draw_maps
from jaxbio.structure.plot.strip import curves, draw_strip, strip_height
from jaxbio.structure.plot.trace import draw_trace

if TYPE_CHECKING:  # drawing needs no JAX
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from jaxbio.structure.predict import Structure

_STATES = "HGIEBTSC?"
_CA = ATOMS.index("CA")
_WIDTH = 10.67
_MAPS, _TRACE, _TITLE = 2.8, 2.5, 0.3
_LEAST = 7.34  # all in inches; at 150 dots an inch the overview is 1600 by 1101


def distance_maps(
    predicted: Float[np.ndarray, "..."],
    *,
    contacts: Float[np.ndarray, "..."] | None = None,
    true: Float[np.ndarray, "..."] | None = None,
    title: str = "",
) -> "Figure":
    """Draw predicted distances and contacts beside those of the known structure.

    Both distance maps have the same colours, from 2 to 22 angstrom, near ones dark. The
    map of contacts has the prediction above the diagonal and, with a truth, the pairs
    nearer than 8 angstrom below it. What is not known is grey.

    Args:
        predicted: Expected distances `[len len]` (angstrom).
        contacts: Predicted probabilities of contacts `[len len]`.
        true: Distances `[len len]` of the known structure, NaN where not resolved.
        title: Above the picture.

    Returns:
        The figure.

    Raises:
        DataError: If the sizes differ.

    Example:
        >>> apart = 3.8 * np.abs(np.subtract.outer(np.arange(9.0), np.arange(9)))
        >>> maps = distance_maps(apart, contacts=np.exp(-apart), true=apart)
        >>> [panel.get_title(loc="left") for panel in maps.axes]
        ['predicted distance', 'true distance', 'contacts']
    """
    length = len(predicted)
    pairs = (length, length)
    given = {"predicted distances": predicted, "contacts": contacts}
    _check_shapes("predicted distances", pairs, {**given, "true distances": true})
    panels = 1 + (true is not None) + (contacts is not None)
    page = figure(3.5 * panels + 0.3, 3.1 + _TITLE * bool(title))
    draw_maps(page, predicted, contacts, true)
    heading(page, title)
    return page


def secondary_structure_strip(
    sequence: str,
    predicted: str,
    *,
    true: str | None = None,
    confidence: Float[np.ndarray, "..."] | None = None,
    rsa: Float[np.ndarray, "..."] | None = None,
    true_rsa: Float[np.ndarray, "..."] | None = None,
    title: str = "",
    ax: "Axes | None" = None,
) -> "Figure":
    """Draw secondary structure along the sequence, 80 residues in a row.

    Helices are ribbons, strands arrows, turns bows and the rest a line. Residues whose
    prediction is another of the three states than the truth have a tinted ground.

    Args:
        sequence: One letter a residue.
        predicted: A state a residue: H, E, C, or the eight of `Chain.ss8`.
        true: The same of the known structure, `?` where it is not known.
        confidence: Of each residue `[len]`, from 0 to 100.
        rsa: Predicted relative accessibility `[len]`, from 0 to 1.
        true_rsa: The same of the known structure, NaN where it is not known.
        title: Above the picture.
        ax: The Axes to draw in; None for a new figure.

    Returns:
        The figure.

    Raises:
        DataError: If the lengths differ, or a state or confidence is none.

    Example:
        >>> strip = secondary_structure_strip("MKVLAG", "CHHHHC", true="?CHHHC")
        >>> [text.get_text() for text in strip.axes[0].texts][:3]
        ['helix', 'M', '1']
    """
    given = {"predicted states": predicted, "true states": true, "rsa": rsa}
    given |= {"confidence": confidence, "true rsa": true_rsa}
    _check_shapes("sequence", (len(sequence),), given)
    _check_states("predicted", predicted)
    _check_states("true", true or "")
    _check_confidence(confidence)
    shown = curves(confidence, rsa, true_rsa)
    if ax is None:
        height = strip_height(len(sequence), true is not None, bool(shown))
        ax = figure(_WIDTH, height + 0.15 + _TITLE * bool(title)).subplots()
    draw_strip(ax, sequence, predicted, true, shown)
    ax.set_title(title, loc="left", fontsize=LARGE, color=INK)
    return ax.figure.figure  # of a SubFigure, too


def ca_trace(
    model: Float[np.ndarray, "..."],
    *,
    true: Float[np.ndarray, "..."] | None = None,
    confidence: Float[np.ndarray, "..."] | None = None,
    title: str = "",
) -> "Figure":
    """Draw a model, laid onto the known structure, from two sides at right angles.

    With a truth, drawn in grey, TM-score and RMSD of the CA atoms are in the title.

    Args:
        model: CA coordinates `[len 3]` (angstrom).
        true: The same of the known structure, NaN where not resolved.
        confidence: Of each residue `[len]`, from 0 to 100, which gives the colours; the
            place along the chain if not given.
        title: Above the picture.

    Returns:
        The figure.

    Raises:
        DataError: If the lengths differ, fewer than 3 residues have coordinates in
            both, or a confidence is none.

    Example:
        >>> t = np.arange(12)
        >>> helix = np.stack([2.3 * np.cos(1.75 * t), 2.3 * np.sin(1.75 * t), 1.5 * t])
        >>> ca_trace(helix.T, true=helix.T).get_suptitle()
        'TM-score 1.00, RMSD 0.0 Å'
    """
    _check_trace(model, true, confidence)
    page = figure(9.0, 3.6 + _TITLE)
    draw_trace(page, _laid(model, true), true, confidence)
    heading(page, _scored(title, model, true))
    return page


def structure_overview(
    sequence: str,
    *,
    distances: Float[np.ndarray, "..."],
    states: str,
    model: Float[np.ndarray, "..."],
    contacts: Float[np.ndarray, "..."] | None = None,
    confidence: Float[np.ndarray, "..."] | None = None,
    rsa: Float[np.ndarray, "..."] | None = None,
    true: Chain | None = None,
    title: str = "",
) -> "Figure":
    """Draw maps, secondary structure and trace of one prediction on one page.

    Args:
        sequence: One letter a residue.
        distances: As `predicted` of `distance_maps`.
        states: As `predicted` of `secondary_structure_strip`.
        model: As for `ca_trace`.
        contacts: As for `distance_maps`.
        confidence: From 0 to 100, drawn under the strip.
        rsa: As for `secondary_structure_strip`.
        true: The known structure with its labels.
        title: Above the picture, before TM-score and RMSD.

    Returns:
        The figure.

    Raises:
        DataError: As the three others do.
    """
    length = len(sequence)
    given = {"states": states, "rsa": rsa, "confidence": confidence}
    given["true chain"] = None if true is None else true.sequence
    _check_shapes("sequence", (length,), given)
    _check_shapes("sequence", (length, 3), {"model": model})
    pairs = {"distances": distances, "contacts": contacts}
    _check_shapes("sequence", (length, length), pairs)
    _check_states("predicted", states)
    trace = None if true is None else true.coordinates[:, _CA]
    _check_trace(model, trace, confidence)
    shown = curves(confidence, rsa, None if true is None or rsa is None else true.rsa)
    strip = strip_height(length, true is not None, bool(shown)) + 0.1
    trace_high = max(_TRACE, _LEAST - _TITLE - _MAPS - strip)
    page = figure(_WIDTH, _TITLE + _MAPS + strip + trace_high)
    grid = page.add_gridspec(3, 1, height_ratios=[_MAPS, strip, trace_high])
    parts = [page.add_subfigure(grid[at]) for at in range(3)]
    apart = None if true is None else true.distances()
    draw_maps(parts[0], distances, contacts, apart)
    draw_strip(parts[1].subplots(), sequence, states, _true_states(states, true), shown)
    draw_trace(parts[2], _laid(model, trace), trace, None)
    heading(page, _scored(title, model, trace))
    return page


def _true_states(predicted: str, true: Chain | None) -> str | None:
    """The known states, three or eight as in the prediction."""
    if true is None:
        return None
    return true.ss3 if set(predicted) <= set("HEC?") else true.ss8


def _laid(model: np.ndarray, true: np.ndarray | None) -> np.ndarray:
    return model if true is None else superpose(true, model).coordinates


def _scored(title: str, model: np.ndarray, true: np.ndarray | None) -> str:
    """The title with what the comparison gives."""
    if true is None:
        return title
    score, apart = tm_score(true, model), superpose(true, model).rmsd
    scores = f"TM-score {score:.2f}, RMSD {apart:.1f} Å"
    return f"{title}: {scores}" if title else scores


def _check_shapes(
    name: str,
    wanted: tuple[int, ...],
    given: Mapping[str, np.ndarray | str | None],
) -> None:
    """Refuse arrays and strings that do not have as many residues as `name`."""
    if not wanted[0]:
        raise DataError(f"nothing to draw: {name} of no residues")
    for other, values in given.items():
        if values is None:
            continue
        shape = (len(values),) if isinstance(values, str) else values.shape
        if shape != wanted:
            raise DataError(
                f"{other} of shape {list(shape)}, but {name} of {wanted[0]} residues: "
                f"give {list(wanted)}"
            )


def _check_states(name: str, states: str) -> None:
    for at, state in enumerate(states):
        if state not in _STATES:
            raise DataError(
                f"{name} state {state!r} of residue {at + 1}: use the letters {_STATES}"
            )


def _check_confidence(confidence: np.ndarray | None) -> None:
    if confidence is None:
        return
    wrong = np.flatnonzero((confidence < 0) | (confidence > 100))
    if len(wrong):
        at = int(wrong[0])
        raise DataError(
            f"confidence {confidence[at]} of residue {at + 1} is not from 0 to 100"
        )


def _check_trace(
    model: np.ndarray, true: np.ndarray | None, confidence: np.ndarray | None
) -> None:
    """Refuse coordinates that cannot be drawn."""
    length = len(model)
    _check_shapes("model", (length, 3), {"model": model, "true trace": true})
    _check_shapes("model", (length,), {"confidence": confidence})
    _check_confidence(confidence)
    known = int(np.isfinite(model).all(axis=1).sum())
    if known < 3:
        raise DataError(f"{known} residues of the model have coordinates; 3 are needed")


def predicted_structure(
    structure: "Structure", *, true: Chain | None = None
) -> "Figure | None":
    """Draw a predicted chain: distances, secondary structure and trace.

    Args:
        structure: The prediction.
        true: The known structure, to be drawn beside it.

    Returns:
        The figure; None if there is nothing to draw: not even states of residues.

    Example:
        >>> from jaxbio.structure import Structure
        >>> found = Structure("x", "MKVLAG", {"ss3": "CHHHHC"}, {}, {}, {})
        >>> predicted_structure(found).axes[0].get_title(loc="left")
        'x'
    """
    states = structure.states.get("ss3", structure.states.get("ss8"))
    if states is None:
        return None
    sequence, name = structure.sequence, structure.name
    rsa, backbone = structure.numbers.get("rsa"), structure.backbone
    table = structure.distogram
    if backbone is None or table is None:
        return secondary_structure_strip(sequence, states, rsa=rsa, title=name)
    from jaxbio.structure.folding.distogram import expected

    distances = expected(table.probabilities.astype(np.float32), table.edges)[0]
    np.fill_diagonal(distances, 0)
    return structure_overview(
        sequence,
        distances=distances,
        states=states,
        model=backbone.coordinates[:, 1],
        contacts=table.contacts,
        confidence=backbone.confidence,
        rsa=rsa,
        true=true,
        title=name,
    )
