"""Shared presentation: base templates, components, islands. Knows no app and no face."""
