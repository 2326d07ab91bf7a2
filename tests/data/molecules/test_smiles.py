"""SMILES: faults by hand, no false alarm on real sets, and rdkit as judge."""

import random

import numpy as np
import pandas as pd
import pytest

from jaxbio.alphabet import SMILES
from jaxbio.data.molecules.smiles import (
    canonical_smiles,
    check_smiles,
    circular_fragments,
    has_rdkit,
    invalid_smiles,
    molecular_descriptors,
    morgan_fingerprints,
    murcko_scaffolds,
    one_spelling,
    randomised_smiles,
)
from jaxbio.errors import DataError, JaxbioError

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


@pytest.mark.parametrize(
    "text",
    [
        *("C", "[H][H]", "*", "[*:1]C", "CCl", "BrBr", "[NH4+].[Cl-]", ASPIRIN),
        *("C[C@@H](N)C(=O)O", "F/C=C/F", "F/C=C\\F", "F/C=C\\\\F", "[13CH3:2]C"),
        *("C%10CCC%10", "C%(100)CC%(100)", "C1CC1C1CC1", "C1.C1", "[Fe++]", "[Fe+2]"),
        *(
            "N->[Cu]",
            "[Cu]<-N",
            "C=1CCCCC1",
            "[Co@OH12](F)",
            "C(C)(C)C",
            "c1ccc2[nH]ccc2c1",
        ),
    ],
)
def test_right_syntax(text):
    assert invalid_smiles([text]) == {}
    SMILES.encode(text)  # has a code for each symbol


def test_the_ways_of_a_dative_bond_differ():
    one, other = SMILES.encode("N->N"), SMILES.encode("N<-N")
    assert one.tolist() == other.tolist()[:1] + other.tolist()[2:0:-1] + [one[-1]]
    assert one.tolist() != other.tolist()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "it is empty"),
        ("C C", "a space at position 2"),
        ("CC ", "a space at position 3"),
        ("CC(C", "'(' at position 3 is not closed"),
        ("CC)C", "')' at position 3 closes nothing"),
        ("C[nH", "'[' at position 2 is not closed"),
        ("CnH]", "'H' at position 3 is no atom or bond"),
        ("[nH]]", "']' at position 5 closes nothing"),
        ("C[Xy]", "no atom [Xy] at position 2"),
        ("C[]", "no atom [] at position 2"),
        ("C1CC", "ring 1 is not closed"),
        ("C1CC%12", "ring 1 is not closed"),
        ("C1CC1C%(120)", "ring 120 is not closed"),
        ("=CC", "it begins with a bond"),
        ("CC=", "it ends with a bond"),
        ("C==C", "two bonds stand side by side"),
        ("C(=)C", "a bond leads nowhere"),
        ("C()C", "a branch is empty"),
        ("(C)C", "it begins with a branch"),
        ("1CC1", "it begins with a ring closure"),
        ("C.", "a dot has no atom on one side"),
        ("CCQ", "'Q' at position 3 is no atom or bond"),
        ("CCé", "'é' at position 3 is no atom or bond"),
        ("MKVL", "'M' at position 1 is no atom or bond"),
    ],
)
def test_wrong_syntax(text, fault):
    assert invalid_smiles(["CC", text]) == {1: fault}


def test_wrong_rows_are_listed():
    check_smiles(["CC", ASPIRIN])
    with pytest.raises(DataError) as error:
        check_smiles(["C(", "C", *["C1"] * 6], "drugs.csv", rows=np.arange(11, 19))
    said = str(error.value)
    assert said.startswith("drugs.csv: 7 of 8 SMILES are not valid: row 11, 'C(': '('")
    assert "row 13, 'C1': ring 1" in said and "; and 2 more; correct them" in said


def test_without_rdkit_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "rdkit", None)
    with pytest.raises(JaxbioError, match=r"pip install 'jaxbio\[chem\]'"):
        canonical_smiles(["C"])


def _tables(folder):
    for file in sorted(folder.rglob("*.csv*")):
        table = pd.read_csv(file)
        if "smiles" in table:
            yield file.name, table["smiles"].str.strip().tolist()


