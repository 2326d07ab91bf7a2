import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaxbio.cli import COMMANDS, main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = ["README.md", *sorted(p.relative_to(ROOT) for p in ROOT.glob("docs/**/*.md"))]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)


def test_the_set_up_commands_stand_there():
    for command in (
        "pip install . && jaxbio quickstart",
        "pip install '.[dev]' && pytest",
    ):
        assert README.count(command) == 1


def test_it_is_short_and_its_links_lead_somewhere():
    assert len(README.splitlines()) <= 150
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_python_blocks_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    texts = ["".join(random.choice(list("ACGT"), 60)) for _ in range(100)]
    activity = [text.count("GA") + random.normal() for text in texts]
    pd.DataFrame({"seq": texts, "activity": activity}).to_csv("mpra.csv", index=False)
    names: dict = {}
    for kind, code in BLOCKS:
        if kind == "python":
            exec(code.replace("seed=0, out", "seed=0, epochs=1, members=1, out"), names)
    assert (tmp_path / "runs" / "mpra" / "config.json").exists()


def commands(page):
    """What a page has to type: the words of each `jaxbio` of its bash blocks."""
    text = (ROOT / page).read_text()
    blocks = re.findall(r"```bash\n(.*?)```", text, re.S)
    for line in "".join(blocks).replace("\\\n", " ").splitlines():
        for part in re.split(r"&&|\|", line):
            words = shlex.split(part, comments=True)
            if words[:1] == ["jaxbio"]:
                yield words[1:]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_commands_parse(page, capsys):
    for command, *words in commands(page):
        assert command in COMMANDS
        # `--help` at the end: the words before it are parsed first.
        with pytest.raises(SystemExit) as stop:
            main([command, *words, "--help"])
        assert stop.value.code == 0, f"{' '.join(words)}: {capsys.readouterr().err}"


def test_there_are_commands():
    assert len(list(commands("README.md"))) >= 8
    assert sum(len(list(commands(page))) for page in PAGES) >= 50
