import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from jaxbio.errors import DataError
from jaxbio.metrics.contacts import distances
from jaxbio.plot import figure, save
from jaxbio.structure import Chain, Structure, read_chains
from jaxbio.structure.metrics import superpose
from jaxbio.structure.plot import (
    ca_trace,
    distance_maps,
    predicted_structure,
    secondary_structure_strip,
    structure_overview,
)
from jaxbio.structure.plot.maps import contact_triangles
from jaxbio.structure.plot.strip import curves, strip_height
from jaxbio.structure.plot.strip_layout import (
    Segment,
    arrow,
    bands,
    ribbon,
    rows,
    segments,
    within,
)
from jaxbio.structure.plot.trace import from_above, principal_axes, smooth
from tests.proteins import ALPHA, build, hairpin


def hairpin_chain():
    atoms = hairpin()[:, :5].astype(np.float32)
    return Chain("hairpin", "G" * len(atoms), atoms)


def with_gap(values, *places):
    values = np.array(values, copy=True)
    values[list(places)] = np.nan
    return values


def size(figure):
    """Width and height in pixels at 150 dots an inch."""
    return tuple(int(inches * 150) for inches in figure.get_size_inches())


def words(axes):
    return {text.get_text() for text in axes.texts}


# Layout


@pytest.mark.parametrize(
    ("length", "expected"),
    [(1, [(0, 1)]), (80, [(0, 80)]), (81, [(0, 80), (80, 81)]), (0, [])],
)
def test_rows_have_80_residues(length, expected):
    assert rows(length) == expected


def test_a_long_chain_has_as_many_rows_as_it_needs():
    assert rows(1500)[-1] == (1440, 1500)
    assert len(rows(1500)) == 19


def test_segments_of_helices_and_strands():
    assert segments("CCHHHHEC") == [
        Segment("C", 0, 2),
        Segment("H", 2, 6),
        Segment("E", 6, 7),
        Segment("C", 7, 8),
    ]


def test_a_segment_across_two_rows_ends_in_the_second():
    parts = segments("C" * 78 + "E" * 5)
    assert within(parts, 0, 80) == [
        Segment("C", 0, 78),
        Segment("E", 78, 80, ends=False),
    ]
    assert within(parts, 80, 83) == [Segment("E", 80, 83)]


def test_a_strand_has_its_head_where_it_ends():
    outline = arrow(Segment("E", 2, 8))
    assert outline[:, 0].max() == 8
    tip = outline[outline[:, 0] == 8]
    assert tip.tolist() == [[8.0, 0.0]]
    assert np.abs(outline[:, 1]).max() == 0.5
    goes_on = arrow(Segment("E", 2, 8, ends=False))
    assert np.abs(goes_on[:, 1]).max() == 0.25


def test_a_head_is_no_longer_than_its_strand():
    assert arrow(Segment("E", 4, 5))[:, 0].min() == 4


@pytest.mark.parametrize(("length", "turns"), [(1, 1), (3, 2), (4, 2), (18, 10)])
def test_a_ribbon_has_a_band_for_each_half_turn(length, turns):
    found = ribbon(Segment("H", 5, 5 + length))
    assert len(found) == turns
    corners = np.concatenate(found)
    assert corners[:, 0].min() == pytest.approx(5)
    assert corners[:, 0].max() == pytest.approx(5 + length)


def test_bands_of_a_row_come_one_below_the_other():
    full = bands(True, True)
    assert list(full) == sorted(full)
    assert bands(False, True).height < full.height
    assert np.isnan(bands(False, False).curves)


def test_strips_grow_by_rows():
    one, two = (strip_height(length, True, True) for length in (80, 81))
    assert two - one == pytest.approx(0.14 * bands(True, True).height)


def test_curves_are_in_percent_and_the_confidence_as_given():
    found = curves(np.array([90.0]), np.array([0.5]), np.array([np.nan]))
    assert [curve.name for curve in found] == ["true", "accessibility", "confidence"]
    assert found[1].values.tolist() == [50.0]
    assert found[2].values.tolist() == [90.0]


def test_contacts_are_nearer_than_8_angstrom():
    true = np.array([[0.0, 7.99, 8.0], [7.99, 0.0, 1.0], [8.0, 1.0, 0.0]])
    both = contact_triangles(np.full((3, 3), 0.5), true)
    assert both[1, 0] == 1 and both[2, 0] == 0 and both[2, 1] == 1
    assert (both[np.triu_indices(3, 1)] == 0.5).all()


def test_contacts_without_truth_are_in_both_triangles():
    both = contact_triangles(np.full((3, 3), 0.5), None)
    assert np.isnan(np.diag(both)).all()
    assert both[2, 0] == 0.5


