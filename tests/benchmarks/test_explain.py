"""Sites of motifs, and the table of explanations."""

import numpy as np

from benchmarks.accuracy.explain import ELEMENT, MOTIFS, drawn, table


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