@pytest.mark.data
def test_no_false_alarm_on_real_drugs(real_data):
    for name, texts in _tables(real_data("drug")):
        assert not invalid_smiles(texts), name


@pytest.fixture
def rdkit():
    return pytest.importorskip("rdkit", reason="rdkit is not installed").rdBase


def test_rdkit_agrees_about_slips(rdkit):
    from rdkit import Chem

    rng = random.Random(0)
    texts = [
        ASPIRIN,
        "CN1CCC[C@H]1c1cccnc1",
        "O=C(O)/C=C\\C(=O)O",
        "[Na+].[O-]c1ccccc1",
    ]
    missed = wrong = 0
    with rdkit.BlockLogs():
        for _ in range(1500):
            text = rng.choice(texts)
            at, more = rng.randrange(len(text)), rng.choice("()[]=#1.%@CN\\/+-H9x")
            slip = text[:at] + rng.choice(["", more]) + text[at + 1 :]
            refused = Chem.MolFromSmiles(slip, sanitize=False) is None
            if invalid_smiles([slip]):
                assert refused, slip
            wrong, missed = (
                wrong + refused,
                missed + (refused and not invalid_smiles([slip])),
            )
    assert wrong > 400 and missed < 0.05 * wrong


def test_spellings_are_of_the_same_molecule(rdkit):
    drugs = [ASPIRIN, "C[C@@H](N)C(=O)O"]
    spelt = randomised_smiles(drugs, 8, seed=3)
    assert [len(each) for each in spelt] == [8, 8] and len(set(spelt[0])) > 4
    for drug, each in zip(drugs, spelt, strict=True):
        assert set(canonical_smiles(each)) == set(canonical_smiles([drug]))
        assert not invalid_smiles(each)
    assert randomised_smiles(drugs[:1], 8, seed=3) == spelt[:1]
    assert randomised_smiles(drugs, 8, seed=4) != spelt


def test_fingerprints_and_scaffolds_by_hand(rdkit):
    prints = morgan_fingerprints(["CCO", "OCC", ASPIRIN], bits=512)
    assert prints.shape == (3, 512) and prints.dtype == np.uint8
    assert (prints[0] == prints[1]).all() and prints[0].sum() == 6
    assert morgan_fingerprints(["CCO"], radius=0).sum() == 3  # CH3, CH2, OH
    found = murcko_scaffolds([ASPIRIN, "CCO", "C1CC1CCc1ccccc1"])
    assert found == ["c1ccccc1", "", "c1ccc(CCC2CC2)cc1"]


def test_what_rdkit_refuses_is_named_by_row(rdkit):
    with pytest.raises(DataError, match="row 2, 'CC1': ring 1 is not closed"):
        canonical_smiles(["CC", "CC1"])
    with pytest.raises(DataError, match=r"t\.csv: 1 of 2 .* row 7, .* RDKit cannot"):
        canonical_smiles(["CC", "C(C)(C)(C)(C)C"], "t.csv", [3, 7])


def test_one_spelling_where_rdkit_can_read(rdkit):
    spelt, unread = one_spelling(["OCC", "", "CCO", "C(C)(C)(C)(C)C"])
    assert spelt == ["CCO", "", "CCO", "C(C)(C)(C)(C)C"] and unread == [3]


def test_fingerprints_tell_mirror_images_apart_if_wanted(rdkit):
    pair = ["C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O"]
    left, right = morgan_fingerprints(pair, chirality=True)
    assert (left != right).any()
    left, right = morgan_fingerprints(pair)
    assert (left == right).all()


@pytest.mark.skipif(not has_rdkit(), reason="rdkit is not installed")
def test_molecules_that_would_take_minutes_are_not_taken_apart():
    chain = "C" * 6000
    assert one_spelling(["OCC", chain]) == (["CCO", chain], [])
    with pytest.raises(DataError, match=r"x\.csv, row 7: a molecule of 6,000 atoms"):
        morgan_fingerprints(["CCO", chain], where="x.csv", rows=[3, 7])
    molecules, _ = circular_fragments(["CCO", chain])
    assert set(molecules.tolist()) == {0}
    values, _ = molecular_descriptors(["CCO", chain])
    assert np.isnan(values[1]).all() and not np.isnan(values[0]).all()
