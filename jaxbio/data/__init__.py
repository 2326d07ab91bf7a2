"""From files to named inputs and targets, as NumPy arrays.

`read` gives a `Dataset`; `stream` the same in parts of bounded memory; a `Schema` says
what the inputs and targets of a model are.
"""

from typing import TYPE_CHECKING

from jaxbio.data.columns import (
    Category,
    Counts,
    Images,
    Indexed,
    Numeric,
    Sequences,
    Track,
)
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.data.describe import describe_kinds, kinds_of
from jaxbio.data.formats import read_frames
from jaxbio.data.frames import Frame
from jaxbio.data.inference import infer_kinds
from jaxbio.data.leakage import Leakage, leakage
from jaxbio.data.learn import learn_schema
from jaxbio.data.lookup import Lookup
from jaxbio.data.read import from_frame, from_strings, infer, read, read_for, stream
from jaxbio.data.schema import Schema
from jaxbio.data.specs import InputSpec, TargetSpec
from jaxbio.data.splits import folds, split
from jaxbio.data.write import write_table
from jaxbio.lazy import importer

if TYPE_CHECKING:
    from jaxbio.data.chains import Chain, assemble
    from jaxbio.data.expression import match_genes, read_expression
    from jaxbio.data.genotypes import Genotypes, read_genotypes
    from jaxbio.data.images import read_image, read_images
    from jaxbio.data.labels import CHAIN_TARGETS, from_chains
    from jaxbio.data.overlap import kmer_overlap
    from jaxbio.data.structures import read_chains

# What only some need is imported when it is first asked for.
_HOMES = {
    "chains": ("Chain", "assemble"),
    "expression": ("match_genes", "read_expression"),
    "genotypes": ("Genotypes", "read_genotypes"),
    "images": ("read_image", "read_images"),
    "labels": ("CHAIN_TARGETS", "from_chains"),
    "overlap": ("kmer_overlap",),
    "structures": ("read_chains",),
}

__all__ = [
    "CHAIN_TARGETS",
    "Category",
    "Chain",
    "Counts",
    "Dataset",
    "Frame",
    "Genotypes",
    "Images",
    "Indexed",
    "InputSpec",
    "Leakage",
    "Lookup",
    "Numeric",
    "Schema",
    "Sequences",
    "TargetSpec",
    "Track",
    "assemble",
    "concatenate",
    "describe_kinds",
    "folds",
    "from_chains",
    "from_frame",
    "from_strings",
    "infer",
    "infer_kinds",
    "kinds_of",
    "kmer_overlap",
    "leakage",
    "learn_schema",
    "match_genes",
    "read",
    "read_chains",
    "read_expression",
    "read_for",
    "read_frames",
    "read_genotypes",
    "read_image",
    "read_images",
    "split",
    "stream",
    "write_table",
]

__getattr__ = importer(__name__, _HOMES)
