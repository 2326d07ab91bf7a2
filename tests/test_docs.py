"""The pages under docs/: their programs run, and what they point to is there."""

import importlib
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.cli import main
from tests.genomes import gff, sequence, vcf
from tests.language_models import write_model

ROOT = Path(__file__).parents[1]
PAGES = sorted(ROOT.glob("docs/**/*.md"))
MARKED = {"sequences", "medicine", "structure", "speed"}
README = (ROOT / "README.md").read_text()


def programs(page):
    """The Python blocks of a page as one program, without those of the README."""
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(), re.S)
    return "\n".join(block for block in blocks if block not in README)


def name(page):
    return page.relative_to(ROOT / "docs").as_posix()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with small files of the names that the pages use, and a run."""
    folder = tmp_path_factory.mktemp("pages")
    random = np.random.default_rng(0)
    texts = ["".join(random.choice(list("ACGT"), 40)) for _ in range(80)]
    table = pd.DataFrame({"seq": texts, "activity": random.normal(size=80)})
    table.to_csv(folder / "mpra.csv", index=False)
    table[["seq"]].to_csv(folder / "new.csv", index=False)
    labs = {f"lab_{at}": random.normal(size=80) for at in range(4)}
    labs["outcome"] = np.where(labs["lab_0"] > 0, "ill", "well")
    pd.DataFrame(labs).to_csv(folder / "patients.csv", index=False)
    smiles = ["C" * (at + 1) + "O" for at in range(10)]
    drugs = {"id": [f"D{at}" for at in range(10)], "smiles": smiles}
    pd.DataFrame(drugs).to_csv(folder / "drugs.csv", index=False)
    proteins = [f">P{at}\n{'MKTAYIAK' * (at + 2)}\n" for at in range(5)]
    (folder / "proteins.fasta").write_text("".join(proteins))
    pairs = [(f"D{d}", f"P{p}", d + p) for d in range(10) for p in range(5)]
    columns = ["drug", "target", "affinity"]
    pd.DataFrame(pairs, columns=columns).to_csv(folder / "pairs.csv", index=False)
    protein = ["".join(random.choice(list("ACDEFGHIKLMNPQRSTVWY"), 8)) for _ in texts]
    stability = {"protein": protein, "stability": random.normal(size=80)}
    pd.DataFrame(stability).to_csv(folder / "stability.csv", index=False)
    write_model(folder / "models" / "esm2-8m", "esm2")
    genes = [f">g{at}\n{text * 2}\n" for at, text in enumerate(texts)]
    (folder / "genes.fa").write_text("".join(genes))
    (folder / "genome.fa").write_text(f">1\n{sequence()}\n")
    (folder / "genes.gff3").write_text(gff())
    (folder / "in.vcf").write_text(vcf(["145 G A", "147 T C"]))
    genome = "".join(random.choice(list("ACGT"), 6000))
    (folder / "bacterium.fa").write_text(f">chr1\n{genome}\n")
    peaks = [f"chr1\t{at}\t{at + 20}\n" for at in range(100, 5900, 120)]
    (folder / "peaks.bed").write_text("".join(peaks))
    data = jb.read(table, inputs={"seq": "dna"}, targets=["activity"])
    out = folder / "runs" / "mpra"
    jb.fit(jb.MLP(), jb.Regression(), data, epochs=1, members=1, out=out)
    return folder


def write_cells(path):
    """An AnnData file with a few cells."""
    h5py = pytest.importorskip("h5py")
    counts = np.random.default_rng(0).poisson(1.0, (60, 30)).astype(np.float32)
    with h5py.File(path, "w") as file:
        file["X"] = counts
        for table, count in (("obs", 60), ("var", 30)):
            group = file.create_group(table)
            group.attrs["_index"] = "_index"
            group["_index"] = [f"{table}{at}" for at in range(count)]


@pytest.mark.parametrize("page", [p for p in PAGES if programs(p)], ids=name)
def test_the_programs_run(page, folder, monkeypatch, tmp_path):
    if "cells.h5ad" in programs(page):
        write_cells(folder / "cells.h5ad")
        write_cells(folder / "new_cells.h5ad")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("JAXBIO_MODELS", str(folder / "models"))
    monkeypatch.setenv("JAXBIO_CACHE", str(tmp_path / "cache"))
    fit = jb.fit

    def quick(*words, **settings):
        if "out" in settings:
            settings["out"] = tmp_path / "run"
        return fit(*words, **{"epochs": 1, "members": 1, **settings})

    monkeypatch.setattr(jb, "fit", quick)
    exec(compile(programs(page), name(page), "exec"), {"__name__": "page"})


def test_the_options_of_the_file_are_known(tmp_path, monkeypatch, capsys):
    text = (ROOT / "docs" / "howto" / "runs.md").read_text()
    (toml,) = re.findall(r"```toml\n(.*?)```", text, re.S)
    monkeypatch.chdir(tmp_path)
    Path("options.toml").write_text(toml)
    assert main(["train", "--config", "options.toml"]) == 1
    assert "peaks.csv: no such file" in capsys.readouterr().err


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_is_included_stands_there(page):
    text = page.read_text()
    for path, options in re.findall(r"```{literalinclude} (\S+)\n((?::.*\n)*)", text):
        lines = (page.parent / path).read_text().splitlines()
        for option, words in re.findall(r":([\w-]+): \"?(.*?)\"?\n", options):
            if option in ("start-after", "start-at", "end-before"):
                assert any(words in line for line in lines), f"{path}: {words}"
    for target in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", sorted(MARKED))
def test_the_tables_have_their_marks(page):
    text = (ROOT / "docs" / "benchmarks" / f"{page}.md").read_text()
    table = re.search(rf"<!-- {page} -->\n(.*?)\n<!-- /{page} -->", text, re.S)
    assert table and table[1].count("\n|") > 10


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/reference/*.md")), ids=name)
def test_a_package_gives_the_names_that_its_page_describes(page):
    for package in re.findall(r"\.\. package:: (\S+)", page.read_text()):
        module = importlib.import_module(package)
        assert [n for n in module.__all__ if not hasattr(module, n)] == []
