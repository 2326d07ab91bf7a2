"""Prediction: from raw inputs to named results, and libraries ranked by them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
