"""What may be done with items and policies: one function per use case."""
