from importlib.metadata import version

import jaxbio
from jaxbio.version import __version__


def test_the_version_is_that_of_the_installed_package():
    assert jaxbio.__version__ == __version__ == version("jaxbio")
