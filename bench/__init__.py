"""Comparisons that print ratios; see docs/reference/performance.md."""
