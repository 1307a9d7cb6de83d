"""Identifiers of persons and organizations: pure checks of the national standards."""
