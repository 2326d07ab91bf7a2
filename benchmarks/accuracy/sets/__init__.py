"""The public sets, by field: what their rows are and how they are divided."""
