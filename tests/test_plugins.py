"""Parts by name, and where they come from."""

import dataclasses
import types
from importlib.metadata import EntryPoint
from typing import ClassVar

import pytest

from jaxbio import plugins
from jaxbio.errors import JaxbioError, remedies_as_flags
from jaxbio.plugins import (
    METRICS,
    Registry,
    import_plugin,
    load_plugins,
    origin,
    register,
    require,
    to_json,
    tuples,
)


@pytest.fixture
def shapes():
    """A registry of its own, and the base class of its parts."""
    registry = Registry("shape")
    return registry, type("Shape", (), {"registry": registry})


def offered(monkeypatch, *entries):
    """Let these entry points be those of installed packages."""
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: entries)
    load_plugins.cache_clear()


@pytest.fixture(autouse=True)
def _plugins_afresh():
    yield
    load_plugins.cache_clear()


def test_a_class_is_found_by_its_name(shapes):
    registry, base = shapes
    square = register(type("Square", (base,), {"name": "square"}))
    assert registry["square"] is square
    assert list(registry) == ["square"] and len(registry) == 1
    assert registry.items() == [("square", square)]


def test_the_nearest_name_is_told(shapes):
    registry, base = shapes
    register(type("Square", (base,), {"name": "square"}))
    with pytest.raises(JaxbioError, match=r"shape 'squere' is not known.*'square'"):
        registry["squere"]


def test_a_name_may_be_defined_again_but_not_by_another(shapes):
    registry, base = shapes
    register(type("Square", (base,), {"name": "square"}))
    again = register(type("Square", (base,), {"name": "square"}))  # a cell run twice
    assert registry["square"] is again
    with pytest.raises(JaxbioError, match=r"two shapes are called 'square'.*Cube"):
        register(type("Cube", (base,), {"name": "square"}))


def test_a_class_needs_a_name_of_its_own(shapes):
    _, base = shapes
    square = register(type("Square", (base,), {"name": "square"}))
    with pytest.raises(JaxbioError, match="Tile has no name"):
        register(type("Tile", (square,), {}))


@pytest.mark.parametrize("part", [3, int, "metric"])
def test_what_is_no_part_is_refused(part):
    with pytest.raises(JaxbioError, match="cannot be registered"):
        register(part)


def test_the_module_of_a_user_is_the_origin_of_a_part():
    assert origin(Registry) is None and origin(Registry("x")) is None
    assert origin(types.SimpleNamespace) == "types"


def test_a_missing_part_is_told_with_its_module(shapes):
    registry, base = shapes
    register(type("Square", (base,), {"name": "square"}))
    require({"shape:square": "mine"}, {"shape": registry})
    with pytest.raises(JaxbioError, match=r"shape 'cube'.*'my_shapes'.*import"):
        require({"shape:cube": "my_shapes"}, {"shape": registry})
    with remedies_as_flags(), pytest.raises(JaxbioError, match="--plugin my_shapes"):
        require({"shape:cube": "my_shapes"}, {"shape": registry})


def test_an_installed_plugin_is_found_when_it_is_needed(monkeypatch, tmp_path):
    (tmp_path / "offers_a_metric.py").write_text(
        "from jaxbio.plugins import register\n\n\n"
        "@register\n"
        "def offered_metric(truth, prediction):\n"
        "    return 1.0\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    offered(monkeypatch, EntryPoint("mine", "offers_a_metric", plugins.GROUP))
    assert METRICS["offered_metric"]([], []) == 1.0


def test_a_plugin_that_cannot_be_imported_is_named(monkeypatch):
    offered(monkeypatch, EntryPoint("mine", "there_is_no_such_module", plugins.GROUP))
    with pytest.raises(JaxbioError, match=r"plugin mine.*there_is_no_such_module"):
        METRICS["a metric that is not there"]


def test_parts_to_json_and_back(shapes):
    registry, base = shapes

    @dataclasses.dataclass(frozen=True)
    class Box(base):
        name: ClassVar[str] = "box"
        sides: tuple[int, ...] = (1, 2)

    registry.add("box", Box)
    values = to_json({"x": Box(), "y": (Box((3,)),)})
    assert values["x"] == {"name": "box", "sides": [1, 2]}
    assert registry.make(values["y"][0]) == Box((3,))
    assert tuples({"a": [1], "b": 2}) == {"a": (1,), "b": 2}
    with pytest.raises(
        JaxbioError, match="shape box has no field 'side': did you mean"
    ):
        registry.make({"name": "box", "side": 1})
    registry.check(Box())
    with pytest.raises(JaxbioError, match="the shape Square has no name"):
        registry.check(type("Square", (base,), {"name": "square"})())


def test_a_module_of_a_user_by_its_file(tmp_path):
    file = tmp_path / "my_plugin_of_a_test.py"
    file.write_text("import jaxbio.plugins\n"
                    "@jaxbio.plugins.register\n"
                    "def share_of_a_test(truth, prediction): return 1.0\n")  # fmt: skip
    import_plugin(str(file))
    assert "share_of_a_test" in METRICS
    with pytest.raises(JaxbioError, match="--plugin no_such_module cannot be imported"):
        import_plugin("no_such_module")
