from .archive import Archive as Archive
from .candidates import choose as choose
from .constraints import Constraints as Constraints
from .evolution import Evolution as Evolution
from .known import Known as Known, known_rows as known_rows
from .mutagenesis import BeamSearch as BeamSearch
from .objective import Term as Term, scorer as scorer
from .optimism import (
    expected_improvement as expected_improvement,
    optimistic as optimistic,
)
from .pareto import crowding as crowding, fronts as fronts
from .policy import PolicyGradient as PolicyGradient
from .ppo import PPO as PPO
from .proposals import Proposals as Proposals
from .random_search import RandomSearch as RandomSearch
from .searches import METHODS as METHODS, design as design
from .selection import Scored as Scored, select as select
from .space import Space as Space
from .straight_through import StraightThrough as StraightThrough
