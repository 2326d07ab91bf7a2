import numpy as np

import jaxbio as jb
from jaxbio.cli.explain.sanity import check_line


def test_rows_are_explained_again_by_their_own_label(linear_run):
    predictor, data = linear_run
    asked = []

    def explain(other, rows, label):
        asked.append((label, len(rows), other is predictor))
        return [np.arange(30.0)] * len(rows)

    found = [np.arange(30.0)] * 3
    line = check_line(predictor, data, ["a", "b", "a"], found, explain)
    assert asked == [("a", 2, False), ("b", 1, False)]
    assert "contributions correlate by 1.00 (ranks): they hardly depend" in line

    def others(other, rows, label):
        return [np.arange(30.0)[::-1]] * len(rows)

    line = check_line(predictor, data, None, found, others, what="weights")
    assert "the weights correlate by -1.00 (ranks): they depend on what" in line
    alike = check_line(predictor, data, None, [np.ones(30)], others)
    assert alike == "check: all contributions are alike"
    assert isinstance(predictor, jb.Predictor)
