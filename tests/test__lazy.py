import subprocess
import sys

import pytest

from jaxbio import errors
from jaxbio._lazy import importer

find = importer("jaxbio", {"errors": ("DataError", "nearest")}, ("version",))


def test_names_come_from_their_modules():
    assert find("DataError") is errors.DataError and find("nearest") is errors.nearest
    assert find("version").__name__ == "jaxbio.version"


@pytest.mark.parametrize("name", ["errors", "TrainingError", "none"])
def test_what_was_not_listed_is_not_there(name):
    with pytest.raises(AttributeError, match=f"'jaxbio' has no attribute '{name}'"):
        find(name)


def test_a_module_is_imported_only_when_it_is_asked_for():
    code = (
        "import sys; from jaxbio._lazy import importer\n"
        "find = importer('jaxbio', {'alphabet': ['DNA']})\n"
        "assert 'jaxbio.alphabet' not in sys.modules\n"
        "find('DNA'); assert 'jaxbio.alphabet' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
