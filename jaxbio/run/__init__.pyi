from .evaluation import Evaluation as Evaluation, evaluate as evaluate
from .fitting import Run as Run, fit as fit, load as load, load_run as load_run
from .parts import read_parts as read_parts
from .recommendation import (
    Recommendation as Recommendation,
    choose_model as choose_model,
    choose_training as choose_training,
    recommend as recommend,
)
from .retraining import retrain as retrain
from .survival_pictures import survival_pages as survival_pages
