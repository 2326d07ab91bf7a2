"""Similarity of rows: k-mers, MinHash, clusters, near-duplicates."""
