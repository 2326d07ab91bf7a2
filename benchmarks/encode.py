"""Encoding speed: symbols to checked codes, one thread, NumPy alone.

    python benchmarks/encode.py [--quick]

One JSON line for each alphabet, with the median of several runs in millions of symbols
a second, from `bytes` and from `str`.
"""

import argparse
import json
import platform
import statistics
import sys
import time

import numpy as np

import jaxbio as jb

TEXTS = {
    "dna": (jb.DNA, "ACGT"),
    "dna with N": (jb.DNA, "ACGTACGTACGTACGTN"),
    "dna lower case": (jb.DNA, "acgt"),
    "rna": (jb.RNA, "ACGU"),
    "protein": (jb.PROTEIN, "ACDEFGHIKLMNPQRSTVWY"),
    "smiles": (jb.SMILES, "CNO()=#123cno[]+-"),
    "own": (jb.Alphabet("own", "HPX"), "HPX"),
}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the symbols")
    symbols = 5_000_000 if parser.parse_args().quick else 50_000_000
    random = np.random.default_rng(0)
    for name, (alphabet, letters) in TEXTS.items():
        pool = np.frombuffer(letters.encode(), np.uint8)
        raw = pool[random.integers(0, len(pool), symbols)].tobytes()
        line = {
            "benchmark": "encode",
            "alphabet": name,
            "symbols": symbols,
            "mbp_per_s_bytes": round(rate(alphabet, raw)),
            "mbp_per_s_str": round(rate(alphabet, raw.decode())),
            "device": platform.machine(),
            "versions": {"jaxbio": jb.__version__, "numpy": np.__version__},
        }
        print(json.dumps(line), flush=True)
    return 0


def rate(alphabet: jb.Alphabet, text: str | bytes, repeats: int = 7) -> float:
    """Millions of symbols a second, the median of several runs."""
    alphabet.encode(text)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        alphabet.encode(text)
        times.append(time.perf_counter() - start)
    return len(text) / statistics.median(times) / 1e6


if __name__ == "__main__":
    sys.exit(main())
