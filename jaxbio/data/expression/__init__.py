"""Expression of genes: reading matrices of cells, matching genes, statistics.

Raw counts stay sparse: what a model needs dense, it makes dense batch by batch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
