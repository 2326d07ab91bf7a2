import os
import subprocess
import sys
from pathlib import Path

import pytest

from jaxbio.datasets import catalog
from jaxbio.errors import JaxbioError
from jaxbio.models.pretrained import hub

EXAMPLES = Path(__file__).parents[1] / "examples"
NEEDS = {
    "design_rounds": "flip_gb1",
    "dna_cnn": "gue",
    "dna_motifs": "ars1",
    "disease_expression": "breast_tcga",
    "dna_rnn": "splice_uci_primate",
    "drug_affinity": "davis",
    "drug_response": "gdsc2_response",
    "expression_to_phenotype": "gdsc2_response",
    "fine_tune": "gue",
    "gene_mutations": "ars1",
    "image_diagnosis": "pneumoniamnist",
    "own_parts": "davis",
    "protein_fitness": "flip_gb1",
    "protein_structure": "cgdms_structures",
    "survival": "rotterdam",
}
MODELS = {"antibodies": "antiberty"}
FOLDERS = {
    "genome_windows": "genomics/genome_ecoli_k12",
    "treatment_advice": "survival/rotterdam",
}
"""Below JAXBIO_DATA, of sets that are not in the catalogue."""
BESIDE = {
    "gene_mutations": "markov, both sides ",
    "treatment_advice": "everybody 1 ",
}
"""What stands beside the network, where it is no linear model."""


def test_every_example_is_tested_and_short():
    scripts = {path.stem: path for path in EXAMPLES.glob("*.py")}
    assert scripts.keys() == NEEDS.keys() | MODELS.keys() | FOLDERS.keys()
    for path in scripts.values():
        assert len(path.read_text().splitlines()) < 100


@pytest.mark.data
@pytest.mark.parametrize("name", [*NEEDS, *MODELS, *FOLDERS])
def test_the_example_runs(name, tmp_path, real_data):
    try:
        if name in FOLDERS:
            real_data(FOLDERS[name])
        elif name in MODELS:
            hub.path(MODELS[name])
        else:
            catalog.path(NEEDS[name])
    except JaxbioError as error:
        pytest.skip(str(error))
    done = subprocess.run(
        [sys.executable, EXAMPLES / f"{name}.py", "--fast"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert "model " in done.stdout
    assert BESIDE.get(name, "linear ") in done.stdout
