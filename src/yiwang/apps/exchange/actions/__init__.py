"""What changes sharing, by what is changed: one function per use case."""
