import argparse

from jaxbio.cli.explain import METHODS, add_arguments


def test_a_method_explains_either_rows_or_a_file():
    for method in METHODS.values():
        assert (method.rows is None) != (method.file is None)
        assert method.help


def test_the_help_names_all_methods():
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    text = " ".join(parser.format_help().split())
    assert all(f"{name}: {method.help}" in text for name, method in METHODS.items())
