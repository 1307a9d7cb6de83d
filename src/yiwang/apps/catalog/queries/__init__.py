"""What the catalogue answers, split by noun."""
