"""What changes forms, and what is done with one: one function per use case, split by noun."""
