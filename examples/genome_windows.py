# %% [markdown]
# # From a genome and intervals to a track of predictions, and to effects of variants
#
# Where do genes of E. coli begin? Windows about the starts of all genes are learned
# beside places that are as rich in G and C; then every 25 bases of the genome get a
# value, and variants of a VCF file what they change. The genome is in `JAXBIO_DATA`, a
# folder with genomics/genome_ecoli_k12/.
#
#     python examples/genome_windows.py [--fast]

# %%
import os
import sys
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

import jaxbio as jb

FAST = "--fast" in sys.argv
FOLDER = Path(os.environ.get("JAXBIO_DATA", "")) / "genomics" / "genome_ecoli_k12"
if not FOLDER.is_dir():
    sys.exit("the genome is missing: let JAXBIO_DATA name the folder of data sets")
out = Path(mkdtemp())

# %% Windows of 100 bases about the 5' ends of genes, and matched negatives. Genes leave
# little room between them, so that negatives avoid the windows alone.
genome = jb.genome.Reference(FOLDER / "U00096.2.fa.gz")
genes = jb.genome.read_intervals(FOLDER / "U00096.2_genes.bed")
if FAST:
    genes = genes.take(np.arange(0, len(genes), 10))
windows = jb.genome.read_windows(
    genes, genome, 100, about="start", negatives="matched", avoid="windows"
)
print("\n".join(windows.notes))
print(windows.table[["id", "label", "name", "block"]].head(3).to_string())

# %% Stretches of the chromosome stay whole, so that neighbours are in one part
data = windows.dataset()
train, valid, test = jb.split(data, by="group", seed=0)
run = jb.fit(
    jb.CNN(),
    jb.Binary(),
    train,
    valid,
    out=out / "run",
    **({"epochs": 2, "members": 1} if FAST else {}),
)
print(run.evaluate(test))

# %% A value every 25 bases, as bigWig where pybigtools is installed, else as text
try:
    import pybigtools  # noqa: F401

    track = out / "starts.bw"
except ImportError:
    track = out / "starts.bedGraph"
region = "U00096.2:1-50000" if FAST else None
done = jb.genome.scan_genome(run.predictor, genome, track, stride=25, region=region)
print(f"{done.output}: {done.written:,} values in {track}")

# %% How high is it at starts of genes on the forward strand, and elsewhere?
text = out / "starts.bedGraph"
jb.genome.scan_genome(run.predictor, genome, text, stride=25, region=region)
places, ends, values = np.loadtxt(text, usecols=(1, 2, 3), ndmin=2).T
starts = genes.starts[(genes.strands == "+") & (genes.starts < ends[-1])]
cells = np.searchsorted(places, starts, side="right") - 1
cells = cells[cells >= 0]
print(f"mean at starts of genes {values[cells].mean():.2f}, all {values.mean():.2f}")

# %% What each base upstream of a gene does: a VCF file, and the same with effects
contig, start = "U00096.2", 336  # of thrA
names = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
rows = ["##fileformat=VCFv4.2", "\t".join(names)]
for place in range(start - 20, start):
    base = genome.fetch(contig, place, place + 1)
    other = "ACGT"[("ACGT".index(base) + 1) % 4]
    rows.append("\t".join([contig, str(place + 1), ".", base, other, ".", ".", "."]))
(out / "in.vcf").write_text("\n".join(rows) + "\n")
jb.genome.score_variants(run, out / "in.vcf", genome, out / "out.vcf", background=0)
print("\n".join((out / "out.vcf").read_text().splitlines()[-3:]))
