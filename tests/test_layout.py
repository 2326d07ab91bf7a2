"""Tests stand where their module stands: jaxbio/a/b.py has tests/a/test_b.py."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
MANY = {  # what looks at several modules of its folder at once
    "data/test_fuzz.py": "any bytes, to any reader",
    "data/test_real_files.py": "whole files of public sets",
    "models/test_padding.py": "every network: padding changes nothing",
}
TOP = {"docs", "examples", "import", "layout", "public", "readme"}  # of the package


def modules():
    """The test file of each module; that of a package is named like its folder."""
    for path in sorted((ROOT / "jaxbio").rglob("*.py")):
        folder = path.parent.relative_to(ROOT / "jaxbio")
        if path.stem != "__init__":
            yield (folder / f"test_{path.stem}.py").as_posix(), True
        elif folder != Path():
            yield (folder / f"test_{folder.name}.py").as_posix(), False


def files():
    tests = ROOT / "tests"
    found = {path.relative_to(tests).as_posix() for path in tests.rglob("test_*.py")}
    return {name for name in found if not name.startswith("benchmarks/")}


def test_every_module_has_a_test_of_its_name():
    missing = {name for name, needed in modules() if needed} - files()
    assert not missing, f"write tests/{', tests/'.join(sorted(missing))}"


def test_every_test_has_a_module_of_its_name():
    known = {name for name, _ in modules()} | MANY.keys()
    known |= {f"test_{name}.py" for name in TOP}
    strange = files() - known
    assert not strange, f"these test no module: {', '.join(sorted(strange))}"
    assert MANY.keys() <= files()
