"""Pictures as Matplotlib figures; `save` writes them, and nothing opens a window."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
