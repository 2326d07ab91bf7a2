"""Baselines that stand beside every score: trivial, linear, random effects."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
