"""The benchmark of hidden symbols: genes, what is planted, and the scores by hand."""

import argparse
import gzip

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import jaxbio as jb
from benchmarks.accuracy import masked

CODONS = [codon for codon, letter in masked.CODE.items() if letter != "*"]


def test_the_genetic_code_is_that_of_biopython():
    from Bio.Data.CodonTable import unambiguous_dna_by_id

    table = unambiguous_dna_by_id[11]
    for codon, letter in masked.CODE.items():
        assert letter == table.forward_table.get(codon, "*")
    assert set(table.stop_codons) == {c for c, x in masked.CODE.items() if x == "*"}


@pytest.mark.parametrize(
    ("at", "base", "kind"),
    [
        (4, "G", "synonymous"),  # AAA, AAG: lysine
        (3, "C", "missense"),  # AAA, ACA
        (7, "A", "nonsense"),  # TAC, TAA
        (7, "C", ""),  # as it is
    ],
)
def test_kinds_of_substitutions(at, base, kind):
    assert masked.kind_of("GGAAATAC", at, base, 2) == kind


def test_planted_reads_differ_in_one_place_and_by_the_kind():
    random = np.random.default_rng(0)
    texts = ["ATG" + "".join(random.choice(CODONS, n)) + "TAA" for n in (150, 40)]
    for kind in masked.KINDS:
        reads, places, frames, owners = masked.planted(texts, kind, 0)
        assert len(reads) == 2 * masked.READS and set(owners) == {0, 1}
        for read, at, frame, owner in zip(reads, places, frames, owners, strict=True):
            text = texts[owner]
            (start,) = (
                start
                for start in range(len(text) - len(read) + 1)
                if sum(map(str.__ne__, read, text[start : start + len(read)])) == 1
            )
            assert (start + frame) % 3 == 0
            before = text[start : start + len(read)]
            assert before[at] != read[at]
            assert masked.kind_of(before, at, read[at], frame) == kind


def test_auroc_is_that_of_scikit_learn():
    random = np.random.default_rng(0)
    reads = ["".join(random.choice(list("ACGT"), n)) for n in (20, 30, 25)]
    logits = random.normal(size=(75, 4)).round(1)
    table = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    codes = jb.DNA.encode("".join(reads))
    truth = np.zeros(75)
    truth[[3, 49, 50]] = 1
    score = table.max(axis=1) - table[np.arange(75), codes]
    found = masked.auroc(table, reads, [3, 29, 0], [0, 1, 1])
    assert found["score"] == pytest.approx(roc_auc_score(truth, score), abs=1e-4)
    low, high = found["interval"]
    assert low <= found["score"] <= high


def test_perplexity_by_hand():
    table = np.log(np.array([[0.5, 0.5, 0, 0], [0.1, 0.2, 0.3, 0.4]]) + 1e-9)
    found = masked.perplexity(table, ["A", "T"])
    assert found["score"] == pytest.approx((0.5 * 0.4) ** -0.5, abs=1e-3)
    assert found["accuracy"] == 1


def test_codon_usage_looks_at_the_other_bases_of_the_codon():
    usage = np.arange(64.0).reshape(4, 4, 4) + 1
    teller = masked.Tellers(None, None, usage / usage.sum())
    text, frame = "GGAAATACG", 2  # cut off, two codons, cut off
    found = np.exp(teller._by_codons(masked.ragged([text]), [frame]))
    codes = jb.DNA.encode(text)
    for start in (2, 5):
        for place in range(3):
            index = [*codes[start : start + 3]]
            index[place] = slice(None)
            wanted = usage[tuple(index)]
            np.testing.assert_allclose(found[start + place], wanted / wanted.sum())
    for at, place in ((0, 1), (1, 2), (8, 0)):
        wanted = usage.sum(axis=tuple({0, 1, 2} - {place}))
        np.testing.assert_allclose(found[at], wanted / wanted.sum())


@pytest.fixture
def genome(tmp_path, monkeypatch):
    """A genome with genes on both strands, and a stretch that is no gene."""
    random = np.random.default_rng(0)
    texts = ["ATG" + "".join(random.choice(CODONS, 35)) + "TGA" for _ in range(30)]
    folder = tmp_path / "genomics" / "genome_ecoli_k12"
    folder.mkdir(parents=True)
    whole, lines = "AAAA", ["U\t0\t4\tnone\t0\t+\t0"]
    for number, text in enumerate(texts):
        strand, end = "+-"[number % 2], len(whole) + len(text)
        lines.append(f"U\t{len(whole)}\t{end}\tg{number}\t0\t{strand}\t0")
        other = text[::-1].translate(str.maketrans("ACGT", "TGCA"))
        whole += (text if strand == "+" else other) + "TT"
    rows = [whole[at : at + 70] for at in range(0, len(whole), 70)]
    with gzip.open(folder / "U00096.2.fa.gz", "wt") as file:
        file.write("\n".join([">U", *rows]))
    (folder / "U00096.2_genes.bed").write_text("\n".join(lines))
    monkeypatch.setenv("JAXBIO_DATA", str(tmp_path))
    monkeypatch.setattr(masked, "RUNS", tmp_path / "runs")
    fit, tiny = jb.fit, jb.Masked(jb.RNN(cell="mingru", widths=(4,)))

    def briefly(model, *parts, **options):
        assert model == jb.Masked()  # what the command takes
        return fit(tiny, *parts, epochs=1, batch_size=8, **options)

    monkeypatch.setattr(jb, "fit", briefly)
    return texts


def test_genes_are_read_in_their_direction(genome):
    data = masked.genes()
    assert masked.texts_of(data) == genome
    assert data.ids[:2].tolist() == ["g0", "g1"]


def test_a_run_from_end_to_end(genome, tmp_path):
    options = argparse.Namespace(seed=0, genes=None)
    lines = list(masked.lines(options))
    kinds = [f"{kind} auroc" for kind in masked.KINDS]
    metrics = [line["metric"] for line in lines]
    assert metrics == ["valid perplexity", "test perplexity", *kinds]
    assert lines[0]["train_genes"] == 24 and lines[0]["test_genes"] == 3
    for line in lines:
        masked.keep(line, tmp_path / "r.jsonl")
    table = masked.table(tmp_path / "r.jsonl")
    assert table.count("\n") == 5 and "| perplexity | " in table
    assert "valid" not in table
