"""Nucleotide Transformer v2."""
