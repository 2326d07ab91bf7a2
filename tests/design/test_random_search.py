"""Random mutants."""

from jaxbio.design import RandomSearch


def test_rules_are_kept(keeps_rules):
    keeps_rules(RandomSearch())


def test_it_ends_where_all_has_been_tried(best):
    assert best(RandomSearch(), calls=600, free=(1, 2)) == (4, 16)
