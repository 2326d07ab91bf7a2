import subprocess
import sys
from importlib.metadata import version


def test_the_module_is_the_command():
    words = [sys.executable, "-m", "jaxbio", "--version"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == version("jaxbio")
