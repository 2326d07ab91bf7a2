"""Windows about intervals, by hand, by pyfaidx, and as rows for training."""

import itertools

import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.data.learn import learn_schema
from jaxbio.data.reading import read_for
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError, JaxbioError
from jaxbio.genome.intervals import read_intervals
from jaxbio.genome.windows import (
    WindowFrames,
    check_learnable,
    read_like,
    read_windows,
)

TEXT = "AACCGGTTACGTNNacgt"  # 18 bases
OTHER = str.maketrans("ACGTN", "TGCAN")


@pytest.fixture
def genome(tmp_path):
    (tmp_path / "g.fa").write_text(f">chr1\n{TEXT}\n>chr2\n{'ACGGT' * 40}\n")
    return jb.genome.Reference(tmp_path / "g.fa")


def one(start, end, strand="+", **more):
    row = {"chrom": "chr1", "start": start, "end": end, "strand": strand}
    return pd.DataFrame([{**row, **more}])


def letters(genome, table, length, **how):
    return read_windows(table, genome, length, **how).table["sequence"].tolist()


@pytest.mark.parametrize(
    ("about", "strand", "length", "start"),
    [
        # Of the interval 5..10 (five bases, 5 to 9) the middle is 7.
        ("center", "+", 3, 6),
        ("center", "+", 4, 5),  # two before the middle, one behind
        ("center", "-", 4, 6),  # the same, seen from the other strand
        ("center", ".", 4, 5),
        ("start", "+", 4, 3),  # 5 has two bases before it
        ("start", "-", 4, 8),  # 9 has two before it: 11 and 10
        ("end", "+", 4, 7),
        ("end", "-", 4, 4),
        ("start", "+", 3, 4),
        ("start", "-", 3, 8),
        ("summit", "+", 3, 5),  # at 5 + 1
    ],
)
def test_where_windows_stand(genome, about, strand, length, start):
    table = one(5, 10, strand, peak=1)
    (row,) = read_windows(table, genome, length, about=about).table.to_dict("records")
    assert (row["start"], row["end"]) == (start, start + length)
    text = TEXT[start : start + length].upper()
    expected = text[::-1].translate(OTHER) if strand == "-" else text
    assert row["sequence"] == expected


def test_an_interval_of_the_length_is_its_own_window(genome):
    for strand in "+-":
        for about, offset in (("center", 0), ("start", 2), ("end", -1)):
            found = read_windows(
                one(6, 10, strand), genome, 4, about=about, offset=offset
            )
            assert found.places.starts.tolist() == [6]


def test_offset_goes_downstream(genome):
    assert letters(genome, one(5, 6), 1, offset=2) == [TEXT[7]]
    assert letters(genome, one(5, 6, "-"), 1, offset=2) == [TEXT[3].translate(OTHER)]


def test_the_other_strand_of_a_genome_has_the_same_windows(tmp_path, genome):
    """A genome turned around, with its intervals, gives the same letters."""
    rng = np.random.default_rng(0)
    size = len(TEXT)
    (tmp_path / "back.fa").write_text(f">chr1\n{TEXT.upper()[::-1].translate(OTHER)}\n")
    rows = []
    for _ in range(60):
        start = int(rng.integers(0, size - 4))
        strand = str(rng.choice(["+", "-"]))
        rows.append(("chr1", start, start + int(rng.integers(1, 5)), strand))
    table = pd.DataFrame(rows, columns=["chrom", "start", "end", "strand"])
    turned = table.assign(
        start=size - table["end"],
        end=size - table["start"],
        strand=table["strand"].map({"+": "-", "-": "+"}),
    )
    for length in (3, 4):
        for about in ("center", "start", "end"):
            how = {"about": about, "offset": 1}
            ours = letters(genome, table, length, **how)
            assert ours == letters(tmp_path / "back.fa", turned, length, **how)
            assert len(ours) > 30


