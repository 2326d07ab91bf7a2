"""Column types: the values of one input or target, as they were read."""
