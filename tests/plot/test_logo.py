import numpy as np
import pytest

from jaxbio.alphabet import DNA
from jaxbio.plot import contribution_logo, contributions


def test_the_logo_is_a_picture(tmp_path):
    effects = np.zeros((12, 4), np.float32)
    effects[3:7] = -1.0
    assert contributions(effects)[3] == pytest.approx(4 / 3)
    path = tmp_path / "logo.png"
    contribution_logo(effects, "ACGTACGTACGT", DNA, path, title="t", marked=(3, 7))
    assert path.read_bytes().startswith(b"\x89PNG")
    assert [item.name for item in tmp_path.iterdir()] == ["logo.png"]
