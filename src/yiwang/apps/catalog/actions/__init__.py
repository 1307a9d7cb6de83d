"""What changes the catalogue: one function per use case, split by noun."""
