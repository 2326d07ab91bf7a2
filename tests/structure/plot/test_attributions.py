import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.structure.plot import attribution_strip


def test_bars_beneath_the_strip_in_rows():
    values = np.linspace(-1, 2, 170)
    states = "C" * 30 + "H" * 70 + "E" * 40 + "?" * 30
    page = attribution_strip(values, "A" * 170, states, title="x", unit="log-odds")
    strips, bars = page.axes[::2], page.axes[1::2]
    assert len(strips) == len(bars) == 3
    heights = [bar.get_height() for axes in bars for bar in axes.patches]
    np.testing.assert_allclose(heights, values)
    assert [text.get_text() for text in bars[1].get_xticklabels()][:2] == ["81", "90"]
    assert sum(len(axes.texts) for axes in bars) == 170  # the letters
    assert strips[0].patches and bars[0].get_ylim() == bars[2].get_ylim()


def test_a_long_chain_has_no_letters():
    page = attribution_strip(np.ones(1001), "A" * 1001, "C" * 1001)
    assert len(page.axes) == 2 * 5
    assert not any(axes.texts for axes in page.axes)


def test_lengths_that_do_not_fit():
    with pytest.raises(DataError, match="2 contributions, 3 residues and 3 states"):
        attribution_strip(np.ones(2), "AAA", "CCC")