def test_windows_are_those_of_pyfaidx(tmp_path):
    pyfaidx = pytest.importorskip("pyfaidx", reason="the oracle of this test")
    rng = np.random.default_rng(0)
    contigs = {n: "".join(rng.choice(list("ACGTacgtN"), 500)) for n in ("a", "b")}
    path = tmp_path / "g.fa"
    path.write_text(
        "".join(f">{n}\n{x[:300]}\n{x[300:]}\n" for n, x in contigs.items())
    )
    (tmp_path / "g.fa.fai").unlink(missing_ok=True)
    starts = rng.integers(0, 450, 80)
    table = pd.DataFrame({"chrom": rng.choice(["a", "b"], 80), "start": starts})
    table["end"] = starts + rng.integers(1, 50, 80)
    table["strand"] = rng.choice(["+", "-"], 80)
    found = read_windows(table, path, 30).table
    (tmp_path / "same.fa").write_bytes(
        "".join(f">{n}\n{x}\n" for n, x in contigs.items()).encode()
    )
    oracle = pyfaidx.Fasta(str(tmp_path / "same.fa"), sequence_always_upper=True)
    for row in found.to_dict("records"):
        text = oracle[row["chrom"]][row["start"] : row["end"]]
        text = text.reverse.complement if row["strand"] == "-" else text
        assert row["sequence"] == str(text)
    assert len(found) > 60


def test_what_has_no_window_is_counted_and_named(genome):
    table = pd.concat(
        [one(0, 2, name="low"), one(8, 9, name="ok"), one(17, 18, name="up")]
    )
    table = pd.concat([table, one(1, 2, name="lost").assign(chrom="chrZ")])
    found = read_windows(table.reset_index(drop=True), genome, 6)
    assert found.table["name"].tolist() == ["ok"]
    text = "\n".join(found.notes)
    assert (
        "1 of 4 intervals are left out, their contigs are not in the genome: chrZ (1)"
        in text
    )
    assert (
        "2 of 4 windows reach beyond their contig and are left out: low (row 0), up"
        in text
    )
    kept = read_windows(table.reset_index(drop=True), genome, 6, keep_all=True)
    assert kept.outside.tolist() == [True, False, True, True]
    assert kept.letters()[0].tobytes() == b"NNNNNN"
    with pytest.raises(
        DataError, match="no window of 17 bases is left: 1 of 1 windows"
    ):
        read_windows(one(0, 2), genome, 17)
    with pytest.raises(DataError, match="has no contig 'chrZ'"):
        read_windows(table.iloc[3:], genome, 6)


def test_ends_behind_contigs(genome):
    near = read_windows(pd.concat([one(9, 19), one(3, 8)]), genome, 2)
    assert "1 intervals end one base behind their contig" in near.notes[0]
    assert "probably count from 1" in near.notes[0]
    far = read_windows(pd.concat([one(9, 40), one(3, 8)]), genome, 2)
    assert "is this the genome of these intervals?" in far.notes[0]


def test_contigs_by_other_names(genome):
    found = read_windows(one(5, 6).assign(chrom="1"), genome, 2)
    assert found.table["chrom"].tolist() == ["chr1"]
    assert "its contig 1 is chr1 in the genome" in found.notes[0]


def test_arguments_that_cannot_be(genome):
    with pytest.raises(DataError, match="at least 1 base"):
        read_windows(one(1, 2), genome, 0)
    with pytest.raises(DataError, match="has no column peak"):
        read_windows(one(1, 2), genome, 2, about="summit")


def test_a_column_with_the_name_of_one_of_ours(genome):
    found = read_windows(one(5, 6, sequence="mine", block="own"), genome, 2)
    assert found.table["sequence_given"].tolist() == ["mine"]
    assert found.table["block_given"].tolist() == ["own"]


