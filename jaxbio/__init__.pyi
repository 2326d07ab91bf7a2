from . import (
    clinical as clinical,
    data as data,
    datasets as datasets,
    design as design,
    explain as explain,
    genome as genome,
    metrics as metrics,
    models as models,
    nn as nn,
    plot as plot,
    singlecell as singlecell,
    structure as structure,
    tasks as tasks,
    train as train,
)
from .alphabet import (
    DNA as DNA,
    PROTEIN as PROTEIN,
    RNA as RNA,
    SMILES as SMILES,
    Alphabet as Alphabet,
)
from .data import (
    Dataset as Dataset,
    Schema as Schema,
    folds as folds,
    leakage as leakage,
    read as read,
    split as split,
)
from .errors import JaxbioError as JaxbioError
from .models import (
    CNN as CNN,
    MLP as MLP,
    RNN as RNN,
    Concat as Concat,
    CrossAttention as CrossAttention,
    Embedding as Embedding,
    Encoder as Encoder,
    Gated as Gated,
    Masked as Masked,
    Network as Network,
    Pretrained as Pretrained,
    ResNet as ResNet,
    Transformer as Transformer,
)
from .models.pretrained import pretrained as pretrained
from .plugins import register as register
from .predict import (
    Predictions as Predictions,
    Predictor as Predictor,
    detect as detect,
    embed as embed,
    score_mutations as score_mutations,
)
from .run import (
    Evaluation as Evaluation,
    Run as Run,
    evaluate as evaluate,
    fit as fit,
    load as load,
    load_run as load_run,
    recommend as recommend,
)
from .tasks import (
    Binary as Binary,
    CountRegression as CountRegression,
    Distances as Distances,
    MultiClass as MultiClass,
    MultiLabel as MultiLabel,
    Profile as Profile,
    Regression as Regression,
    Survival as Survival,
)
from .train import (
    STOP as STOP,
    Augmentation as Augmentation,
    Brightness as Brightness,
    Callback as Callback,
    Flip as Flip,
    FlipVertical as FlipVertical,
    Mutate as Mutate,
    ReverseComplement as ReverseComplement,
    Rotate as Rotate,
    Shift as Shift,
    Training as Training,
    Translate as Translate,
)

__version__: str
