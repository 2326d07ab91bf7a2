"""Values along a genome are those of its windows."""

import gzip
from types import SimpleNamespace

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError
from jaxbio.genome.reference import Reference
from jaxbio.genome.scan import output_of, scan_genome
from jaxbio.genome.windows import read_windows
from tests.helpers import reverse_complement


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A genome with a run of N, and a model of its windows."""
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("scan")
    text = "".join(rng.choice(list("ACGT"), 900))
    text = text[:400] + "N" * 60 + text[460:]
    (folder / "g.fa").write_text(f">chr1\n{text}\n>short\nACGTA\n>chr2\n{text[:95]}\n")
    return folder


@pytest.fixture(scope="module")
def predictor(folder):
    windows = read_windows(None, folder / "g.fa", 20)
    table = windows.table
    table["gc"] = [sum(x in "GC" for x in text) / 20 for text in table["sequence"]]
    how = {**windows.reading, "targets": {"gc": "number"}}
    data = jb.read(table, **how)
    settings = {"epochs": 1, "members": 1, "baselines": False, "seed": 0}
    return jb.fit(jb.MLP(hidden=(4,)), jb.Regression(), data, **settings).predictor


def rows(path):
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    cells = [line.split("\t") for line in text.splitlines()]
    return [(name, int(a), int(b), float(value)) for name, a, b, value in cells]


@pytest.mark.parametrize("strand", ["+", "-"])
@pytest.mark.parametrize("stride", [7, 20])
def test_a_value_is_that_of_the_window_about_it(folder, predictor, stride, strand):
    out = folder / "x.bedGraph.gz"
    done = scan_genome(predictor, folder / "g.fa", out, stride=stride, strand=strand)
    found = rows(out)
    genome = Reference(folder / "g.fa")
    expected = []
    for name in ("chr1", "chr2"):
        for start in range(0, genome.lengths[name] - 19, stride):
            text = genome.fetch(name, start, start + 20)
            if text.count("N") <= 10:
                expected.append((name, start + 10 - stride // 2, text))
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    assert all(end - start == stride for _, start, end, _ in found)
    texts = [text for _, _, text in expected]
    if strand == "-":
        texts = [reverse_complement(text) for text in texts]
    values = predictor(texts).values[:, 0]
    assert [row[3] for row in found] == pytest.approx(values.tolist(), rel=1e-4)
    assert done.written == len(found) < done.windows
    assert "1 contigs are shorter than windows of 20 bases" in done.notes[0]
    assert "short (5)" in done.notes[0] and "more than half N" in done.notes[1]


def test_bigwig_holds_the_same(folder, predictor):
    pybigtools = pytest.importorskip("pybigtools", reason="bigWig files")
    scan_genome(predictor, folder / "g.fa", folder / "y.bedGraph", stride=5)
    seen = []
    scan_genome(
        predictor, folder / "g.fa", folder / "y.bw", stride=5, on_progress=seen.append
    )
    assert seen[-1].done == seen[-1].windows
    with pybigtools.open(str(folder / "y.bw")) as file:
        assert file.chroms() == {"chr1": 900, "chr2": 95}
        found = [
            (name, *row) for name in ("chr1", "chr2") for row in file.records(name)
        ]
    expected = rows(folder / "y.bedGraph")
    assert [row[:3] for row in found] == [row[:3] for row in expected]
    assert [row[3] for row in found] == pytest.approx(
        [row[3] for row in expected], rel=1e-4
    )


def test_a_region_is_part_of_the_whole(folder, predictor):
    how = {"stride": 7}
    scan_genome(predictor, folder / "g.fa", folder / "a.bg", **how)
    scan_genome(predictor, folder / "g.fa", folder / "b.bg", region="1:101-200", **how)
    clipped = [
        (name, max(start, 100), min(end, 200), value)
        for name, start, end, value in rows(folder / "a.bg")
        if name == "chr1" and end > 100 and start < 200
    ]
    assert rows(folder / "b.bg") == clipped
    for region in ("chr1:1-901", "chr2:200-"):
        with pytest.raises(DataError, match=r"region .* has"):
            scan_genome(predictor, folder / "g.fa", folder / "c.bg", region=region)
    assert not (folder / "c.bg").exists()


def test_what_cannot_be(folder, predictor):
    with pytest.raises(DataError, match="windows of 20 bases lie 1 to 20 bases apart"):
        scan_genome(predictor, folder / "g.fa", folder / "c.bg", stride=21)
    with pytest.raises(DataError, match="names ending in "):
        scan_genome(predictor, folder / "g.fa", folder / "c.tsv")
    with pytest.raises(DataError, match="no output 'at': Known: gc"):
        scan_genome(predictor, folder / "g.fa", folder / "c.bg", output="at")
    with pytest.raises(DataError, match="no window of 2,000 bases has its middle"):
        scan_genome(predictor, folder / "g.fa", folder / "c.bg", length=2000)


def test_an_error_on_the_way_leaves_no_file(folder, predictor):
    pytest.importorskip("pybigtools", reason="bigWig files")

    def stop(progress):
        raise KeyboardInterrupt

    for name in ("d.bw", "d.bedGraph"):
        with pytest.raises(KeyboardInterrupt):
            scan_genome(predictor, folder / "g.fa", folder / name, on_progress=stop)
        assert not [path for path in folder.iterdir() if name in path.name]


def test_which_output_is_meant():
    def schema(*targets):
        return Schema((), tuple(TargetSpec(**each) for each in targets))

    two = {"name": "label", "kind": "class", "columns": ("label",)}
    two["classes"] = ("a", "b")
    y = {"name": "y", "kind": "number", "columns": ("y_1", "y_2")}
    assert output_of(schema(two), None) == "label:b"
    assert output_of(schema(two), "label:a") == "label:a"
    with pytest.raises(DataError, match=r"2 outputs, .*='y_1'. There are y_1, y_2"):
        output_of(schema(y), None)
    with pytest.raises(DataError, match="4 outputs"):
        output_of(schema(two, y), None)


@pytest.mark.parametrize("strand", ["+", "-"])
@pytest.mark.parametrize("stride", [None, 7])
def test_values_of_bases_are_their_own(folder, stride, strand):
    class Letters:
        """A model that finds the letter A, base by base."""

        schema = Schema(
            (SequenceSpec("s", "dna", jb.DNA, 20, 20, (20,)),),
            (TargetSpec("a", "number", True, ("a",), mean=(0.2,), scale=(1.0,)),),
            1,
        )

        def __call__(self, data, /):
            codes = data.inputs["s"].codes.reshape(-1, 20)
            return SimpleNamespace(by_target={"a": list((codes == 0).astype(float))})

    out = folder / "bases.bedGraph"
    done = scan_genome(Letters(), folder / "g.fa", out, stride=stride, strand=strand)
    genome = Reference(folder / "g.fa")
    letter = "A" if strand == "+" else "T"
    covered = 0
    last = ("", 0, -1.0)
    for name, start, end, value in rows(out):
        text = genome.fetch(name, start, end)
        assert [float(x == letter) for x in text] == [value] * len(text)
        assert (name, start, value) != last  # neighbours of one value are one
        last, covered = (name, end, value), covered + end - start
    step = stride or 10
    assert done.windows == sum((n - 20) // step + 1 for n in (900, 95))
    (left_out,) = (x for x in done.notes if "half N" in x)
    assert covered == (done.windows - int(left_out.split(" of")[0])) * step
