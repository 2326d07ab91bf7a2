import json

import pytest
import report


def line(**values):
    return {
        "benchmark": "cnn",
        "case": "DeepSTARR training",
        "peer": "PyTorch eager",
        "device": "cpu",
        "target": 1.5,
        "ratio": 1.2,
        "spread": 0.04,
        "fraction_of_peak": 0.3,
        "quick": False,
        "threads": 2,
        "cpu": "A processor",
        "versions": {"jax": "0.10.2"},
        "date": "2026-01-01T00:00:00+00:00",
        **values,
    }


GROWTH = line(
    benchmark="growth",
    case="batch",
    peer="itself",
    x=[16, 32, 64],
    value=[100.0, 200.0, 300.0],
    slope=0.7,
)


def rows_of(lines, reasons=None):
    text = report.table(report.rows(lines), reasons or {})
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in text.split("\n")]


def cell(rows, name, peer, device):
    (found,) = [row for row in rows if row[:3] == [name, peer, device]]
    return found


def test_the_newest_line_wins_but_for_quick_and_missing_ones():
    new = line(ratio=1.61, date="2026-02-01T00:00:00+00:00")
    quick = line(ratio=9.0, quick=True, date="2026-03-01T00:00:00+00:00")
    missing = line(ratio=None, status="missing", date="2026-04-01T00:00:00+00:00")
    rows = rows_of([new, line(), quick, missing])
    name = "`cnn` DeepSTARR training"
    row = cell(rows, name, "PyTorch eager", "CPU")
    assert row[3:7] == ["1.5", "**1.61**", "4 %", "30 %"]
    assert "quick run" in cell(rows_of([quick]), name, "PyTorch eager", "CPU")[7]


def test_what_was_not_reached_is_plain_and_has_its_reason():
    key = "cnn / DeepSTARR training / PyTorch eager / cpu"
    rows = rows_of([line()], {key: "because"})
    row = cell(rows, "`cnn` DeepSTARR training", "PyTorch eager", "CPU")
    assert row[4] == "1.2" and row[7] == "because"


def test_rows_that_nobody_measured_stand_as_such():
    rows = rows_of([line(), line(device="NVIDIA H200", ratio=2.5)])
    name = "`cnn` DeepSTARR training"
    assert cell(rows, name, "PyTorch eager", "NVIDIA H200")[4] == "**2.5**"
    assert not [r for r in rows if r[:3] == [name, "PyTorch eager", "GPU"]]
    assert cell(rows, name, "PyTorch compiled", "GPU")[4] == "not measured"
    assert cell(rows, "`mlp` 10 epochs", "Keras fit", "CPU")[4] == "not measured"


def test_the_table_goes_between_the_marks_and_the_plot_to_its_file(tmp_path):
    lines, readme = tmp_path / "speed.jsonl", tmp_path / "README.md"
    lines.write_text("".join(json.dumps(x) + "\n" for x in (line(), GROWTH)))
    readme.write_text("# Title\n<!-- speed -->\nformer\n<!-- /speed -->\nend\n")
    (tmp_path / "reasons.toml").write_text("")
    words = ["--write", "--results", lines, "--readme", readme]
    words += ["--plot", tmp_path / "plot.png", "--reasons", tmp_path / "reasons.toml"]
    report.main([str(word) for word in words])
    text = readme.read_text()
    assert text.startswith("# Title\n<!-- speed -->\n| benchmark |")
    assert text.endswith("<!-- /speed -->\nend\n") and "former" not in text
    assert "power of 0.70, near-linear" in text and "A processor, 2 threads" in text
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    readme.write_text("# Title\n")
    with pytest.raises(SystemExit, match="has no <!-- speed -->"):
        report.write(readme, "text")
