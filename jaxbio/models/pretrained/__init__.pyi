from .catalog import MODELS as MODELS, ModelInfo as ModelInfo
from .hub import get as get, models_folder as models_folder, path as path
from .language_model import (
    LanguageModel as LanguageModel,
    LanguageModelConfig as LanguageModelConfig,
)
from .loading import (
    FAMILIES as FAMILIES,
    PretrainedModel as PretrainedModel,
    pretrained as pretrained,
)
