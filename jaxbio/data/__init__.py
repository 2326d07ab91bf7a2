"""From files to named inputs and targets, as NumPy arrays.

`read` gives a `Dataset`; `stream` the same in parts of bounded memory; a `Schema` says
what the inputs and targets of a model are.
"""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.data.describe import describe_kinds, kinds_of
from jaxbio.data.formats import read_frames
from jaxbio.data.inference import infer_kinds
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.write import write_table
from jaxbio.data.learn import learn_schema
from jaxbio.data.lookup import Lookup
from jaxbio.data.reading import from_frame, from_strings, infer, read, read_for, stream
from jaxbio.data.schema import Schema
from jaxbio.data.specs import InputSpec, TargetSpec
from jaxbio.data.splits.leakage import Leakage, leakage
from jaxbio.data.splits.methods import folds, split

if TYPE_CHECKING:
    from jaxbio.data.expression import match_genes, read_expression
    from jaxbio.data.io.images import read_image, read_images
    from jaxbio.data.similarity.overlap import kmer_overlap

# What only some need is imported when it is first asked for.
_HOMES = {
    "expression": ("match_genes", "read_expression"),
    "io.images": ("read_image", "read_images"),
    "similarity.overlap": ("kmer_overlap",),
}

__all__ = [
    "Category",
    "Dataset",
    "DictionaryColumn",
    "Frame",
    "Images",
    "InputSpec",
    "Leakage",
    "Lookup",
    "Numeric",
    "Schema",
    "Sequences",
    "SparseCounts",
    "TargetSpec",
    "Track",
    "concatenate",
    "describe_kinds",
    "folds",
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
    "read_expression",
    "read_for",
    "read_frames",
    "read_image",
    "read_images",
    "split",
    "stream",
    "write_table",
]

__getattr__ = importer(__name__, _HOMES)
