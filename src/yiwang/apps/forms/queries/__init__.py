"""What forms answers, split by noun."""
