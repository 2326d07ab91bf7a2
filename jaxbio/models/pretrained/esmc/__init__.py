"""ESM-C, also called ESM Cambrian."""
