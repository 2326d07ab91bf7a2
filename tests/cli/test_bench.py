import json
import subprocess
import sys

import pytest

from jaxbio.cli import bench, main


def test_the_list_names_every_script_and_runs_none(capsys):
    assert main(["bench", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    there = [name for name in bench.NAMES if (bench.scripts() / f"{name}.py").exists()]
    assert [line.split()[0] for line in lines] == there
    assert {"mlp", "cnn", "growth"} <= set(there)


def test_an_unknown_name_is_a_wrong_input(capsys):
    assert main(["bench", "mpl"]) == 1
    assert "no benchmark 'mpl'" in capsys.readouterr().err


def test_a_quick_run_shows_a_table_and_json(tmp_path):
    out = tmp_path / "lines.jsonl"
    words = ["bench", "mlp", "--quick", "--peer", "none", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "jaxbio", *words, "--json-lines", str(out)],
        capture_output=True,
        text=True,
        check=True,
    )
    head, row, last = done.stdout.splitlines()
    (line,) = json.loads(last)["lines"]
    assert line == json.loads(out.read_text())
    assert line["benchmark"] == "mlp" and line["jaxbio_s"] > 0
    assert head.split()[:3] == ["benchmark", "case", "peer"]
    assert row.split()[:4] == ["mlp", "10", "epochs", "none"]


def test_a_missing_peer_is_shown_with_its_remedy():
    names = {"benchmark": "mlp", "case": "10 epochs", "peer": "Keras fit"}
    shown = bench.describe(
        {**names, "status": "missing", "remedy": "pip install keras"}
    )
    assert "missing: pip install keras" in shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(2.5, "2.5 s"), (0.0123, "12.3 ms"), (4e-5, "40 us")]
)
def test_times_have_a_unit(seconds, shown):
    assert bench._seconds(seconds) == shown
