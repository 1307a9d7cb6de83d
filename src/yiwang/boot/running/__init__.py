"""Keeping it alive: what is checked, measured and published about a running installation."""
