"""The alphabets: policy by hand-worked cases, and fast against plain encoding."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio import alphabet as module
from jaxbio.alphabet import ALPHABETS, DNA, PROTEIN, RNA, SMILES, Alphabet
from jaxbio.errors import AlphabetError, JaxbioError

quick = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize(
    ("alphabet", "text", "read_as"),
    [
        (DNA, "acgtn", "ACGTN"),
        (DNA, "ACGU", "ACGT"),
        (DNA, "RYSWKMBDHV", "RYSWKMBDHV"),
        (DNA, "A-C.G", "A-C-G"),
        (RNA, "acgt", "ACGU"),
        (RNA, "ACGUN", "ACGUN"),
        (PROTEIN, "mkt*", "MKT*"),
        (PROTEIN, "U", "C"),
        (PROTEIN, "O", "K"),
        (PROTEIN, "BZJX", "BZJX"),
        (PROTEIN, "A.C-", "A-C-"),
        (SMILES, "c1ccccc1C(=O)[O-]", "c1ccccc1C(=O)[O-]"),
        (Alphabet("case", "Aa"), "aA", "aA"),
        (Alphabet("lower", "ab", case_sensitive=False), "AbB", "abb"),
    ],
)
def test_policy(alphabet, text, read_as):
    assert alphabet.decode(alphabet.encode(text)) == read_as
    assert alphabet.decode(alphabet.encode(text.encode())) == read_as


def test_codes_are_in_the_stated_order():
    assert DNA.encode("ACGTNRYSWKMBDHV-").tolist() == list(range(16))
    assert (DNA.size, DNA.pad, DNA.n_codes) == (4, 16, 17)
    assert PROTEIN.encode("ACDEFGHIKLMNPQRSTVWY*XBZJ-").tolist() == list(range(26))


def test_profile_by_hand():
    quarter, half = 0.25, 0.5
    assert DNA.profile[DNA.encode("N")[0]].tolist() == [quarter] * 4
    assert DNA.profile[DNA.encode("R")[0]].tolist() == [half, 0, half, 0]
    assert DNA.profile[DNA.encode("-")[0]].tolist() == [0, 0, 0, 0]
    assert DNA.profile[DNA.pad].tolist() == [0, 0, 0, 0]
    assert DNA.profile[DNA.encode("g")[0]].tolist() == [0, 0, 1, 0]
    unknown = PROTEIN.profile[PROTEIN.encode("X")[0]]
    assert unknown[:20] == pytest.approx(1 / 20) and unknown[20] == 0
    either = PROTEIN.profile[PROTEIN.encode("B")[0]]
    assert {PROTEIN.symbols[at] for at in np.flatnonzero(either)} == {"D", "N"}


def test_complement_by_hand():
    codes = DNA.encode("ACGTRYSWKMBDHVN-")
    assert DNA.decode(DNA.complement_codes[codes]) == "TGCAYRSWMKVHDBN-"
    assert RNA.decode(RNA.complement_codes[RNA.encode("ACGU")]) == "UGCA"
    assert DNA.complement_codes[DNA.pad] == DNA.pad
    assert PROTEIN.complement_codes is None


@pytest.mark.parametrize("alphabet", [DNA, RNA])
def test_complement_twice_is_the_same(alphabet):
    once = alphabet.complement_codes
    assert once[once].tolist() == list(range(alphabet.n_codes))
    # The mean of complements is the complement of means.
    turned = [alphabet.symbols.index(letter) for letter in alphabet.complement]
    np.testing.assert_array_equal(alphabet.profile[once], alphabet.profile[:, turned])


@pytest.mark.parametrize("name", sorted(ALPHABETS))
@given(data=st.data())
@quick
def test_round_trip(name, data):
    alphabet = ALPHABETS[name]
    text = data.draw(st.text(alphabet.letters))
    assert alphabet.decode(alphabet.encode(text)) == text
    assert Alphabet.from_dict(alphabet.to_dict()) == alphabet


@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_pairs_give_the_codes_of_single_symbols(alphabet, data):
    text = data.draw(st.text(alphabet.letters + alphabet.letters.lower(), max_size=23))
    text = text if not alphabet.case_sensitive else text.translate(_KNOWN)
    codes, rows = alphabet.encode(text), alphabet.one_hot(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_SHORT", 0)
        patch.setattr(module, "_CHUNK", 5)
        for given_as in (text, text.encode()):
            np.testing.assert_array_equal(alphabet.encode(given_as), codes)
            np.testing.assert_array_equal(alphabet.one_hot(given_as), rows)


_KNOWN = {ord(x): None for x in map(chr, range(128)) if x not in SMILES.letters}


@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS)
def test_every_byte_is_read_alike(alphabet):
    alphabet = dataclasses.replace(alphabet, tokens=())  # @@@ would be two symbols
    for byte in range(256):
        short, long = bytes([byte]) * 3, bytes([byte]) * 5001
        if alphabet._to_code[byte] == 255:
            for raw in (short, long):
                with pytest.raises(AlphabetError, match="position 1 "):
                    alphabet.encode(raw)
                with pytest.raises(AlphabetError, match="position 1 "):
                    alphabet.one_hot(raw)
            continue
        code = alphabet._to_code[byte]
        assert set(alphabet.encode(short)) == set(alphabet.encode(long)) == {code}
        one = [[at == code for at in range(alphabet.size)]]
        assert np.unique(alphabet.one_hot(long), axis=0).tolist() == one
        assert np.unique(alphabet.one_hot(short), axis=0).tolist() == one


@given(
    text=st.text("ACGTacgtNR", max_size=30),
    wrong=st.sampled_from("EXZ1 !\n\x00\xffé世\ud800"),
    at=st.integers(0, 30),
)
@settings(max_examples=100, deadline=None)
def test_position_of_an_unknown_symbol(text, wrong, at):
    at = min(at, len(text))
    text = text[:at] + wrong + text[at:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_SHORT", 0)
        patch.setattr(module, "_CHUNK", 5)
        with pytest.raises(AlphabetError) as caught:
            DNA.encode(text)
        assert DNA.encode(text, unknown="any")[at] == DNA.letters.index("N")
    assert (caught.value.symbol, caught.value.position) == (wrong, at)
    assert f"position {at + 1} " in str(caught.value)


def test_long_text_over_several_chunks():
    random = np.random.default_rng(0)
    codes = random.integers(0, 4, 600_000).astype(np.uint8)
    text = DNA.decode(codes)
    np.testing.assert_array_equal(DNA.encode(text), codes)
    mixed = text[:300_000] + "n" + text[300_001:].lower()
    assert DNA.encode(mixed)[300_000] == DNA.letters.index("N")
    np.testing.assert_array_equal(DNA.encode(mixed)[300_001:], codes[300_001:])
    with pytest.raises(AlphabetError, match="'E' at position 599999 "):
        DNA.encode(text[:-2] + "E" + text[-1])


def test_a_question_mark_is_not_any_foreign_letter():
    alphabet = Alphabet("odd", "A?")
    assert alphabet.encode("?A").tolist() == [1, 0]
    with pytest.raises(AlphabetError, match="'世' at position 2 "):
        alphabet.encode("A世")


def test_own_alphabet_of_bases_minds_case():
    alphabet = Alphabet("upper", "ACGT")
    with pytest.raises(AlphabetError, match="'a'"):
        alphabet.encode("A" * 20_000 + "a")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"symbols": ""}, "no symbols"),
        ({"symbols": "AA"}, "repeats"),
        ({"symbols": "Aa", "case_sensitive": False}, "repeats"),
        ({"symbols": "Aé"}, "ASCII"),
        ({"symbols": "AB", "aliases": (("A", "B"),)}, "repeats"),
        ({"symbols": "AB", "aliases": (("C", "D"),)}, "no symbol 'D'"),
    ],
)
def test_bad_alphabets(fields, reason):
    with pytest.raises(AlphabetError, match=reason):
        Alphabet("bad", **fields)


def test_unknown_without_a_letter_for_it():
    with pytest.raises(AlphabetError, match="smiles"):
        SMILES.encode("C?", unknown="any")
    with pytest.raises(JaxbioError, match="choose 'error' or 'any'"):
        DNA.encode("A", unknown="skip")


def test_one_hot_by_hand():
    text = "ACGTUacgtRN-"
    expected = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1]]
    expected += expected[:4] + [[0, 0, 0, 0]] * 3
    assert DNA.one_hot(text).tolist() == expected
    assert DNA.one_hot(text * 1000).tolist() == expected * 1000
    assert DNA.one_hot(["AC", "GT"]).tolist() == [expected[:2], expected[2:4]]
    assert DNA.one_hot(text).dtype == np.uint8


@pytest.mark.parametrize("alphabet", [DNA, PROTEIN])
def test_one_hot_is_the_profile_of_plain_symbols(alphabet):
    random = np.random.default_rng(0)
    codes = random.integers(0, alphabet.size, 5001).astype(np.uint8)
    rows = alphabet.one_hot(alphabet.decode(codes))
    np.testing.assert_array_equal(rows, alphabet.profile[codes])


def test_one_hot_refuses_as_encode_does():
    with pytest.raises(AlphabetError, match="sequence 3: symbol '!' at position 2 "):
        DNA.one_hot(["ACG", "TTT", "A!G"])
    with pytest.raises(AlphabetError, match="sequences of 1 to 3 symbols"):
        DNA.one_hot(["ACG", "A"])
    assert DNA.one_hot("A!", unknown="any").tolist() == [[1, 0, 0, 0], [0, 0, 0, 0]]
    with pytest.raises(JaxbioError, match="choose 'error' or 'any'"):
        DNA.one_hot("A", unknown="skip")


def test_empty_text():
    assert DNA.one_hot("").shape == (0, 4) and DNA.one_hot([]).shape == (0, 0, 4)
    assert DNA.one_hot([""]).shape == (1, 0, 4)
    assert DNA.encode("").shape == (0,) and DNA.decode(np.empty(0, np.uint8)) == ""


TOY = Alphabet("toy", "CNlHn[]+", tokens=("Cl", "[nH]", "[nH]+"))


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("Cl", ["Cl"]),
        ("CCl", ["C", "Cl"]),
        ("ClC", ["Cl", "C"]),
        ("[nH]", ["[nH]"]),
        ("[nH]+", ["[nH]+"]),  # the longest
        ("[NH]C", ["[", "N", "H", "]", "C"]),  # spelt letter by letter
        ("[n[nH]", ["[", "n", "[nH]"]),
        ("C", ["C"]),
    ],
)
def test_tokens_by_hand(text, symbols):
    codes = TOY.encode(text)
    assert [TOY.spelt[code] for code in codes] == symbols
    assert TOY.encode(text.encode()).tolist() == codes.tolist()
    assert TOY.decode(np.append(codes, np.uint8(TOY.pad))) == text
    assert TOY.one_hot(text).argmax(axis=1).tolist() == codes.tolist()


def test_tokens_have_codes_columns_and_a_profile():
    assert (TOY.size, TOY.pad, TOY.n_codes) == (11, 11, 12)
    assert TOY.profile.shape == (12, 11)
    assert TOY.profile[TOY.encode("Cl")[0]].argmax() == 8
    assert TOY.one_hot(["ClC", "NN"]).shape == (2, 2, 11)


@pytest.mark.parametrize("bad", ["!", "\x80", "\x81", "é", "\n", "\xff"])
def test_an_unknown_symbol_among_tokens_is_named_where_it_stands(bad):
    text = f"ClC[nH]{bad}Cl"
    with pytest.raises(AlphabetError, match="at position 8 ") as error:
        TOY.encode(text)
    assert (error.value.symbol, error.value.position) == (bad, 7)
    with pytest.raises(AlphabetError, match="position 8 "):
        TOY.one_hot(text)
    with pytest.raises(AlphabetError, match=r"sequence 2: .* position 8 "):
        TOY.one_hot(["ClCNClC", text])


def test_a_token_does_not_reach_over_the_end_of_a_row():
    codes, offsets = TOY.encode_rows(["C", "lC", "l"])
    assert [TOY.spelt[code] for code in codes] == ["C", "l", "C", "l"]
    assert offsets.tolist() == [0, 1, 3, 4]
    assert TOY.place(["ClC", "Cl[nH]!"], 4) == (1, 6)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tokens": ("Cx",)}, "'Cx' is not made of"),
        ({"tokens": ("C",)}, "'C' is not made of"),
        ({"tokens": ("Cl", "Cl")}, "repeats a token"),
        ({"tokens": ("Cl",), "case_sensitive": False}, "has tokens"),
        ({"tokens": ("Cl",), "ambiguous": (("N", "Cl"),)}, "has tokens"),
    ],
)
def test_tokens_that_cannot_be(values, message):
    with pytest.raises(AlphabetError, match=message):
        Alphabet("bad", "Cl", **values)


def test_tokens_survive_json_and_an_old_file_has_none():
    values = json.loads(json.dumps(SMILES.to_dict()))
    assert Alphabet.from_dict(values) == SMILES
    del values["tokens"]
    old = Alphabet.from_dict(values)
    assert old.tokens == () and len(old.encode("CCl")) == 3
    assert old.encode("C(=O)").tolist() == SMILES.encode("C(=O)").tolist()


@quick
@given(st.lists(st.text("CNlHn[]+@1", max_size=12), min_size=1, max_size=5))
def test_any_text_of_tokens_comes_back(texts):
    for alphabet in (SMILES, dataclasses.replace(TOY, symbols=TOY.symbols + "@1")):
        codes, offsets = alphabet.encode_rows(texts)
        assert alphabet.decode_rows(codes, offsets) == texts
        singly = [alphabet.encode(text) for text in texts]
        assert codes.tolist() == [int(c) for each in singly for c in each]


def test_smiles_symbols_by_hand():
    codes = SMILES.encode("C[C@@H]%12(Br)[nH][13C@@H]%45")
    assert [SMILES.spelt[code] for code in codes] == [
        *("C", "[C@@H]", "%12", "(", "Br", ")", "[nH]"),
        *("[", "1", "3", "C", "@@", "H", "]", "%", "4", "5"),
    ]
    assert SMILES.n_codes <= 255
