from .archive import Archive as Archive
from .constraints import Constraints as Constraints
from .evolution import Evolution as Evolution
from .mutagenesis import BeamSearch as BeamSearch
from .objective import Term as Term, scorer as scorer
from .policy import PolicyGradient as PolicyGradient
from .proposals import METHODS as METHODS, Proposals as Proposals, design as design
from .random_search import RandomSearch as RandomSearch
from .space import Space as Space
