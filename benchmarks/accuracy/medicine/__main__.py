"""Accuracy in medicine: images, tables with gaps, expression, drugs and genes.

    python -m benchmarks.accuracy.medicine                  all parts
    python -m benchmarks.accuracy.medicine images tables    some
    python -m benchmarks.accuracy.medicine images --only retinamnist
    python -m benchmarks.accuracy.medicine --table          the table of the results
    python -m benchmarks.accuracy.medicine --write          into the documentation

The sets lie in the folder that the environment variable `JAXBIO_DATA` names, as
AREA/NAME/; a set that is not there is left out, with a note. Validation rows decide
when to stop and between settings; test rows are scored once, and those of
cross-validation decide nothing in their own fold. Beside every score stands a plain
baseline that was fitted on the same rows, and the line says whether the model beats
it. A line of JSON each goes to `benchmarks/results/medicine.jsonl`.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.accuracy.medicine.affinity import affinity
from benchmarks.accuracy.medicine.expression import expression
from benchmarks.accuracy.medicine.genes import genes
from benchmarks.accuracy.medicine.images import images
from benchmarks.accuracy.medicine.interaction import human_dti
from benchmarks.accuracy.medicine.molecules import moleculenet
from benchmarks.accuracy.medicine.response import gdsc2
from benchmarks.accuracy.medicine.tables import tables
from benchmarks.accuracy.medicine.treatment import ihdp
from benchmarks.report import keep, read, write

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "benchmarks" / "results" / "medicine.jsonl"
PAGE = ROOT / "docs" / "benchmarks" / "medicine.md"
MARKS = ("<!-- medicine -->", "<!-- /medicine -->")

PARTS: dict[str, Callable[[argparse.Namespace], Iterator[dict]]] = {
    "images": images,
    "tables": tables,
    "expression": expression,
    "affinity": affinity,
    "gdsc2": gdsc2,
    "human_dti": human_dti,
    "moleculenet": moleculenet,
    "genes": genes,
    "ihdp": ihdp,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen parts and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--only", nargs="*", metavar="SET", help="sets of these parts")
    parser.add_argument("--seed", type=int, default=0, help="of the first run")
    parser.add_argument("--seeds", type=int, help="runs (default: by the part)")
    parser.add_argument("--members", type=int, default=3, help="networks of tables")
    parser.add_argument("--epochs", type=int, help="(default: by the part)")
    parser.add_argument("--table", action="store_true", help="print the table only")
    parser.add_argument("--write", action="store_true", help="into the documentation")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    only_table = options.table or options.write
    for part in () if only_table else options.parts or PARTS:
        if part not in PARTS:
            parser.error(f"no part {part}: known are {', '.join(PARTS)}")
        for line in PARTS[part](options):
            line = {"part": part, **line}
            print(json.dumps(line), flush=True)
            if line["beats_baseline"] is False:
                what = f"{line['set']}, {line['metric']}"
                print(f"{what}: NO BETTER THAN THE BASELINE", file=sys.stderr)
            keep(line, options.results)
    print(table(options.results))
    if options.write:
        write(PAGE, section(options.results), MARKS)
    return 0


def section(path: Path) -> str:
    """The page's text between the marks: the table and how to read it."""
    lines = read(path)
    beaten = sum(line["beats_baseline"] for line in lines)
    return (
        f"{table(path)}\n\n"
        f"In brackets the test rows. Of several seeds the mean ± standard deviation; "
        f"`together` is the mean of their predictions. {beaten} of {len(lines)} scores "
        f"are better than the baseline, which was fitted on the same rows."
    )


def table(path: Path) -> str:
    """The results as a Markdown table."""
    rows = [
        "| set | measure | score | baseline | published |",
        "|---|---|---|---|---|",
    ]
    order = list(PARTS)
    lines = [line for line in read(path) if line["part"] in PARTS]
    for line in sorted(lines, key=lambda line: order.index(line["part"])):
        spread = line.get("spread")
        score = f"{line['score']:.3f}" + (f" ± {spread:.3f}" if spread else "")
        if line.get("ensemble") is not None:
            score += f"; together {line['ensemble']:.3f}"
        plain = f"{line['baseline']:.3f} ({line['baseline_name']})"
        plain += "" if line["beats_baseline"] else ", **not beaten**"
        cells = [
            f"{line['set']} ({line['rows']})",
            line["metric"],
            score,
            plain,
            line["published"],
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
