"""Several words after a flag that is repeated for several values."""

import argparse
import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence

_NUMBER = re.compile(r"-\d+$|-\d*\.\d+$")  # what argparse takes as a negative number


def spread_repeated(
    parser: argparse.ArgumentParser, words: Sequence[str], extra: Sequence[str]
) -> list[str]:
    """Write a repeatable flag before each of the words that stand behind it.

    Only words that have no place otherwise are moved: a command that was right stays
    as it is.

    Args:
        parser: Which knows the flags, those of its commands too.
        words: The words of a command.
        extra: Those of them without a place, as from `parse_known_args`.

    Example:
        >>> parser = argparse.ArgumentParser()
        >>> _ = parser.add_argument("--missing", action="append")
        >>> spread_repeated(parser, ["--missing", "n.b.", "-9", "?"], ["-9", "?"])
        ['--missing', 'n.b.', '--missing', '-9', '--missing', '?']
    """
    flags = {
        flag
        for action in _actions(parser)
        if isinstance(action, argparse._AppendAction) and action.nargs is None
        for flag in action.option_strings
    }
    homeless = Counter(extra)
    result: list[str] = []
    flag, valued = (
        "",
        False,
    )  # the repeatable flag before a word; whether it has a value
    for word in words:
        name, equals, _ = word.partition("=")
        if name in flags:
            flag, valued = name, bool(equals)
        elif flag and not valued:
            valued = True
        elif flag and homeless[word] and not _is_flag(word):
            homeless[word] -= 1
            result.append(flag)
        else:
            flag = ""
        result.append(word)
    return result


def without_place(parser: argparse.ArgumentParser, extra: Sequence[str]) -> str:
    """What is wrong with words that a command has no place for, in one sentence.

    Args:
        parser: Of the command.
        extra: The words.

    Example:
        >>> parser = argparse.ArgumentParser(prog="jaxbio train")
        >>> _ = parser.add_argument("--missing")
        >>> without_place(parser, ["--mising=?"])
        'no option --mising: did you mean --missing? See jaxbio train --help'
    """
    where = f"See {parser.prog} --help"
    unknown = [word.partition("=")[0] for word in extra if _is_flag(word)]
    if not unknown:
        one = len(extra) == 1
        return (
            f"{' '.join(map(repr, extra))} {'has' if one else 'have'} no place here: "
            f"what is given stands behind the command or behind its option, and text "
            f"with spaces in quotes. {where}"
        )
    known = [flag for action in _actions(parser) for flag in action.option_strings]
    close = difflib.get_close_matches(unknown[0], known, n=1, cutoff=0.5)
    hint = f": did you mean {close[0]}?" if close else "."
    return f"no option {unknown[0]}{hint} {where}"


def _is_flag(word: str) -> bool:
    return word.startswith("-") and len(word) > 1 and not _NUMBER.match(word)


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