# Traces


def test_principal_axes_are_a_rotation_to_the_longest_first():
    points = np.random.default_rng(0).normal(size=(60, 3)) * [1.0, 9.0, 3.0]
    turn = principal_axes(with_gap(points, 4))
    np.testing.assert_allclose(turn.T @ turn, np.eye(3), atol=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1)
    spread = ((points - points.mean(axis=0)) @ turn).std(axis=0)
    assert spread[0] > spread[1] > spread[2]


def test_both_views_show_a_molecule_and_not_its_mirror_image():
    assert np.linalg.det(from_above(np.eye(3))) == pytest.approx(1)
    top = from_above(np.array([[0.0, 5, 0]]))
    assert top.tolist() == [[0, 0, 5]]  # what was uppermost is nearest


def test_three_points_on_a_line_have_principal_axes():
    turn = principal_axes(np.arange(3.0)[:, None] * [[1.0, 0, 0]])
    assert np.linalg.det(turn) == pytest.approx(1)


def test_a_smooth_trace_goes_through_all_residues_and_stops_at_gaps():
    points = np.random.default_rng(1).normal(size=(7, 3))
    whole = smooth(points, 4)
    np.testing.assert_allclose(whole.ends[1:, 0], whole.ends[:-1, 1], atol=1e-12)
    np.testing.assert_allclose(whole.ends[::4, 0], points[:-1])
    np.testing.assert_allclose(whole.ends[-1, 1], points[-1])
    assert whole.residues[:4].tolist() == [0.125, 0.375, 0.625, 0.875]
    broken = smooth(with_gap(points, 3), 4)  # 0-1-2 and 4-5-6
    assert len(broken.ends) == 16
    assert np.isfinite(broken.ends).all()
    np.testing.assert_allclose(broken.ends[8, 0], points[4])
    assert len(smooth(with_gap(points, 1, 3, 5), 4).ends) == 0


# Figures


@pytest.mark.parametrize("given", ["all", "contacts", "true", "nothing"])
def test_maps_of_what_is_given(given):
    chain = hairpin_chain()
    true = with_gap(chain.distances(), 3)
    contacts = np.exp(-true[::-1] / 8) if given in ("all", "contacts") else None
    known = true if given in ("all", "true") else None
    maps = distance_maps(chain.distances(), contacts=contacts, true=known)
    panels = {"all": 3, "nothing": 1}.get(given, 2)
    assert len(maps.axes) == panels
    assert size(maps) == (int((3.5 * panels + 0.3) * 150), 465)


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_a_strip_of_what_is_known(tmp_path, ending):
    path = tmp_path / f"strip.{ending}"
    length = 85
    half = np.full(length, 0.5)
    strip = secondary_structure_strip(
        "A" * length,
        "CHHHHTEEEEBGGGIISC?"[:17] * 5,
        true="?" * length,
        confidence=half * 100,
        rsa=with_gap(half, 0, 84),
        true_rsa=half * np.nan,
        title="t",
    )
    save(strip, path)
    start = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}[ending]
    assert path.read_bytes().startswith(start)


def test_a_strip_names_states_and_numbers():
    strip = secondary_structure_strip("M" * 12, "CHHHHHHHCCCC", title="of 12")
    (axes,) = strip.axes
    assert axes.get_title(loc="left") == "of 12"
    assert {"helix", "10"} <= words(axes) and "strand" not in words(axes)


def test_a_strip_stands_in_axes_of_another_figure():
    page = figure(8, 4)
    axes = page.subfigures(2, 1)[0].subplots()
    assert secondary_structure_strip("MKV", "CHH", ax=axes) is page
    assert "helix" in words(axes)


def test_a_trace_with_gaps_and_confidence():
    model = build([ALPHA] * 20)[:, 1]
    true = with_gap(model[:, [1, 2, 0]] + 9, 0, 10)
    trace = ca_trace(model, true=true, confidence=np.linspace(0, 100, 20), title="x")
    assert size(trace) == (1350, 585)


