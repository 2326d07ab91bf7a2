"""Docstrings of this package as napoleon and reStructuredText take them."""

import re

from docutils import nodes
from sphinx.domains.python import PyObject
from sphinx.util.docutils import SphinxRole

_FENCE = re.compile(r"^(\s*)```(\w*)\s*$")
_SECTION = re.compile(r"^(\s*)(Returns|Yields):$")
_NAME = re.compile(r"[A-Za-z_][\w.]*\w(?:\(\))?")
_MODULES = re.compile(r"\b(?:\w+\.)+(?=[A-Za-z])")


class Code(SphinxRole):
    """What stands in single backticks: code, and a link where it is documented."""

    def run(self):
        """The node."""
        if _NAME.fullmatch(self.text):
            role = self.env.domains["py"].role("obj")
            return role("py:obj", self.rawtext, self.text, self.lineno, self.inliner)
        return [nodes.literal(self.rawtext, self.text)], []


def fenced(lines):
    """The lines with fenced code as reStructuredText has it."""
    inside = ""
    result = []
    for line in lines:
        fence = _FENCE.match(line)
        if fence and not inside:
            inside = fence[2] or "text"
            result += ["", f"{fence[1]}.. code-block:: {inside}", ""]
        elif fence:
            inside = ""
            result.append("")
        else:
            result.append("   " + line if inside and line.strip() else line)
    return result


def before_napoleon(app, what, name, obj, options, lines):
    """Docstrings as napoleon takes them."""
    result = fenced(lines)
    for at, line in enumerate(result[:-1]):
        section = _SECTION.match(line)
        if section:  # a colon in the text does not part a type from its meaning
            text = result[at + 1].strip()
            result[at + 1] = f"{section[1]}    : {text}"
    if what in ("attribute", "data", "property") and ":" in result[0]:
        result[0] = f": {result[0]}"
    lines[:] = result


def after_napoleon(app, what, name, obj, options, lines):
    """Types by their names alone."""
    for at, line in enumerate(lines):
        if line.startswith(":vartype "):
            lines[at] = _MODULES.sub("", line)


def setup(app) -> dict:
    """Tell Sphinx of what stands here."""
    app.add_role("docstring-code", Code())
    app.connect("autodoc-process-docstring", before_napoleon, priority=100)
    app.connect("autodoc-process-docstring", after_napoleon, priority=900)
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"  # as the docstrings call them
    return {"parallel_read_safe": True}
