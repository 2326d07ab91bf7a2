"""Effects by a network, against its predictions of whole sequences."""

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.genome.alleles import edit_of
from jaxbio.genome.effect_outputs import outputs_of
from jaxbio.genome.matching import Allele
from jaxbio.genome.network_effects import NetworkEffects
from jaxbio.genome.pairs import window_pairs
from tests.genome.genomes import LENGTH, random_genome, run_of
from tests.helpers import reverse_complement


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    genome = random_genome(tmp_path_factory.mktemp("g"))
    records = [(100, 1, "A"), (100, 1, "C"), (100, 3, "A"), (3, 1, "TT"), (100, 1, "A")]
    alleles = []
    for position, size, text in records:
        reference = genome.fetch("chr1", position - 1, position - 1 + size)
        alleles.append(Allele(0, 0, "chr1", edit_of(position, reference, text)))
    return window_pairs(genome, alleles, [x.edit for x in alleles], LENGTH)


@pytest.fixture(scope="module")
def run():
    return run_of(members=2)


def effects_of(predictor, **options):
    return NetworkEffects(predictor, outputs_of(predictor.schema), **options)


def texts(windows):
    return [row.tobytes().decode() for row in windows]


@pytest.mark.parametrize("strands", ["both", "forward", "reverse"])
def test_measures_are_predictions_of_the_windows(run, pairs, strands):
    found = effects_of(run.predictor, strands=strands)(pairs)
    before = [texts(pairs.references)[at] for at in pairs.of]
    after = texts(pairs.alternatives)
    views = {"both": [str, reverse_complement], "forward": [str]}
    for at, turn in enumerate(views.get(strands, [reverse_complement])):
        for name, rows in (("REF", before), ("ALT", after)):
            predicted = run.predictor([turn(text) for text in rows])
            own = found[name][:, 2 * at : 2 * at + 2, 0]  # of both networks
            np.testing.assert_allclose(own.mean(axis=1), predicted.values[:, 0], 1e-4)
            spread = predicted.spread["y"][:, 0]
            np.testing.assert_allclose(own.std(axis=1), spread, atol=1e-4)
    np.testing.assert_allclose(found["DIFF"], found["ALT"] - found["REF"], atol=1e-6)
    assert np.ptp(found["DIFF"]) > 0


def test_of_classes_the_odds_are_compared(pairs):
    predictor = run_of("multiclass").predictor
    effects = effects_of(predictor, strands="forward")
    assert [x.name for x in effects.outputs] == ["high", "low", "mid"]
    assert effects.measures[-1] == effects.primary == "LOGR"
    found = effects(pairs)
    before, after = (
        predictor(rows).values
        for rows in ([texts(pairs.references)[x] for x in pairs.of],
                     texts(pairs.alternatives))
    )  # fmt: skip
    np.testing.assert_allclose(found["ALT"][:, 0], after, atol=1e-5)
    ratio = np.log(after / (1 - after)) - np.log(before / (1 - before))
    np.testing.assert_allclose(found["LOGR"][:, 0], ratio, atol=1e-4)
    some = NetworkEffects(
        predictor, outputs_of(predictor.schema, ["mid"]), strands="forward"
    )
    np.testing.assert_allclose(some(pairs)["LOGR"][:, 0, 0], ratio[:, 2], atol=1e-4)


def test_log_odds_are_exact_where_a_probability_is_1_in_float32(pairs):
    predictor = run_of("binary").predictor
    (member,) = predictor.members
    kernel = member["params"]["heads"]["y"]["bias"]
    member["params"]["heads"]["y"]["bias"] = kernel + 40.0
    found = effects_of(predictor, strands="forward")(pairs)
    assert (found["DIFF"] == 0).all()
    assert np.isfinite(found["LOGR"]).all() and np.ptp(found["LOGR"]) > 1e-3


def test_networks_that_average_strands_see_one(pairs):
    predictor = run_of(average_strands=True).predictor
    effects = effects_of(predictor)
    assert effects.strands == ("forward",) and effects.averages_strands
    other = effects_of(predictor, strands="reverse")(pairs)
    np.testing.assert_allclose(effects(pairs)["DIFF"], other["DIFF"], atol=1e-5)


def test_rna_has_one_strand_and_reads_t_as_u(pairs):
    predictor = run_of(alphabet=jb.RNA).predictor
    effects = effects_of(predictor)
    assert effects.strands == ("forward",)
    text = texts(pairs.references)[0].replace("T", "U")
    expected = predictor([text]).values[0, 0]
    np.testing.assert_allclose(effects(pairs)["REF"][0, 0, 0], expected, rtol=1e-5)
