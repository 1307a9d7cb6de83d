"""The use cases of sensing."""
