"""Modules as in evaluation: without dropout, with running statistics."""

from fnmatch import fnmatchcase

from flax import nnx


def evaluated(module: nnx.Module, patterns: tuple[str, ...] = ("*",)) -> nnx.Module:
    """A view of a module of which parts are as in evaluation.

    Args:
        module: The network; it is not changed.
        patterns: Patterns of the paths of these parts; all of it if not given.

    Example:
        >>> model = nnx.Sequential(nnx.Dropout(0.5), nnx.Dropout(0.5))
        >>> view = evaluated(model, ("layers/0",))
        >>> [layer.deterministic for layer in view.layers]
        [True, False]
    """
    if not patterns:
        return module
    return nnx.view(
        module,
        only=lambda path, _: matches("/".join(map(str, path)), patterns),
        deterministic=True,
        use_running_average=True,
        raise_if_not_found=False,  # a module need not have either
    )


def evaluation_graph(module: nnx.Module) -> nnx.GraphDef:
    """The structure of a module as in evaluation, for `nnx.merge` with its values."""
    return nnx.split(evaluated(module), nnx.Param, ...)[0]


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Check that a path fits a pattern, or lies below what fits it.

    Example:
        >>> matches("encoders/seq/stem", ("encoders",)), matches("ab", ("a",))
        (True, False)
    """
    return any(
        fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}/*")
        for pattern in patterns
    )
