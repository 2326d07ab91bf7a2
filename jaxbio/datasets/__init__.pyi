from . import catalog as catalog
from .chains import cgdms_chains as cgdms_chains
from .drugs import DrugTables as DrugTables, tables as tables
from .loaders import ars1_wild_type as ars1_wild_type, load as load
