"""Molecules as SMILES: checks, canonical and randomised forms, fingerprints."""
