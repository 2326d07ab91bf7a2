"""Evolutionary search."""

from jaxbio.design import Evolution, RandomSearch


def test_rules_are_kept(keeps_rules):
    keeps_rules(Evolution(population=16))


def test_it_finds_the_optimum_that_chance_does_not(best):
    assert best(Evolution(population=32, parents=8), calls=400)[0] == 8
    assert best(RandomSearch(), calls=400)[0] < 8
