"""How the pages of this folder are built: `sphinx-build -W docs site`."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from jaxbio.version import __version__  # noqa: E402

project = "jaxbio"
author = "The jaxbio authors"
copyright = author
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "command_help",  # _ext: the options of a command, from its parser
    "docstrings",  # _ext: docstrings as napoleon takes them
    "package",  # _ext: the names that a package gives
]
exclude_patterns = ["_ext"]
nitpicky = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# `--resume` and "x" stand as they are typed.
smartquotes = False
# Docstrings have single backticks around code; what is documented becomes a link.
default_role = "docstring-code"

autodoc_typehints = "none"  # shapes and units stand in the text
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
autoclass_content = "both"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = ["Source"]

html_theme = "furo"
html_title = "jaxbio"
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"top_of_page_buttons": []}
pygments_style = "friendly"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
