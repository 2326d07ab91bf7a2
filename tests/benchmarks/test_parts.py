import json

from benchmarks.accuracy.parts import run_parts

MARKS = ("<!-- a -->", "<!-- /a -->")


def test_lines_are_kept_by_part_and_measure_and_stand_on_the_page(tmp_path, capsys):
    def one(seed):
        yield {"metric": "x", "score": seed}
        yield {"metric": "y", "score": 2 * seed}

    def table(lines):
        return " ".join(
            f"{line['set']}:{line['metric']}={line['score']}" for line in lines
        )

    page = tmp_path / "page.md"
    page.write_text(f"{MARKS[0]}\n{MARKS[1]}\n")
    how = {"results": tmp_path / "r.jsonl", "page": page, "marks": MARKS}

    def run(*words):
        parts = {"one": one, "two": one}
        return run_parts("Some parts.", parts, table, **how, arguments=words)

    assert run("--seed", "3") == 0
    assert run("two", "--seed", "4") == 0
    assert "one:x=3 one:y=6 two:x=4 two:y=8" in capsys.readouterr().out
    (first, *_) = map(json.loads, how["results"].read_text().splitlines())
    assert first["seed"] == 3 and first["device"] and first["minutes"] >= 0
    assert run("--write") == 0
    assert "two:y=8" in page.read_text()
