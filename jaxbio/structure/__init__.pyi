from . import metrics as metrics, plot as plot
from .chain import Chain as Chain, assemble as assemble
from .dataset import CHAIN_TARGETS as CHAIN_TARGETS, from_chains as from_chains
from .evaluation import evaluate_dissimilar as evaluate_dissimilar
from .files.bfactors import with_bfactors as with_bfactors
from .files.predicted import residue_table as residue_table, write_chain as write_chain
from .files.read import read_chains as read_chains
from .files.write import write_structure as write_structure
from .folding.distogram import from_distances as from_distances
from .folding.fold import Backbone as Backbone, fold as fold
from .matching import ChainMatch as ChainMatch, match_chain as match_chain
from .predict import Structure as Structure, predict_structures as predict_structures
from .tasks import (
    TARGETS as TARGETS,
    chain_tasks as chain_tasks,
    known_targets as known_targets,
)
