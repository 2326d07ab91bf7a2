"""DNABERT-2."""
