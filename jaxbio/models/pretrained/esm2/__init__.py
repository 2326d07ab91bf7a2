"""ESM-2, and models of the shape of ESM-1b, such as RNA-FM."""
