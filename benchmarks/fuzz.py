"""Readers under damaged files: no traceback, no hang, no flood of memory.

Small files that are written here are changed at random and read in this process:

    python -m benchmarks.fuzz [FORMAT …] [--mutations N] [--seed N] [--json FILE]

A reader may give data or a `JaxbioError`; anything else is a fault. The result counts
data, errors, tracebacks (with the first of each kind and the seed that makes it again)
and hangs, and says the longest time and the peak of memory that Python and NumPy held.
"""

import argparse
import contextlib
import gzip
import io
import json
import random
import signal
import sys
import tempfile
import time
import traceback
import tracemalloc
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.errors import JaxbioError

HANG = 10.0
"""Seconds after which a reader hangs."""

WORDS = (
    *(b"", b"0", b"-1", b"1e400", b"nan", b"9" * 5000, b"\xff", b"\0", b'"', b"'"),
    *(b"\n", b"\r", b"\t", b",", b";", b":", b"<", b">", b"@", b"+", b"#", b"loop_"),
    *(b"data_", b"_atom_site.", b"ATOM  ", b"HETATM", b"TER", b"END", b"MODEL ", b"."),
    *(b"?", b"NA", b"./.", b"1/1", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b"),
)


def seeds() -> dict[str, bytes]:
    """A small whole file of each format whose packages are installed."""
    made = {
        "fasta": b">a one\nACGTAC\nGT\n>b two\nGGTTAA\n>c\nACGGTA\n",
        "fastq": b"@a x\nACGT\n+\nIIII\n@b\nGGTT\n+\nII#I\n@c\nACCA\n+\nIIII\n",
        "csv": b"id,seq,age,label\n"
        + b"".join(
            b"r%d,ACGTACG%c,%d.5,%d\n" % (n, b"ACGT"[n % 4], n, n % 2) for n in range(9)
        ),
        "tsv": b"id\tsex\tage\tlabel\n"
        + b"".join(
            b"r%d\t%c\t%d\t%d\n" % (n, b"mf"[n % 2], n * 7, n % 2) for n in range(9)
        ),
        "pdb": _pdb(),
        "cif": _cif(),
        "vcf": _vcf(),
        "npz": _npz(),
    }
    made["smi"] = b"CCO ethanol\nc1ccccc1 benzene\nCC(=O)[O-].[Na+] salt\nCN\n"
    others = {"parquet": _parquet, "h5ad": _h5ad, "png": _png, "sdf": _sdf}
    for name, make in (*others.items(), ("xlsx", _xlsx)):
        with contextlib.suppress(ImportError):
            made[name] = make()
    return made


def _places() -> Iterator[tuple[int, str, str, float, float, float]]:
    names = ("N", "CA", "C", "O", "CB")
    for at, residue in enumerate(("MET", "LYS", "ALA", "GLU", "TRP", "SER")):
        for n, atom in enumerate(names):
            yield at + 1, residue, atom, 3.8 * at + n / 2, n / 3, (n * at) % 3


def _pdb() -> bytes:
    lines = ["HEADER    TEST", "SEQRES   1 A    6  MET LYS ALA GLU TRP SER"]
    for chain in "AB":
        for n, (at, residue, atom, *xyz) in enumerate(_places(), 1):
            place = "".join(f"{value:8.3f}" for value in xyz)
            lines.append(
                f"ATOM  {n:5d}  {atom:<3s} {residue} {chain}{at:4d}    {place}"
                f"  1.00  9.00           {atom[0]}"
            )
        lines.append("TER")
    lines.append(
        "HETATM   99  O   HOH A 101       9.000   9.000   9.000  1.00  9.00           O"
    )
    return ("\n".join([*lines, "END"]) + "\n").encode()


def _cif() -> bytes:
    columns = (
        "group_PDB id type_symbol label_atom_id label_alt_id label_comp_id "
        "label_asym_id label_entity_id label_seq_id pdbx_PDB_ins_code Cartn_x Cartn_y "
        "Cartn_z occupancy auth_seq_id auth_asym_id pdbx_PDB_model_num"
    )
    lines = ["data_X", "#", "loop_", "_entity_poly_seq.entity_id"]
    lines += ["_entity_poly_seq.num", "_entity_poly_seq.mon_id"]
    for at, name in enumerate(("MET", "LYS", "ALA", "GLU", "TRP", "SER"), 1):
        lines.append(f"1 {at} {name}")
    lines += ["#", "loop_", *(f"_atom_site.{name}" for name in columns.split())]
    for n, (at, residue, atom, x, y, z) in enumerate(_places(), 1):
        lines.append(
            f"ATOM {n} {atom[0]} {atom} . {residue} A 1 {at} ? {x:.3f} {y:.3f} {z:.3f} "
            f"1.00 {at} A 1"
        )
    return ("\n".join([*lines, "#"]) + "\n").encode()


def _vcf() -> bytes:
    lines = ["##fileformat=VCFv4.2", "##contig=<ID=1>"]
    names = [
        "CHROM",
        "POS",
        "ID",
        "REF",
        "ALT",
        "QUAL",
        "FILTER",
        "INFO",
        "FORMAT",
        "ann",
        "bob",
        "cyd",
    ]
    lines.append("#" + "\t".join(names))
    for at, alt in enumerate(("C", "G,T", "<DEL>", "ACG"), 1):
        cells = ["1", str(at * 10), f"rs{at}", "A", alt, ".", "PASS", f"END={at * 20}"]
        lines.append("\t".join([*cells, "GT:DP", "0/1:9", "1|1:8", "./.:0"]))
    return ("\n".join(lines) + "\n").encode()


def _npz() -> bytes:
    file = io.BytesIO()
    np.savez(file, x=np.arange(12.0).reshape(6, 2), y=np.array(list("ababab")))
    return file.getvalue()


def _parquet() -> bytes:
    import pyarrow
    import pyarrow.parquet

    file = io.BytesIO()
    columns = {"a": [1.5, None, 3.5, 4.5], "b": list("abab"), "y": [0, 1, 0, 1]}
    lists = {"l": [[1, 2], [3], [], None]}
    pyarrow.parquet.write_table(pyarrow.table({**columns, **lists}), file)
    return file.getvalue()


def _h5ad() -> bytes:
    import h5py

    file = io.BytesIO()
    with h5py.File(file, "w") as made:
        x = made.create_group("X")
        x.attrs["encoding-type"], x.attrs["shape"] = "csr_matrix", (4, 3)
        x["data"], x["indices"] = np.arange(1.0, 7), [0, 1, 2, 0, 1, 2]
        x["indptr"] = [0, 2, 3, 4, 6]
        obs, var = made.create_group("obs"), made.create_group("var")
        for group in (obs, var):
            group.attrs["_index"] = "_index"
        obs.attrs["column-order"] = ["kind"]
        obs["_index"], var["_index"] = list("wxyz"), ["MYC", "TP53", "KRAS"]
        kind = obs.create_group("kind")
        kind["categories"], kind["codes"] = ["B", "T"], np.array([0, 1, 0, 1], "i1")
    return file.getvalue()


def _sdf() -> bytes:
    from rdkit import Chem

    blocks = [Chem.MolToMolBlock(Chem.MolFromSmiles(x)) for x in ("CCO", "c1ccncc1")]
    data = "> <pIC50>\n6.5\n\n$$$$\n"
    return "".join(block + data for block in blocks).encode()


def _xlsx() -> bytes:
    import openpyxl  # to write it
    import python_calamine  # noqa: F401  # to read it

    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (["id", "age", "label"], ["a", 1.5, "x"], ["b", 2, "y"], ["c", 3, "x"]):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def _png() -> bytes:
    from PIL import Image

    file = io.BytesIO()
    pixels = np.arange(192, dtype=np.uint8).reshape(8, 8, 3)
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def mutate(content: bytes, random: random.Random) -> bytes:
    """A file with one to four changes at random.

    Bits turn, bytes are cut, doubled, swapped, made to words that mean something, or
    numbers become others; once in a while the file is cut off or packed.
    """
    data = bytearray(content)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(data) + 1)
        end = min(len(data), at + random.choice((1, 2, 4, 8, 60, 400)))
        match random.randrange(9):
            case 0 if at < len(data):
                data[at] ^= 1 << random.randrange(8)
            case 1 if at < len(data):
                data[at] = random.randrange(256)
            case 2:
                del data[at:end]
            case 3:
                data[at:at] = data[at:end]
            case 4:
                data[at:at] = random.choice(WORDS)
            case 5:
                data[at:end] = random.choice(WORDS)
            case 6:
                other = random.randrange(len(data) + 1)
                data[at:end] = data[other : other + end - at]
            case 7:
                size = random.choice((1, 2, 4, 8))
                number = random.choice((0, 1, 255, 2**31 - 1, 2**32 - 1, 2**63 - 1))
                data[at : at + size] = (number % 256**size).to_bytes(size, "little")
            case _ if random.random() < 0.3:
                del data[at:]
    return gzip.compress(bytes(data), 1) if random.random() < 0.02 else bytes(data)


