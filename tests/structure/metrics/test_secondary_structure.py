"""Q3, Q8, SOV and accessibility: by hand, and beside the definition as loops."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.errors import DataError
from jaxbio.structure import read_chains
from jaxbio.structure.metrics import (
    q3,
    q8,
    rsa_metrics,
    secondary_structure_metrics,
    sov,
)

CHAINS = st.lists(st.tuples(st.sampled_from("HEC"), st.sampled_from("HEC")), min_size=1)


def segments(states):
    """State, first and last residue of each segment, as sets of places."""
    found, start = [], 0
    for state, group in itertools.groupby(states):
        size = len(list(group))
        found.append((state, set(range(start, start + size))))
        start += size
    return found


def by_definition(truth, prediction, wanted="HEC"):
    """SOV as the formula of Zemla et al. 1999 is printed."""
    total = count = 0.0
    for state, s1 in segments(truth):
        if state not in wanted:
            continue
        met = [s2 for other, s2 in segments(prediction) if other == state and s1 & s2]
        count += len(s1) * max(len(met), 1)
        for s2 in met:
            minov, maxov = len(s1 & s2), len(s1 | s2)
            delta = min(maxov - minov, minov, len(s1) // 2, len(s2) // 2)
            total += (minov + delta) / maxov * len(s1)
    return 100 * total / count if count else None


def test_states_by_hand():
    # Of six residues five are known; the third is G for H.
    assert q8("HHHTT?", "HHGTTC") == 0.8
    assert q3("HHHTT?", "HHGTTC") == 1.0
    # A blank, - _ L and P (DSSP 4) are coil; I is helix, B is strand.
    assert q8(" -_LPC", "CCCCCC") == 1.0
    assert q3("IB", "HE") == 1.0 and q8("IB", "HE") == 0.0
    # A prediction that is unknown is wrong.
    assert q3("HH", "H?") == 0.5
    assert q8(np.array([0, 1, -1]), np.array([0, -1, -1])) == 0.5
    assert q3("HHEE", "HHHH", mask=np.array([1, 1, 1, 0])) == pytest.approx(2 / 3)
    assert q3("??", "HE") is None and q8("", "") is None


def test_sov_by_hand():
    truth = "CHHHHHHHHHHC"
    # Five predicted helices of 1 in the helix of 10: each (1 + 0) / 10 of 10, which
    # is 5 of 5 x 10.
    # First coil 1 / 1; last coil of 1 beside one of 2: (1 + 0) / 2.
    # 6.5 of 50 + 2.
    assert sov(truth, "CHCHCHCHCHCC") == pytest.approx(12.5)
    assert sov(truth, "CHCHCHCHCHCC", state="H") == pytest.approx(10)
    # Helix of 5 in 10: (5 + min(5, 5, 5, 2)) / 10 of 10 = 7; coils 1 / 3 and 1 / 4.
    assert sov(truth, "CCCHHHHHCCCC") == pytest.approx(100 * (7 + 1 / 3 + 1 / 4) / 12)
    assert sov(truth, "CCCHHHHHCCCC", state="H") == pytest.approx(70)
    # Both miss as many residues, which Q3 cannot tell apart.
    assert q3(truth, "CHCHCHCHCHCC") == q3(truth, "CCCHHHHHCCCC") == 7 / 12
    # A helix of 4, predicted one residue late: overlap 3, extent 5, allowance
    # min(2, 3, 2, 2) = 2, so that it counts as whole.
    assert sov("CHHHHC", "CCHHHH", state="H") == pytest.approx(100)
    assert sov("HHHH", "EEEE") == 0
    assert sov("HHHH", "EEEE", state="E") is None


def test_sov_of_residues_not_scored():
    # The third residue ends segments: helices of 2 and 3, of which the second is right
    # and the first is not predicted.
    mask = np.array([1, 1, 0, 1, 1, 1])
    assert sov("HHHHHH", "EEHHHH", mask=mask) == pytest.approx(60)
    assert sov("HH?HHH", "EEHHHH") == pytest.approx(60)
    assert sov("???", "HHH") is None and sov("", "") is None
    classes = np.array([0, 0, -1, 0, 0, 0]), np.array([1, 1, 0, 0, 0, 0])
    assert sov(*classes) == pytest.approx(60)
    assert sov(*classes, state=0) == pytest.approx(60)


@settings(max_examples=60, deadline=None)
@given(CHAINS)
def test_sov_is_the_definition(pairs):
    truth, prediction = ("".join(side) for side in zip(*pairs, strict=True))
    assert sov(truth, prediction) == pytest.approx(by_definition(truth, prediction))
    for state in "HEC":
        expected = by_definition(truth, prediction, state)
        ours = sov(truth, prediction, state=state)
        assert ours == (None if expected is None else pytest.approx(expected))
    assert sov(truth, truth) == pytest.approx(100)
    assert 0 <= sov(truth, prediction) <= 100 + 1e-9


def test_a_test_set():
    result = secondary_structure_metrics(["HHHH", "EE", "??"], ["HHHG", "EC", "CC"])
    assert result == {
        "q3": pytest.approx(5 / 6),
        "q3_chains": pytest.approx((1 + 1 / 2) / 2),
        "q8": pytest.approx(4 / 6),
        "q8_chains": pytest.approx((3 / 4 + 1 / 2) / 2),
        # EE, EC: overlap 1, extent 2, no allowance: 50.
        "sov": pytest.approx((100 + 50) / 2),
        "residues": 6,
        "chains": 2,
    }
    masked = secondary_structure_metrics(
        ["HHHH", "EE"], ["HHHH", "EC"], masks=[np.ones(4), np.array([1, 0])]
    )
    assert (masked["q3"], masked["residues"]) == (1.0, 5)
    empty = secondary_structure_metrics([], [])
    assert (empty["q3"], empty["sov"], empty["chains"]) == (None, None, 0)


@pytest.mark.parametrize(
    ("truth", "prediction", "mask", "message"),
    [
        ("HHH", "HH", None, "2 predicted states for 3 residues"),
        ("HHX", "HHH", None, "residue 3 has the state 'X'"),
        ("HHH", "hhh", None, "residue 1 has the state 'h'"),
        ("HHH", "HHé", None, "residue 3 has the state 'é'"),
        ("HHH", "HHH", np.ones(2), "the mask has shape"),
        (np.zeros(2), np.zeros(2), None, "class numbers as integers"),
    ],
)
def test_bad_states(truth, prediction, mask, message):
    for measure in (q3, q8, sov):
        with pytest.raises(DataError, match=message):
            measure(truth, prediction, mask=mask)
    with pytest.raises(DataError, match=f"chain 2: .*{message}"):
        masks = None if mask is None else [np.ones(1), mask]
        secondary_structure_metrics(["H", truth], ["H", prediction], masks=masks)


def test_another_number_of_chains():
    with pytest.raises(DataError, match="2 chains of truth, 1 of predictions"):
        secondary_structure_metrics(["H", "E"], ["H"])


def test_accessibility_by_hand():
    truth = np.array([0.0, 0.2, 0.4, np.nan, 0.8])
    prediction = np.array([0.1, 0.3, 0.2, np.nan, 0.9])
    result = rsa_metrics(truth, prediction)
    known = [0, 1, 2, 4]
    expected = np.corrcoef(truth[known], prediction[known])[0, 1]
    assert result["pearson"] == pytest.approx(expected)
    # Exposed above 0.25: truth n n y y, prediction n y n y.
    assert (result["accuracy"], result["residues"]) == (0.5, 4)
    assert rsa_metrics(truth, prediction, threshold=0.5)["accuracy"] == 1.0
    masked = rsa_metrics(truth, prediction, mask=np.array([1, 0, 0, 1, 1]))
    assert masked == {"pearson": pytest.approx(1), "accuracy": 1.0, "residues": 2}
    constant = rsa_metrics(truth, np.full(5, 0.5))
    assert (constant["pearson"], constant["accuracy"]) == (None, 0.5)
    nothing = rsa_metrics(np.full(2, np.nan), np.zeros(2))
    assert nothing == {"pearson": None, "accuracy": None, "residues": 0}


def test_bad_accessibility():
    with pytest.raises(DataError, match="one value a residue"):
        rsa_metrics(np.zeros(3), np.zeros(2))
    with pytest.raises(DataError, match="residue 2 is no number"):
        rsa_metrics(np.array([np.nan, 1, 1]), np.array([0, np.nan, 1]))


@pytest.mark.data
def test_real_chains_and_themselves_with_noise(real_data):
    folder = real_data("protein/pfam40_pdb") / "pdb"
    random = np.random.default_rng(0)
    truths, predictions = [], []
    for path in sorted(folder.glob("*.pdb"))[:4]:
        (chain,) = read_chains(path)
        truth = chain.ss3.replace("?", "C")
        other = np.array(list(truth))
        wrong = random.random(len(other)) < 0.2
        other[wrong] = random.choice(list("HEC"), wrong.sum())
        truths.append(truth)
        predictions.append("".join(other))
    same = secondary_structure_metrics(truths, truths)
    assert (same["q3"], same["q8_chains"], same["sov"]) == (1.0, 1.0, 100.0)
    noisy = secondary_structure_metrics(truths, predictions)
    assert 0.8 < noisy["q3"] < 0.95
    # Scattered errors break segments, which Q3 does not see.
    assert noisy["sov"] < 100 * noisy["q3_chains"]
    pairs = zip(truths, predictions, strict=True)
    assert noisy["sov"] == pytest.approx(np.mean([by_definition(*p) for p in pairs]))
