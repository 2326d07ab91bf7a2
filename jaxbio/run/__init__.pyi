from .evaluation import Evaluation as Evaluation, evaluate as evaluate
from .fitting import Run as Run, fit as fit, load as load, load_run as load_run
from .recipes import choose_model as choose_model, choose_training as choose_training