def test_rows_for_training_and_again_for_evaluation(genome):
    starts = np.arange(40, 180, 4)
    table = pd.DataFrame({"chrom": "chr2", "start": starts, "end": starts + 2})
    table["score"] = np.arange(len(starts)) / 7
    windows = read_windows(table, genome, 9, about="start")
    check_learnable(windows, ["score"])
    with pytest.raises(JaxbioError, match=r"what is to be learned.*: score$"):
        check_learnable(windows, None)
    data = windows.dataset(targets=["score"])
    assert list(data.inputs) == ["sequence"] and list(data.targets) == ["score"]
    train, test = jb.split(data, by="group", fractions=(0.8, 0.2))
    assert not set(train.groups) & set(test.groups)
    schema = learn_schema(data, {"score": ("number", False)})
    schema = Schema.from_dict(schema.to_dict())  # as a run keeps it
    assert schema.reading["windows"] == {"length": 9, "about": "start"}
    again = read_like(schema.reading, table, genome, labels=True)
    assert (
        read_for(again.source, schema).inputs["sequence"].strings()
        == data.inputs["sequence"].strings()
    )
    edge = pd.concat([table, table.iloc[:1].assign(start=0, end=1)])
    parts = list(
        read_like(schema.reading, edge, genome, labels=False).for_prediction(
            schema, rows=20
        )
    )
    assert [len(part) for part in parts] == [20, 16]
    assert parts[0].unread is None and parts[1].unread.tolist() == [False] * 15 + [True]
    assert set(parts[0].kept) == {"chrom", "start", "end", "strand"}
    with pytest.raises(DataError, match="does not say how long they are: give length="):
        read_like({}, table, genome, labels=True)


def test_negatives_are_labelled(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "g.fa").write_text(">c\n" + "".join(rng.choice(list("ACGT"), 4000)))
    starts = np.arange(100, 900, 40)
    table = pd.DataFrame({"chrom": "c", "start": starts, "end": starts + 20})
    table["label"] = "mine"
    windows = read_windows(table, tmp_path / "g.fa", 20, negatives="matched", ratio=2)
    counts = windows.table["label"].value_counts()
    assert counts.to_dict() == {"negative": 40, "positive": 20}
    assert windows.targets == {"label": "class"}
    assert windows.table["label_given"].isna().tolist() == [False] * 20 + [True] * 40
    assert windows.options["negatives"] == "matched" and windows.options["ratio"] == 2
    assert windows.dataset().targets["label"].values.tolist()[0] == "positive"


def test_the_whole_genome_in_windows(genome):
    found = read_windows(None, genome, 7)
    assert found.places.starts[:3].tolist() == [0, 7, 0]
    assert len(found) == 2 + 28
    assert len(read_intervals(found.places)) == 30


def test_shuffled_negatives(genome):
    table = pd.DataFrame({"chrom": "chr2", "start": [0, 60, 130], "end": [30, 90, 160]})
    table["strand"] = ["+", "-", "+"]
    how = {"negatives": "shuffled", "ratio": 2.0, "seed": 3}
    windows = read_windows(table, genome, 30, **how)
    rows = windows.table
    assert rows["label"].tolist() == ["positive"] * 3 + ["negative"] * 6
    own = rows.set_index("id")["sequence"]
    for name, text in own.items():
        if str(name).endswith(":shuffled"):
            whole = own[str(name).removesuffix(":shuffled")]
            assert sorted(text) == sorted(whole)
            pairs = [sorted(itertools.pairwise(each)) for each in (text, whole)]
            assert pairs[0] == pairs[1]
    # In parts of any size, and again, they are the same.
    parts = [frame.columns["sequence"].tolist() for frame in windows.frames(rows=2)]
    assert [text for part in parts for text in part] == rows["sequence"].tolist()
    again = read_windows(table, genome, 30, **how)
    assert again.table.equals(rows)
    with pytest.raises(DataError, match="no values of shuffled letters"):
        read_windows(table, genome, 30, negatives="shuffled", tracks=["x.bw"])
    with pytest.raises(DataError, match=r"ratio=0\.0"):
        read_windows(table, genome, 30, negatives="shuffled", ratio=0.0)


@pytest.mark.parametrize("name", ["score", "label", "sequence"])
@pytest.mark.parametrize("summary", ["sum", "profile"])
def test_a_track_takes_the_place_of_no_column(genome, name, summary):
    table = one(4, 9, score=7.0)
    with pytest.raises(DataError, match=f"have a column '{name}' already"):
        read_windows(table, genome, 4, tracks={name: "a.bw"}, summary=summary)


def test_parts_are_made_when_they_are_asked_for(genome):
    table = pd.concat([one(start, start + 4) for start in range(2, 9)])
    windows = read_windows(table, genome, 4)
    parts = WindowFrames(windows, rows=3)
    together = [name for part in parts for name in part.columns["id"]]
    assert [len(part) for part in parts] == [3, 3, 1]
    assert together == windows.table["id"].tolist()
    assert parts[-1].columns["id"].tolist() == together[-1:]
