"""From files to named inputs and targets, as NumPy arrays.

`read` gives a `Dataset`; `stream` the same in parts of bounded memory; a `Schema` says
what the inputs and targets of a model are.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
