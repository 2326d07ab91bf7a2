"""Encoded rows as batches of static shapes."""