def reader(form: str) -> Callable[[Path], Any]:
    """What reads a file of a format, as far as a data set."""
    if form in ("pdb", "cif"):
        from jaxbio.structure import read_chains

        return read_chains
    if form == "vcf":
        from jaxbio.genome import read_genotypes

        return read_genotypes
    if form == "h5ad":
        from jaxbio.data.expression import read_h5ad

        return lambda path: read_h5ad(path, counts=True)
    if form == "png":
        from jaxbio.data.io.images import read_image

        return read_image
    from jaxbio.data.reading import read

    return read


class Hang(BaseException):
    """A reader that took longer than `HANG`; no reader catches it."""


@contextlib.contextmanager
def watch(seconds: float) -> Iterator[None]:
    """Stop what takes longer, where the system has such a clock."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: Any) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def fuzz(
    form: str, content: bytes, folder: Path, *, mutations: int, seed: int = 0
) -> dict[str, Any]:
    """Read changed files of one format.

    Args:
        form: The format.
        content: A whole file.
        folder: Where the changed files are written, one after the other.
        mutations: How many.
        seed: Of the first; the next has the next.

    Returns:
        Counts of `read`, `errors`, `tracebacks` and `hangs`; the first `faults` of each
        kind with their seeds; the longest time and the peak of memory.
    """
    read = reader(form)
    path = folder / f"x.{form}"
    counts: Counter[str] = Counter()
    faults: dict[str, str] = {}
    longest, peak = 0.0, 0
    for number in range(seed, seed + mutations):
        path.write_bytes(mutate(content, random.Random(f"{form} {number}")))
        tracemalloc.reset_peak()
        start = time.perf_counter()
        try:
            with watch(HANG), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                read(path)
            counts["read"] += 1
        except JaxbioError:
            counts["errors"] += 1
        except Hang:
            counts["hangs"] += 1
            faults.setdefault("hang", f"seed {number}")
        except Exception as error:
            counts["tracebacks"] += 1
            last = traceback.extract_tb(error.__traceback__)
            own = [frame for frame in last if "jaxbio" in frame.filename] or last
            where = f"{Path(own[-1].filename).name}:{own[-1].lineno}"
            told = f"seed {number}: {str(error)[:200]}"
            faults.setdefault(f"{type(error).__name__} at {where}", told)
        longest = max(longest, time.perf_counter() - start)
        peak = max(peak, tracemalloc.get_traced_memory()[1])
    kinds = ("read", "errors", "tracebacks", "hangs")
    return {
        "mutations": mutations,
        **{kind: counts[kind] for kind in kinds},
        "faults": faults,
        "longest_s": round(longest, 3),
        "peak_mb": round(peak / 1e6, 1),
    }


def main(arguments: list[str] | None = None) -> int:
    """Read changed files of all formats and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("formats", nargs="*", metavar="FORMAT")
    parser.add_argument("--mutations", type=int, default=1000, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--json", metavar="FILE", help="where to write the result")
    options = parser.parse_args(arguments)
    files = seeds()
    unknown = set(options.formats) - set(files)
    if unknown:
        parser.error(f"no format {sorted(unknown)[0]}: {', '.join(files)}")
    result = {}
    tracemalloc.start()
    with tempfile.TemporaryDirectory() as folder:
        for form in options.formats or files:
            result[form] = fuzz(
                form,
                files[form],
                Path(folder),
                mutations=options.mutations,
                seed=options.seed,
            )
            print(form, json.dumps(result[form]), flush=True)
    tracemalloc.stop()
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=1) + "\n")
    return int(any(each["tracebacks"] + each["hangs"] for each in result.values()))


if __name__ == "__main__":
    sys.exit(main())
