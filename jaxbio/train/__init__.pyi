from .augment import (
    make_augmenter as make_augmenter,
    resolve_augment as resolve_augment,
)
from .augment_images import (
    Brightness as Brightness,
    Flip as Flip,
    FlipVertical as FlipVertical,
    Rotate as Rotate,
    Translate as Translate,
)
from .augment_sequences import (
    Mutate as Mutate,
    ReverseComplement as ReverseComplement,
    Shift as Shift,
)
from .augmentation import Augmentation as Augmentation
from .callbacks import STOP as STOP, Callback as Callback
from .config import Training as Training
from .drivers import scan_steps as scan_steps, trains_together as trains_together
from .loop import (
    Progress as Progress,
    Snapshot as Snapshot,
    TrainingProblem as TrainingProblem,
    train_group as train_group,
    train_member as train_member,
)
from .optimizers import (
    OPTIMIZERS as OPTIMIZERS,
    make_optimizer as make_optimizer,
    make_schedule as make_schedule,
)
from .state import TrainState as TrainState, Weights as Weights
from .step import make_eval_step as make_eval_step, make_train_step as make_train_step
