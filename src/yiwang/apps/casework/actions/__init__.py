"""What may be done to cases and incidents: one function per use case."""
