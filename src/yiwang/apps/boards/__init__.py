"""Indicators, screens and layers: every number opens down to its rows, definition and snapshot."""
