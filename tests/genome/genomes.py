"""Small genomes and networks that the tests of variants share."""

import subprocess
import sys

import numpy as np

import jaxbio as jb
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.genome.reference import Reference

LENGTH = 20
QUICK = {"epochs": 1, "members": 1, "batch_size": 16, "baselines": False}


def genome_of(folder, **contigs):
    """A FASTA file and the genome in it."""
    path = folder / "genome.fa"
    path.write_text("".join(f">{name}\n{text}\n" for name, text in contigs.items()))
    return Reference(path)


def random_genome(folder, *, size=400, seed=0):
    """Two contigs of random bases."""
    random = np.random.default_rng(seed)
    texts = ["".join(random.choice(list("ACGT"), size)) for _ in range(2)]
    return genome_of(folder, chr1=texts[0], chr2=texts[1])


def vcf_of(path, *rows, header="##fileformat=VCFv4.2\n"):
    """A VCF file of sites; rows are (CHROM, POS, REF, ALT) or whole lines."""
    names = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    lines = [
        row
        if isinstance(row, str)
        else f"{row[0]}\t{row[1]}\t.\t{row[2]}\t{row[3]}\t.\tPASS\tDP={at}"
        for at, row in enumerate(rows)
    ]
    path.write_text(header + "\n".join([names, *lines]) + "\n")
    return path


def run_of(kind="number", *, alphabet=jb.DNA, members=1, **changes):
    """A run of one epoch on random sequences of one length."""
    random = np.random.default_rng(0)
    letters = alphabet.symbols[:4]
    texts = ["".join(random.choice(list(letters), LENGTH)) for _ in range(48)]
    counts = np.array([text.count(letters[2]) for text in texts])
    if kind == "number":
        target = Numeric(counts[:, None].astype(np.float32), ("y",))
    else:
        edges = {"binary": [5], "multiclass": [4, 6]}[kind]
        names = np.array(["low", "mid", "high"])[np.digitize(counts, edges)]
        target = Category.from_values(names.tolist())
    data = Dataset({"seq": Sequences.from_strings(texts, alphabet)}, {"y": target})
    encoder = jb.CNN(channels=(4,), kernel_sizes=(5,), kmers=0, positions=False)
    how = {"hidden": (), "average_strands": False, **changes}
    model = jb.Network(encoder, **how)
    options = {**QUICK, "members": members}
    return jb.fit(model, None, data, data, **options)


def bcftools(command, *words):
    """What a command of bcftools says; a process each, for it keeps its state."""
    code = (
        "import sys; from pysam import bcftools; _, command, *words = sys.argv; "
        "said = getattr(bcftools, command)(*words, catch_stdout='-o' not in words); "
        "sys.stdout.write(said or '')"
    )
    words = [sys.executable, "-c", code, command, *map(str, words)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
