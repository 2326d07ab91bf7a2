"""Effects along windows, against predictions of whole sequences and by hand."""

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.genome.effect_outputs import outputs_of
from jaxbio.genome.network_effects import NetworkEffects
from jaxbio.genome.profile_effects import ProfileEffects, _largest, _totals, aligned
from jaxbio.genome.variants import effects_by, score_variants
from jaxbio.metrics.profile import divergence
from tests.genome.genomes import LENGTH, QUICK, random_genome, vcf_of


def run_along(task, values):
    """A run of one epoch with a value a position."""
    random = np.random.default_rng(0)
    texts = ["".join(random.choice(list("ACGT"), LENGTH)) for _ in range(32)]
    flat = np.array([values(text) for text in texts], np.float32).ravel()
    track = jb.data.Track(flat, np.arange(len(texts) + 1) * LENGTH)
    rows = jb.data.Sequences.from_strings(texts, jb.DNA)
    data = jb.Dataset({"seq": rows}, {"y": track})
    encoder = jb.CNN(channels=(4,), kernel_sizes=(5,), kmers=0, positions=False)
    model = jb.Network(encoder, hidden=(), average_strands=False)
    return jb.fit(model, task, data, data, **QUICK)


@pytest.fixture(scope="module")
def reads():
    task = jb.Profile(length=LENGTH)
    return run_along(task, lambda text: [float(x == "G") for x in text]).predictor


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    return random_genome(tmp_path_factory.mktemp("g"))


def test_totals_and_shapes_of_a_profile_are_compared(reads, genome, tmp_path):
    base = genome.fetch("chr1", 99, 100)
    other = "ACGT"["ACGT".index(base) - 1]
    vcf = vcf_of(tmp_path / "in.vcf", ("chr1", 100, base, other))
    found = score_variants(reads, vcf, genome, background=0, strands="forward")
    row = found.frame().iloc[0]
    window = genome.fetch("chr1", 99 - LENGTH // 2, 99 + LENGTH // 2)
    changed = window[: LENGTH // 2] + other + window[LENGTH // 2 + 1 :]
    before, after = (np.asarray(x) for x in reads([window, changed]).by_target["y"])
    assert row["diff"] == pytest.approx(after.sum() - before.sum(), abs=1e-4)
    ratio = np.log2(after.sum() / before.sum())
    assert row["logr"] == pytest.approx(ratio, abs=1e-4)
    expected = divergence(before[None].astype(float), after[None].astype(float))[0]
    assert row["jsd"] == pytest.approx(expected, rel=1e-2, abs=1e-7)


def test_a_model_along_windows_has_its_own_effects(reads):
    effects = effects_by(reads)
    assert isinstance(effects, ProfileEffects)
    assert effects.primary == "LOGR" and effects.places == ()
    assert "Jensen-Shannon" in effects.description("JSD", effects.outputs[0])
    assert not isinstance(effects, NetworkEffects)
    assert [x.name for x in outputs_of(reads.schema)] == [""]


def along(*values):
    return np.array(values, np.float32)[None, :, None]


def test_shapes_are_compared_without_what_an_insertion_moves():
    before, after = along(1, 2, 3, 4), along(1, 2, 0, 3)  # one base comes at index 2
    found = _totals(before, after, 2, 0, 1)
    assert found["JSD"] == pytest.approx(0, abs=1e-6)
    assert found["DIFF"] == pytest.approx(-4)
    assert found["LOGR"] == pytest.approx(np.log2(0.6))


def test_the_far_side_that_a_deletion_brings_in_is_left_out():
    before, after = along(1, 2, 0, 3, 4), along(1, 2, 3, 4, 9)
    assert _totals(before, after, 2, 1, 0)["JSD"] == pytest.approx(0, abs=1e-6)
    assert aligned(after, 2, 1, 0)[0, :, 0].tolist() == [1, 2, 0, 3, 4]


def test_the_largest_change_and_where_it_is():
    before, after = along(0.1, 0.5, 0.2, 0.1), along(0.1, 0.1, 0.3, 0.1)
    found = {k: float(x[0, 0]) for k, x in _largest(before, after, 2, 1, 1).items()}
    assert found["AT"] == -1 and found["DIFF"] == pytest.approx(-0.4)
    assert (found["REF"], found["ALT"]) == pytest.approx((0.5, 0.1))


def test_an_inserted_base_counts_where_it_comes_in():
    before, after = along(0.1, 0.2, 0.1, 0.1), along(0.1, 0.2, 0.9, 0.1)
    found = {k: float(x[0, 0]) for k, x in _largest(before, after, 2, 0, 1).items()}
    assert found["AT"] == -1 and found["DIFF"] == pytest.approx(0.7)
    deleted = _largest(along(0.1, 0.2, 0.9, 0.1), along(0.1, 0.2, 0.1, 0.0), 2, 1, 0)
    assert deleted["AT"][0, 0] == 0 and deleted["DIFF"][0, 0] == pytest.approx(-0.9)


def test_the_place_of_shifted_windows_is_a_place(genome, tmp_path):
    task = jb.Regression(per_position=True)
    run = run_along(task, lambda text: [float(x == "G") for x in text])
    base = genome.fetch("chr1", 99, 100)
    other = "ACGT"["ACGT".index(base) - 1]
    vcf = vcf_of(tmp_path / "in.vcf", ("chr1", 100, base, other))
    found = score_variants(run.predictor, vcf, genome, background=0, shifts=1)
    row = found.frame().iloc[0]
    assert float(row["at"]) == int(row["at"]) and abs(row["at"]) <= 2
    assert row["diff"] != 0
