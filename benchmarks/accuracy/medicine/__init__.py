"""Parts of the accuracy in medicine."""
