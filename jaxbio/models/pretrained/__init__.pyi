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
from .peft import (
    adapter_scale as adapter_scale,
    read_adapter as read_adapter,
    write_adapter as write_adapter,
)
