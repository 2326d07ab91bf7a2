from .detection import Detection as Detection, detect as detect
from .embedding import embed as embed, embed_file as embed_file
from .mutants import predict_mutants as predict_mutants
from .mutations import (
    MutationScores as MutationScores,
    score_mutations as score_mutations,
)
from .predictions import Predictions as Predictions
from .predictor import Predictor as Predictor
from .screen import Pairs as Pairs, best as best, cross as cross
from .selective import (
    UNKNOWN as UNKNOWN,
    reject as reject,
    threshold_for_precision as threshold_for_precision,
)
from .symbols import (
    Question as Question,
    SymbolModel as SymbolModel,
    symbol_model as symbol_model,
)
