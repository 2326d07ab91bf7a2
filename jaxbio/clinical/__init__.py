"""Patients: effects of treatments, advice and its value, and a page a patient."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
