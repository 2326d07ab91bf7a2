"""Means, spread and background, with effects that can be counted by hand."""

from typing import NamedTuple

import numpy as np
import pytest

from jaxbio.errors import JaxbioError
from jaxbio.genome.alleles import edit_of
from jaxbio.genome.matching import Allele
from jaxbio.genome.scoring import Scorer, compared
from tests.genome.genomes import genome_of, random_genome


class Named(NamedTuple):
    name: str


class Counted:
    """The weighted number of G of a window; a second view sees it twice."""

    length, views, primary, substitutions = 10, 2, "DIFF", False
    outputs, places = (Named("a b"), Named("a_b")), ()
    measures = ("ALT", "DIFF")

    def description(self, measure, output):
        return f"{measure} of {output.name}"

    def __call__(self, pairs):
        weights = np.arange(10.0)
        rows = np.concatenate([pairs.references, pairs.alternatives])
        count = ((rows == ord("G")) * weights).sum(axis=1)
        alt, ref = count[len(pairs.references) :], count[pairs.of]
        scale = np.array([[1.0, -1.0], [2.0, -2.0]])
        return {
            "ALT": alt[:, None, None] * scale,
            "DIFF": (alt - ref)[:, None, None] * scale,
        }


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    return genome_of(tmp_path_factory.mktemp("g"), c="A" * 40)


def alleles(*records):
    return [Allele(0, 0, "c", edit_of(*record)) for record in records]


def columns(scorer, genome, some):
    table = scorer(genome, some)
    names = [field.name for field in scorer.fields]
    return dict(zip(names, table.T.tolist(), strict=True))


def test_means_and_spread_over_views_and_shifts(genome):
    scorer = Scorer(Counted(), shifts=1)
    found = columns(scorer, genome, alleles((20, "A", "G"), (20, "A", "C")))
    # Of windows moved by -1, 0 and 1 the G stands at 6, 5 and 4; views count 1 and 2.
    values = np.outer([6, 5, 4], [1, 2]).ravel()
    assert found["JB_DIFF_a_b"] == [7.5, 0.0]
    assert found["JB_SD_a_b"] == pytest.approx([values.std(), 0.0])
    assert found["JB_DIFF_a_b_"] == [-7.5, 0.0]
    assert scorer.fields[0].description == "ALT of a b"


def test_names_and_numbers_are_checked():
    fields = [
        field.name for field in Scorer(Counted(), background=3, prefix="X").fields
    ]
    assert fields[:5] == ["X_ALT_a_b", "X_DIFF_a_b", "X_SD_a_b", "X_Z_a_b", "X_P_a_b"]
    for wrong, message in (
        ({"shifts": -1}, "shifts=-1"),
        ({"background": -1}, "background=-1"),
        ({"shifts": 5}, "windows of 10 bases would lose the variant"),
        ({"prefix": "1 x"}, "prefix='1 x'"),
    ):
        with pytest.raises(JaxbioError, match=message):
            Scorer(Counted(), **wrong)


def test_z_and_p_are_those_of_random_edits_of_the_window(genome):
    scorer = Scorer(Counted(), background=400)
    some = alleles((20, "A", "G"), (20, "A", "C"), (20, "A", "AGG"))
    found = columns(scorer, genome, some)
    # A random base is G in a third of the cases, anywhere but at 5.
    places = np.array([x for x in range(10) if x != 5])
    mean, square = places.mean() / 3, (places**2).mean() / 3
    deviation = np.sqrt(square - mean**2)
    assert found["JB_Z_a_b"][0] == pytest.approx((5 - mean) / deviation, abs=0.3)
    assert found["JB_P_a_b"][0] == pytest.approx((places >= 5).mean() / 3, abs=0.06)
    assert found["JB_P_a_b"][1] == 1.0  # all are at least as far from 0
    assert found["JB_Z_a_b_"] == pytest.approx([-x for x in found["JB_Z_a_b"]])


def test_scores_depend_on_the_allele_alone(tmp_path, monkeypatch):
    genome = random_genome(tmp_path)
    some = []
    for at in range(30, 330, 7):
        base = genome.fetch("chr1", at - 1, at)
        text = "ACGT"[("ACGT".index(base) + 1) % 4] + "GC"[: at % 3]
        some.append(Allele(0, 0, "chr1", edit_of(at, base, text)))
    scorer = Scorer(Counted(), shifts=1, background=5)
    whole = scorer(genome, some)
    monkeypatch.setattr("jaxbio.genome.scoring._MOST_BYTES", 1000)
    np.testing.assert_array_equal(scorer(genome, some), whole)
    np.testing.assert_array_equal(scorer(genome, some[::-1])[::-1], whole)
    assert scorer(genome, []).shape == (0, len(scorer.fields))


def test_where_no_edit_has_a_place_there_is_no_background(tmp_path):
    genome = genome_of(tmp_path, c="NNNNNNANNNNNN")
    found = columns(Scorer(Counted(), background=4), genome, alleles((7, "A", "G")))
    assert found["JB_DIFF_a_b"] == [7.5]
    assert np.isnan(found["JB_Z_a_b"] + found["JB_P_a_b"]).all()


def test_the_variant_counts_among_the_edits():
    beside = np.array([[[0.0], [0.0], [0.0]]])
    found = compared(np.array([[1.0]]), beside)
    assert np.isnan(found["Z"]).all() and found["P"].tolist() == [[0.25]]
