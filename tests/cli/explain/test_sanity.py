import numpy as np

import jaxbio as jb
from jaxbio.cli.explain.sanity import check_line, check_whole
from jaxbio.explain import effect_agreement


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


def test_the_whole_is_compared_with_several_untrained_networks(linear_run):
    predictor, data = linear_run
    asked = []

    def explain(other):
        asked.append(other)
        return np.asarray(other(data).by_target["y"])

    found = explain(predictor)
    how = {"what": "effects"}
    line = check_whole(predictor, found, explain, effect_agreement, **how)
    assert len(asked) == 4 and all(other is not predictor for other in asked[1:])
    assert (
        "check: with the weights of the networks in another order the effects" in line
    )
    assert "(1 for the same, 0 by chance): they" in line
    line = check_whole(
        predictor, found, lambda _: found, effect_agreement, many=True, **how
    )
    assert "agree by 1.00" in line and "hardly depend on what was learned" in line
    line = check_whole(predictor, found, lambda _: found, lambda x, y: np.nan, **how)
    assert line == "check: all effects are alike"
