"""Structure files: PDB and mmCIF, read and written."""
