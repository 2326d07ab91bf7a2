from .columns.base import Column as Column
from .columns.category import Category as Category
from .columns.competing_events import CompetingEvents as CompetingEvents
from .columns.counts import SparseCounts as SparseCounts
from .columns.dictionary import DictionaryColumn as DictionaryColumn
from .columns.fingerprints import Fingerprints as Fingerprints
from .columns.images import Images as Images
from .columns.numeric import Numeric as Numeric
from .columns.sequences import Sequences as Sequences
from .columns.time_to_event import TimeToEvent as TimeToEvent
from .columns.track import Track as Track
from .cut import cut_windows as cut_windows
from .dataset import Dataset as Dataset, concatenate as concatenate
from .describe import describe_kinds as describe_kinds, kinds_of as kinds_of
from .expression import match_genes as match_genes, read_expression as read_expression
from .formats import read_frames as read_frames
from .inference import infer_kinds as infer_kinds
from .io.frames import Frame as Frame
from .io.images import read_image as read_image, read_images as read_images
from .io.write import write_table as write_table
from .joined import JoinedFiles as JoinedFiles, join as join
from .learn import learn_schema as learn_schema
from .lookup import Lookup as Lookup
from .reading import (
    from_frame as from_frame,
    from_strings as from_strings,
    infer as infer,
    read as read,
    read_for as read_for,
    stream as stream,
)
from .schema import Schema as Schema
from .similarity.overlap import kmer_overlap as kmer_overlap
from .specs import InputSpec as InputSpec, TargetSpec as TargetSpec
from .splits.leakage import Leakage as Leakage, leakage as leakage
from .splits.random_grouped import folds as folds, split as split
