"""The one expression language: for a population, for stored rows, for one subject."""
