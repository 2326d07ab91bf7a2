"""Explanations of predictions."""

from jaxbio.explain.ism import ism

__all__ = ["ism"]
