"""Folding: from distances and torsions to a backbone."""
