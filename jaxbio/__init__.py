"""jaxbio: from biological files and labels to trained, checked and portable models."""

__version__ = "0.1.0"
