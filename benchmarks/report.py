"""The table and the plot of the speed benchmarks, from their JSON lines.

    python -m benchmarks.report            print the table
    python -m benchmarks.report --write    put it into the documentation, and draw it

Of several lines for one row the newest counts; a `--quick` line only where there is no
other. What explains a row is written by hand in `notes.toml`, under `benchmark / case /
peer / device`.
"""

import argparse
import json
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.speed.rows import ROWS

HERE = Path(__file__).parent
LINES = HERE / "results" / "speed.jsonl"
PLOT = HERE / "results" / "speed.png"
NOTES = HERE / "notes.toml"
PAGE = HERE.parent / "docs" / "benchmarks" / "speed.md"
MARKS = ("<!-- speed -->", "<!-- /speed -->")
HEAD = ("benchmark", "peer", "device", "ratio", "spread", "of peak", "note")
SLOPE = 1.15
"""The steepest growth of time with work that still counts as near-linear."""

Line = Mapping[str, Any]


class Row(NamedTuple):
    """A row of the table, and the line with its numbers."""

    benchmark: str
    case: str
    peer: str
    device: str
    line: Line

    @property
    def label(self) -> str:
        """The row's name in the plot."""
        return f"{self.benchmark}: {self.case}, {self.peer}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print or write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="into page and plot")
    parser.add_argument("--results", type=Path, default=LINES)
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--plot", type=Path, default=PLOT)
    parser.add_argument("--notes", type=Path, default=NOTES)
    options = parser.parse_args(arguments)
    lines = read(options.results)
    measured = rows(lines)
    notes = tomllib.loads(options.notes.read_text(encoding="utf-8"))
    text = "\n\n".join([table(measured, notes), growth(lines), conditions(lines)])
    if not options.write:
        print(text.strip())
        return 0
    write(options.page, text.strip())
    plot(measured, newest(lines), options.plot)
    return 0


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a file; none if there is no file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def keep(line: Line, path: Path) -> None:
    """Put a line of a set and measure in place of its former one."""
    lines = {(item["set"], item["metric"]): item for item in read(path)}
    lines[line["set"], line["metric"]] = dict(line)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(item) + "\n" for item in lines.values()))


def newest(lines: Iterable[Line]) -> dict[tuple[str, ...], Line]:
    """The line that counts for each benchmark, case, peer, device and precision.

    Measured lines go before others, full runs before quick ones, then the date decides.
    """
    best: dict[tuple[str, ...], Line] = {}
    for line in lines:
        names = ("benchmark", "case", "peer", "device")
        key = (*(line[name] for name in names), line.get("precision", "float32"))
        if key not in best or _rank(line) >= _rank(best[key]):
            best[key] = line
    return best


def _rank(line: Line) -> tuple[bool, bool, str]:
    return bool(line.get("ratio")), not line.get("quick"), line.get("date", "")


def rows(lines: Iterable[Line]) -> list[Row]:
    """The measured rows: those of `ROWS` in their order, then all others."""
    place = {tuple(row): at for at, row in enumerate(ROWS)}
    measured = [
        _row(key, line)
        for key, line in newest(lines).items()
        if key[0] != "growth" and key[2] != "none" and line.get("ratio")
    ]
    names = ("benchmark", "case", "peer")

    def order(row: Row) -> int:
        return place.get(tuple(row.line[name] for name in names), len(place))

    return sorted(measured, key=order)


def _row(key: tuple[str, ...], line: Line) -> Row:
    benchmark, case, peer, device, precision = key
    if precision not in ("float32", "bfloat16"):
        case = f"{case}, {precision}"
    return Row(benchmark, case, peer, "CPU" if device == "cpu" else device, line)


def table(measured: Iterable[Row], notes: Mapping[str, str]) -> str:
    """The rows in Markdown; ratios above 1, where jaxbio is faster, in bold."""
    lines = [HEAD, ("---",) * len(HEAD)]
    for row in measured:
        ratio = row.line["ratio"]
        lines.append(
            (
                f"`{row.benchmark}` {row.case}",
                row.peer,
                row.device,
                f"**{ratio:.3g}**" if ratio > 1 else f"{ratio:.3g}",
                _percent(row.line, "spread"),
                _share(row.line),
                _note(row, notes),
            )
        )
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _percent(line: Line, name: str) -> str:
    value = line.get(name)
    return "" if value is None else f"{100 * value:.0f} %"


