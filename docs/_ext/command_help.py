"""`command-help`: the usage and the options of a command, from its own parser.

    .. command-help:: train

gives a section for the command, or one for each of its verbs.
"""

import argparse
import importlib
import os
import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from jaxbio.cli import COMMANDS

_CODE = re.compile(r"`([^`]+)`")


def parser_of(command: str) -> argparse.ArgumentParser:
    """The parser of one command, as the command line makes it."""
    summary = COMMANDS[command]
    parser = argparse.ArgumentParser(
        prog=f"jaxbio {command}", description=summary[0].upper() + summary[1:] + "."
    )
    importlib.import_module(f"jaxbio.cli.{command}").add_arguments(parser)
    return parser


def verbs_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of its verbs by name; none for a command without verbs."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


class CommandHelp(SphinxDirective):
    """The options of a command."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Sections, one a command or verb."""
        os.environ["COLUMNS"] = "80"  # what argparse wraps usages to
        command = self.arguments[0]
        parser = parser_of(command)
        verbs = verbs_of(parser)
        section = _section(f"jaxbio {command}")
        section += nodes.paragraph("", "", *_text(parser.description or ""))
        if not verbs:
            section += _body(parser)
        else:
            choices = next(
                action._choices_actions
                for action in parser._actions
                if isinstance(action, argparse._SubParsersAction)
            )
            helps = {choice.dest: choice.help or "" for choice in choices}
            for verb, made in verbs.items():
                part = _section(f"jaxbio {command} {verb}")
                about = made.description or helps[verb][:1].upper() + helps[verb][1:]
                about = about if about.endswith((".", "!")) else about + "."
                part += nodes.paragraph("", "", *_text(about))
                part += _body(made)
                section += part
        return [section]


def _section(title: str) -> nodes.section:
    section = nodes.section(ids=[nodes.make_id(title)], names=[title.lower()])
    section += nodes.title(title, "", nodes.literal(title, title))
    return section


def _body(parser: argparse.ArgumentParser) -> list[nodes.Node]:
    usage = parser.format_usage().removeprefix("usage: ").rstrip()
    body: list[nodes.Node] = [_block(usage)]
    formatter = parser._get_formatter()
    for group in parser._action_groups:
        listed = nodes.definition_list()
        for action in group._group_actions:
            if isinstance(action, argparse._HelpAction) or action.help is None:
                continue
            listed += _item(action, formatter, parser)
        if not len(listed):
            continue
        title = {"positional arguments": "arguments"}.get(group.title, group.title)
        body += [nodes.rubric("", title[:1].upper() + title[1:]), listed]
    if parser.epilog:
        heading, _, lines = parser.epilog.partition("\n")
        body += [nodes.rubric("", heading.rstrip(":").capitalize())]
        body.append(_block("\n".join(line.strip() for line in lines.splitlines())))
    return body


def _item(action, formatter, parser) -> nodes.definition_list_item:
    names = action.option_strings or [formatter._metavar_formatter(action, "")(1)[0]]
    text = ", ".join(names)
    if action.option_strings and action.nargs != 0:
        default = formatter._get_default_metavar_for_optional(action)
        text += " " + formatter._format_args(action, default)
    words = action.help % {"default": action.default, "prog": parser.prog}
    words = words[:1].upper() + words[1:]
    words = words if words.endswith(".") else words + "."
    return nodes.definition_list_item(
        "",
        nodes.term("", "", nodes.literal(text, text)),
        nodes.definition("", nodes.paragraph("", "", *_text(words))),
    )


def _text(words: str) -> list[nodes.Node]:
    """Words with what stands in backticks as code."""
    parts = _CODE.split(words)
    return [
        nodes.literal(part, part) if at % 2 else nodes.Text(part)
        for at, part in enumerate(parts)
        if part
    ]


def _block(text: str) -> nodes.literal_block:
    block = nodes.literal_block(text, text)
    block["language"] = "text"
    return block


def setup(app) -> dict:
    """Tell Sphinx of the directive."""
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True}
