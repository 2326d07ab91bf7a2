from flax import nnx

from jaxbio.nn.modes import evaluated, evaluation_graph


class Two(nnx.Module):
    """A norm and dropout, twice."""

    def __init__(self):
        rngs = nnx.Rngs(0)
        self.first = nnx.Sequential(nnx.BatchNorm(2, rngs=rngs), nnx.Dropout(0.5))
        self.second = nnx.Sequential(nnx.BatchNorm(2, rngs=rngs), nnx.Dropout(0.5))


def modes(module):
    parts = (*module.first.layers, *module.second.layers)
    names = ("use_running_average", "deterministic") * 2
    return [getattr(part, name) for part, name in zip(parts, names, strict=True)]


def test_a_part_or_all_of_a_module():
    module = Two()
    assert modes(evaluated(module, ("second",))) == [False, False, True, True]
    assert modes(evaluated(module, ("*",))) == [True] * 4
    assert modes(module) == [False] * 4 and evaluated(module, ()) is module


def test_the_graph_is_that_of_evaluation():
    _, *values = nnx.split(Two(), nnx.Param, ...)
    assert modes(nnx.merge(evaluation_graph(Two()), *values)) == [True] * 4
