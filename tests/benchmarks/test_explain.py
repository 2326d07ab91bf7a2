"""Sites of motifs, and the table of explanations."""

import numpy as np

import jaxbio as jb
from benchmarks.accuracy.explain import (
    ELEMENT,
    MOTIFS,
    by_matrices,
    covers,
    drawn,
    planted_rows,
    table,
)


def test_sites_are_drawn_by_their_matrix():
    rng = np.random.default_rng(0)
    sites = ["".join(drawn(MOTIFS["MA0002.2"], rng)) for _ in range(300)]
    shares = np.array([[text[at] == "G" for at in (4, 6)] for text in sites]).mean(
        axis=0
    )
    assert (shares > 0.85).all()
    assert all(np.sum(counts, axis=0).min() > 0 for counts in MOTIFS.values())


def test_the_element_has_eleven_positions():
    assert ELEMENT[1] - ELEMENT[0] == 11


def test_a_row_a_line():
    line = {"set": "spot", "metric": "pointing game", "score": 0.95, "of": 9,
            "minutes": 1.23}  # fmt: skip
    assert table([line]).splitlines()[2] == (
        "| spot | pointing game | 0.95 | 9 |  | 1.2 |"
    )


def test_windows_that_cover_half_of_a_site():
    sites = [(0, 20, 31), (0, 60, 71), (1, 20, 31)]
    assert covers([(0, 15), (0, 66), (2, 20)], sites).tolist() == [True, False, False]


def test_planted_sites_are_where_they_are_said_to_be():
    texts, y, planted = planted_rows(1, 60, clear=True)
    assert np.abs(np.array(y) - [len(some) for some in planted]).max() < 1
    sites = [(row, *site) for row, some in enumerate(planted) for site in some]
    assert {end - start for _, start, end in sites} == {11} and len(sites) > 40
    # what a scan finds at .0001 stands out of random letters
    assert covers(by_matrices(texts)[: len(sites)], sites).mean() > 0.95
    assert {len(text) for text in texts} == {100} and set("".join(texts)) <= set(
        jb.DNA.symbols
    )