def _share(line: Line) -> str:
    copied = _percent(line, "fraction_of_copy")
    parts = (_percent(line, "fraction_of_peak"), copied and f"{copied} of copying")
    return ", ".join(part for part in parts if part)


def _note(row: Row, notes: Mapping[str, str]) -> str:
    line, device = row.line, row.device.lower() if row.device == "CPU" else row.device
    parts = ["quick run"] if line.get("quick") else []
    if "times_one_member" in line:
        parts.append(f"{line['times_one_member']:.3g} times one member")
    if "waiting" in line:
        parts.append(f"{100 * line['waiting']:.1f} % of the time waiting")
    key = " / ".join((row.benchmark, row.case, row.peer, device))
    return "; ".join([*parts, *([notes[key]] if key in notes else [])])


def growth(lines: Iterable[Line]) -> str:
    """A sentence for each grid of `growth.py`."""
    told = []
    for key, line in newest(lines).items():
        if key[0] == "growth":
            x, value = line["x"], line["value"]
            judged = "near-linear" if line["slope"] <= SLOPE else "not linear"
            told.append(
                f"- {line['case']} {x[0]} to {x[-1]} ({line['device']}): "
                f"{value[0]:,.0f} to {value[-1]:,.0f} sequences a second; time grows "
                f"as work to the power of {line['slope']:.2f}, {judged}"
            )
    return "\n".join(told)


def conditions(lines: Iterable[Line]) -> str:
    """Where and with what the table was measured."""
    told = {}
    for line in newest(lines).values():
        parts = line.get("versions", {})
        words = [f"{line.get('cpu')}, {line.get('threads')} threads"]
        if line["device"] != "cpu":
            words.append(line["device"])
        shown = ("python", "jax", "jaxlib", "torch", "keras", "tensorflow-cpu")
        machine = told.setdefault(", ".join(words), {"dates": set(), "versions": {}})
        machine["dates"].add(line.get("date", "")[:10])
        known = {name: parts[name] for name in shown if name in parts}
        machine["versions"].update(known)
    sentences = []
    for name, seen in told.items():
        dates = " to ".join(sorted({min(seen["dates"]), max(seen["dates"])}))
        parts = [f"{part} {number}" for part, number in seen["versions"].items()]
        sentences.append(f"Measured on {name}, {dates}: {', '.join(parts)}.")
    return "\n".join(sentences)


def write(page: Path, text: str, marks: tuple[str, str] = MARKS) -> None:
    """Put the text between the marks of a file.

    Raises:
        SystemExit: If the file has no such marks.
    """
    whole = page.read_text(encoding="utf-8")
    start, end = (whole.find(mark) for mark in marks)
    if not 0 <= start < end:
        raise SystemExit(f"{page} has no {marks[0]} … {marks[1]}")
    before, after = whole[: start + len(marks[0])], whole[end:]
    page.write_text(f"{before}\n{text}\n{after}", encoding="utf-8")


def plot(measured: Iterable[Row], best: Mapping[tuple, Line], path: Path) -> None:
    """Draw the ratios as bars, and the growth curves."""
    from matplotlib.figure import Figure

    bars = [*measured][::-1]
    figure = Figure(figsize=(13, max(4, 0.28 * len(bars) + 1)), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    for at, row in enumerate(bars):
        ratio = row.line["ratio"]
        left.barh(at, ratio - 1, left=1, color="tab:blue" if ratio > 1 else "tab:grey")
    devices = {row.device for row in bars}
    names = [
        f"{row.label} ({row.device})" if len(devices) > 1 else row.label for row in bars
    ]
    left.set_yticks(range(len(bars)), names, fontsize=8)
    left.axvline(1, color="black", lw=0.8)
    left.set_xscale("log")
    ticks = (0.5, 1, 2, 5, 10, 20, 50, 100)
    left.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    left.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
    left.set_xlabel("peer's time / jaxbio's time")
    for key, line in best.items():
        if key[0] == "growth":
            x = [value / line["x"][0] for value in line["x"]]
            start = f"{line['case']} from {line['x'][0]}"
            label = f"{start} ({line['device']}), slope {line['slope']:.2f}"
            right.plot(x, line["value"], marker="o", label=label)
    if right.lines:
        right.set_xscale("log")
        right.set_yscale("log")
        times = (1, 2, 4, 8, 16)
        right.set_xticks(times, [str(number) for number in times])
        right.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
        right.legend(fontsize=8)
    right.set_xlabel("times the smallest")
    right.set_ylabel("sequences trained a second")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    sys.exit(main())
