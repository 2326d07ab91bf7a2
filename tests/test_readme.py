import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaxbio.cli import COMMANDS, main

README = (Path(__file__).parents[1] / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)


def test_the_set_up_commands_stand_there():
    for command in (
        "pip install . && jaxbio quickstart",
        "pip install '.[dev]' && pytest",
    ):
        assert README.count(command) == 1


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


def test_the_commands_parse():
    lines = [
        line
        for kind, code in BLOCKS
        if kind == "bash"
        for line in code.replace("\\\n", " ").splitlines()
        if line.startswith("jaxbio")
    ]
    assert len(lines) >= 8
    for line in lines:
        command, *words = shlex.split(line)[1:]
        assert command in COMMANDS
        # `--help` at the end: the words before it are parsed first.
        with pytest.raises(SystemExit) as stop:
            main([command, *words, "--help"])
        assert stop.value.code == 0
