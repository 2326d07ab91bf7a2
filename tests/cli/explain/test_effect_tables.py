import numpy as np
import pandas as pd
import pytest

from jaxbio.cli.explain.effect_tables import moments, tell, write_rows


def test_moments_of_effects(capsys):
    found = moments(np.array([1.0, 3.0, -1.0, 1.0]), "sites")
    assert found["sites"] == 4 and found["effect"] == 1.0 and found["raised"] == 0.75
    assert found["error"] == pytest.approx(np.sqrt(8 / 3) / 2)
    assert np.isnan(moments(np.array([2.0]))["error"])
    small, alone = {"motif": "a", **found}, {"motif": "b", **moments(np.array([-2.0]))}
    tell([small, {**alone, "position": 7}])
    assert capsys.readouterr().out == "b at 7: -2\na: +1 ± 0.82\n"


def test_lines_as_a_table(tmp_path):
    write_rows([{"name": "a", "n": 1, "x": 0.5}, {"name": "b", "n": 2, "x": 1.5}],
               tmp_path / "t.tsv")  # fmt: skip
    table = pd.read_csv(tmp_path / "t.tsv", sep="\t")
    assert table.to_dict("list") == {"name": ["a", "b"], "n": [1, 2], "x": [0.5, 1.5]}
