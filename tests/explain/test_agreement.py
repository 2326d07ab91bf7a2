import numpy as np
import pytest

import jaxbio as jb
from jaxbio.errors import DataError
from jaxbio.explain import (
    Motif,
    answer_agreement,
    choice_agreement,
    effect_agreement,
    motif_agreement,
    rank_agreement,
)


def test_ranks_of_sizes_where_there_are_many_and_of_all_where_there_are_few():
    many = np.linspace(-1, 1, 40) ** 3
    assert rank_agreement([many], [-2 * many]) == pytest.approx(1)
    one, other = np.arange(40.0), np.arange(40.0) % 20
    both = rank_agreement([one, one], [one, other])
    assert both == pytest.approx((1 + rank_agreement([one], [other])) / 2)
    few = np.array([1.0, 2.0])
    assert rank_agreement([few, -few], [-few, few]) == pytest.approx(-1)
    assert np.isnan(rank_agreement([few], [np.zeros(2)]))
    assert np.isnan(rank_agreement([], []))


def test_effects_of_another_size_or_sign_are_others():
    effects = np.array([[1.0, -2.0], [0.5, 0.0]])
    assert effect_agreement(effects, effects) == 1
    assert effect_agreement(effects, -effects) == -1
    assert effect_agreement(effects, effects / 3) == pytest.approx(0.6)  # 2/3 of 10/9
    assert effect_agreement(effects, 0 * effects) == 0
    assert effect_agreement(np.array([1.0, 2.0]), np.array([np.nan, 2.0])) == 1
    assert np.isnan(effect_agreement(np.zeros(2), np.zeros(2)))


def test_answers_beyond_chance():
    kappa = answer_agreement(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    assert kappa == 0  # half of them are the same, and would be by chance
    assert answer_agreement(np.array([0, 2, 1]), np.array([0, 2, 1])) == 1
    numbers = np.array([0.1, 0.2, 5.0])
    assert answer_agreement(numbers, numbers**2) == pytest.approx(1)
    assert answer_agreement(numbers, np.zeros(3)) == 0
    assert np.isnan(answer_agreement(np.zeros(3), np.ones(3)))


def test_choices_beyond_chance():
    assert choice_agreement([{"a"}], [{"a"}], [5]) == 1
    # One of two in each row: both rows the same half of the time by chance.
    assert choice_agreement([{"a"}, {"a"}], [{"a"}, {"b"}], [2, 2]) == 0
    assert np.isnan(choice_agreement([{"a"}], [{"a"}], [1]))
    assert np.isnan(choice_agreement([set()], [{"a"}], [3]))


def test_motifs_are_found_again_shifted_and_not_in_other_letters():
    rng = np.random.default_rng(0)
    words = [rng.integers(0, 4, 8) for _ in range(6)]
    motifs = [Motif("m", np.eye(4)[word]) for word in words]
    wider = [Motif("m", np.r_[np.full((2, 4), 0.25), np.eye(4)[w]]) for w in words]
    assert motif_agreement(motifs, wider) == pytest.approx(1)
    others = [Motif("m", np.eye(4)[rng.integers(0, 4, 8)]) for _ in range(6)]
    assert abs(motif_agreement(motifs, others)) < 0.3
    assert np.isnan(motif_agreement(motifs, []))
    protein = [Motif("p", np.full((3, 20), 0.05), alphabet=jb.PROTEIN)]
    with pytest.raises(DataError, match=r"\[4, 20\] symbols"):
        motif_agreement(motifs, protein)
