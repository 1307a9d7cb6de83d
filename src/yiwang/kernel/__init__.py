"""Shared nouns and pure checks: nothing here remembers, reads a network or knows a department."""
