"""Protein structures made, not read: files and coordinates."""