def test_a_model_may_have_gaps(tmp_path):
    save(ca_trace(with_gap(build([ALPHA] * 9)[:, 1], 0, 4)), tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()


def test_scores_are_in_the_title():
    model = build([ALPHA] * 20)[:, 1]
    trace = ca_trace(model, true=model + 3, title="x")
    assert trace.get_suptitle() == "x: TM-score 1.00, RMSD 0.0 Å"
    assert ca_trace(model, title="x").get_suptitle() == "x"


@pytest.mark.data
def test_the_overview_of_a_real_chain_is_small(tmp_path, real_data):
    found = real_data("protein/pfam40_pdb") / "pdb" / "PF00072_1MVO_A.pdb"
    (chain,) = read_chains(found)
    random = np.random.default_rng(0)
    walk = np.cumsum(random.normal(size=(len(chain), 3)), axis=0) / 4
    model = chain.coordinates[:, 1] + walk
    apart = distances(model)
    path = tmp_path / "overview.png"
    overview = structure_overview(
        chain.sequence,
        distances=apart,
        contacts=1 / (1 + np.exp(apart - 8)),
        states=chain.ss3,
        model=model,
        confidence=np.full(len(chain), 70.0),
        rsa=chain.rsa,
        true=chain,
        title="1MVO A",
    )
    save(overview, path)
    with Image.open(path) as image:
        width, height = image.size
    assert width == 1600 and 1050 <= height <= 1200
    assert path.stat().st_size < 300_000
    assert superpose(chain.coordinates[:, 1], model).rmsd > 0.1


@pytest.mark.parametrize("with_truth", [True, False])
def test_an_overview_with_and_without_truth(with_truth):
    chain = hairpin_chain()
    atoms = with_gap(chain.coordinates, 0, 7)
    known = Chain("gaps", chain.sequence, atoms) if with_truth else None
    overview = structure_overview(
        chain.sequence,
        distances=chain.distances(),
        states=chain.ss8,
        model=chain.coordinates[:, 1],
        true=known,
    )
    assert size(overview)[0] == 1600


def test_a_prediction_without_states_is_not_drawn():
    assert predicted_structure(Structure("x", "MKV", {}, {}, {}, {})) is None


# Wrong inputs


@pytest.mark.parametrize("name", ["contacts", "true"])
def test_maps_of_another_size_are_named(name):
    other = {name: np.zeros((4, 4))}
    with pytest.raises(DataError, match=rf"{name}.*\[4, 4\].*5 residues"):
        distance_maps(np.zeros((5, 5)), **other)
    with pytest.raises(DataError, match=r"predicted distances of shape \[5, 6\]"):
        distance_maps(np.zeros((5, 6)))


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("true", "HHH", r"true states of shape \[3\], but sequence of 4"),
        ("true", "HHHX", "true state 'X' of residue 4"),
        ("confidence", np.zeros(5), r"confidence of shape \[5\]"),
        ("confidence", np.array([0.0, 5, 101, 9]), "confidence 101.0 of residue 3"),
        ("rsa", np.zeros((4, 1)), r"rsa of shape \[4, 1\]"),
        ("true_rsa", np.zeros(3), r"true rsa of shape \[3\]"),
    ],
)
def test_wrong_parts_of_a_strip_are_named(name, values, message):
    with pytest.raises(DataError, match=message):
        secondary_structure_strip("AAAA", "HHHH", **{name: values})


def test_states_of_another_length_and_no_residues():
    with pytest.raises(DataError, match="predicted states"):
        secondary_structure_strip("AAAA", "HHH")
    with pytest.raises(DataError, match="no residues"):
        secondary_structure_strip("", "")


def test_wrong_traces_are_named():
    model = build([ALPHA] * 6)[:, 1]
    with pytest.raises(DataError, match=r"true trace of shape \[5, 3\]"):
        ca_trace(model, true=model[:5])
    with pytest.raises(DataError, match="model of shape"):
        ca_trace(model[:, :2])
    with pytest.raises(DataError, match="2 residues of the model"):
        ca_trace(with_gap(model, 0, 1, 2, 3))
    with pytest.raises(DataError, match="superposition needs 3"):
        ca_trace(model, true=with_gap(model, 0, 1, 2, 3))
    with pytest.raises(DataError, match=r"confidence of shape \[5\]"):
        ca_trace(model, confidence=np.zeros(5))


def test_wrong_parts_of_an_overview_are_named():
    chain = hairpin_chain()
    right = {
        "distances": chain.distances(),
        "states": chain.ss3,
        "model": chain.coordinates[:, 1],
    }
    wrong = {
        "distances": np.zeros((3, 3)),
        "contacts": np.zeros((3, 3)),
        "states": "H",
        "model": np.zeros((3, 3)),
        "true": Chain("x", "GG", chain.coordinates[:2]),
    }
    for name, values in wrong.items():
        with pytest.raises(DataError, match=f"{name}.* of shape"):
            structure_overview(chain.sequence, **{**right, name: values})


def test_drawing_needs_no_window_and_no_jax_and_importing_no_matplotlib():
    code = (
        "import sys, numpy as np\n"
        "from jaxbio.structure import plot\n"
        "assert 'matplotlib' not in sys.modules\n"
        "plot.ca_trace(np.eye(3))\n"
        "assert not {'jax', 'matplotlib.pyplot'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
