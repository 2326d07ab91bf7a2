"""Encoding speed, one thread: symbols to checked codes and to one-hot rows.

    python benchmarks/speed/encode.py [--quick]

Against SeqPro and tangermeme at the same job: one string of 50 Mbp, and a list of 2048
strings of 1,000. One base in 2,000 is N. Codes are what jaxbio sends to the device
(SeqPro's are int32, ours uint8); one-hot rows are `[... len 4]` of 8-bit integers (what
tangermeme gives is a view of such an array with the axes exchanged). Results are
compared before anything is timed. Unlike the others', our codes also tell N from other
ambiguity letters, and anything else is an error with its position.

Then the rates of each alphabet, without a peer.
"""

import os
import statistics
import sys
from collections.abc import Sequence
from typing import Any

# One thread each: both peers use Numba, which reads this when it is imported.
os.environ["NUMBA_NUM_THREADS"] = "1"

import harness
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
ROWS, LENGTH = 2048, 1000
PEERS = {"SeqPro": "seqpro", "tangermeme": "tangermeme"}
ANYWHERE: dict[str, Any] = {"device": "cpu", "threads": 1}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("encode", __doc__, arguments)
    symbols, repeats = (5_000_000, 5) if suite.quick else (50_000_000, 15)
    text = random_text("ACGT", symbols, n_share=1 / 2000)
    rows = [text[at * LENGTH : (at + 1) * LENGTH] for at in range(ROWS)]
    cases = {f"{symbols // 10**6} Mbp": text, f"{ROWS} x {LENGTH}": rows}
    for case, given in cases.items():
        for peer, module in PEERS.items():
            found = suite.peer(module, case, peer)
            if found is not None:
                suite.peer("torch", case, peer)
                against(suite, peer, case, given, repeats * (1 if given is text else 5))
    for name, (alphabet, letters) in TEXTS.items():
        rate(suite, name, alphabet, random_text(letters, symbols), repeats)
    return 0


def against(
    suite: harness.Suite, peer: str, case: str, given: str | list[str], repeats: int
) -> None:
    """The jobs of one peer; its main one has the name of the case."""
    symbols = len(given) if isinstance(given, str) else sum(map(len, given))
    for at, (job, (ours, theirs)) in enumerate(jobs(peer, given).items()):
        suite.compare(
            f"{case}, {job}" if at else case,
            peer,
            ours,
            theirs,
            agreement=harness.agree(ours(), theirs()),
            repeats=repeats,
            job=job,
            symbols=symbols,
            **ANYWHERE,
        )


def jobs(peer: str, given: str | list[str]) -> dict[str, tuple[Any, Any]]:
    """Our function and the peer's by the name of the job."""

    def one_hot() -> np.ndarray:
        return jb.DNA.one_hot(given)

    if peer == "tangermeme":
        import torch
        from tangermeme.utils import one_hot_encode

        torch.set_num_threads(1)
        if isinstance(given, str):
            return {"one-hot": (one_hot, lambda: one_hot_encode(given).T)}

        def stacked() -> Any:
            rows = torch.stack([one_hot_encode(each) for each in given])
            return rows.transpose(1, 2)

        return {"one-hot": (one_hot, stacked)}

    import seqpro

    n = jb.DNA.letters.index("N")
    codes = {letter: code for code, letter in enumerate(jb.DNA.symbols)}

    def our_codes() -> np.ndarray:
        if isinstance(given, str):
            return jb.DNA.encode(given)
        return jb.DNA.encode("".join(given)).reshape(len(given), -1)

    return {
        "codes": (our_codes, lambda: seqpro.tokenize(given, codes, n)),
        "one-hot": (one_hot, lambda: seqpro.ohe(given, seqpro.DNA)),
    }


def rate(
    suite: harness.Suite, name: str, alphabet: jb.Alphabet, text: str, repeats: int
) -> None:
    """Millions of symbols a second, from `bytes` and from `str`."""
    for kind, given in (("bytes", text.encode()), ("str", text)):
        suite.compare(
            f"{name}, {kind}",
            "none",
            lambda given=given: alphabet.encode(given),
            None,
            agreement=None,
            repeats=repeats,
            symbols=len(text),
            derive=lambda timing: {
                "mbp_per_s": round(len(text) / statistics.median(timing.ours) / 1e6)
            },
            **ANYWHERE,
        )


def random_text(letters: str, symbols: int, *, n_share: float = 0.0) -> str:
    """Random symbols, some of them N."""
    random = np.random.default_rng(0)
    pool = np.frombuffer(letters.encode(), np.uint8)
    raw = pool[random.integers(0, len(pool), symbols)]
    raw[random.integers(0, symbols, int(n_share * symbols))] = ord("N")
    return raw.tobytes().decode()


if __name__ == "__main__":
    sys.exit(main())
