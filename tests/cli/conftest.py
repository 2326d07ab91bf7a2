import pytest

from jaxbio.cli import main
from tests.commands import QUICK, SMALL, sequences


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A folder with rows of DNA and a run that was trained on them."""
    folder = tmp_path_factory.mktemp("cli")
    table = sequences(folder / "rows.csv")
    words = ["train", table, "--target", "label", "--out", folder / "run"]
    assert main([str(word) for word in [*words, *SMALL, *QUICK]]) == 0
    return folder
