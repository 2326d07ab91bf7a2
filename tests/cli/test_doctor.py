from jaxbio.cli import main
from jaxbio.cli.doctor import copy_rate, examine, matrix_rate


def test_rates_are_plausible():
    assert 1e8 < matrix_rate() < 1e16
    assert 1e8 < copy_rate() < 1e14


def test_facts_and_advice(capsys):
    found = examine()
    assert found.facts["jax"][0].isdigit()
    assert "matrix product, GFLOP/s" in found.facts
    assert found.advice
    assert main(["doctor", "--compile-cache", "none", "--json"]) == 0
    out = capsys.readouterr().out
    assert "copy, GB/s" in out and "device" in out
