import json

import pytest

from benchmarks import report


def line(**values):
    return {
        "benchmark": "cnn",
        "case": "DeepSTARR training",
        "peer": "PyTorch eager",
        "device": "cpu",
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


def rows_of(lines, notes=None):
    text = report.table(report.rows(lines), notes or {})
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
    assert row[3:6] == ["**1.61**", "4 %", "30 %"]
    assert "quick run" in cell(rows_of([quick]), name, "PyTorch eager", "CPU")[6]


def test_a_slower_row_is_plain_and_has_its_note():
    key = "cnn / DeepSTARR training / PyTorch eager / cpu"
    rows = rows_of([line(ratio=0.8)], {key: "because"})
    row = cell(rows, "`cnn` DeepSTARR training", "PyTorch eager", "CPU")
    assert row[3] == "0.8" and row[6] == "because"


def test_only_measured_rows_stand_there_in_their_order():
    mlp = line(benchmark="mlp", case="10 epochs", peer="Keras fit")
    gpu = line(device="NVIDIA H200", ratio=2.5)
    own = line(case="a case of its own")
    failed = line(peer="PyTorch compiled", ratio=None, status="failed")
    rows = rows_of([own, line(), gpu, failed, mlp])[2:]
    assert [row[0] for row in rows] == [
        "`mlp` 10 epochs",
        *["`cnn` DeepSTARR training"] * 2,
        "`cnn` a case of its own",
    ]
    assert rows[2][2:4] == ["NVIDIA H200", "**2.5**"]


def test_the_table_goes_between_the_marks_and_the_plot_to_its_file(tmp_path):
    lines, page = tmp_path / "speed.jsonl", tmp_path / "speed.md"
    lines.write_text("".join(json.dumps(x) + "\n" for x in (line(), GROWTH)))
    page.write_text("# Title\n<!-- speed -->\nformer\n<!-- /speed -->\nend\n")
    (tmp_path / "notes.toml").write_text("")
    words = ["--write", "--results", lines, "--page", page]
    words += ["--plot", tmp_path / "plot.png", "--notes", tmp_path / "notes.toml"]
    report.main([str(word) for word in words])
    text = page.read_text()
    assert text.startswith("# Title\n<!-- speed -->\n| benchmark |")
    assert text.endswith("<!-- /speed -->\nend\n") and "former" not in text
    assert "power of 0.70, near-linear" in text and "A processor, 2 threads" in text
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    page.write_text("# Title\n")
    with pytest.raises(SystemExit, match="has no <!-- speed -->"):
        report.write(page, "text")


def test_a_line_replaces_that_of_its_set_and_measure(tmp_path):
    path = tmp_path / "results" / "x.jsonl"
    for name, score in (("a", 1), ("b", 2), ("a", 3)):
        report.keep({"set": name, "metric": "m", "score": score}, path)
    kept = [(each["set"], each["score"]) for each in report.read(path)]
    assert kept == [("a", 3), ("b", 2)]
