"""Splits and folds of rows, and the leakage between them."""
