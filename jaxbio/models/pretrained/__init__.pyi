from .catalog import MODELS as MODELS, ModelInfo as ModelInfo
from .language_model import (
    LanguageModel as LanguageModel,
    LanguageModelConfig as LanguageModelConfig,
)
from .loading import (
    FAMILIES as FAMILIES,
    PretrainedModel as PretrainedModel,
    pretrained as pretrained,
)
