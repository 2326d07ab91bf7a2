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
