"""The catalogue: what data there is, whose it is, how sensitive, how good, and where it came from.

Datasets, columns, registers and their entries with stable ids and validity; collections with
balanced counts and a quality score. It describes; delivering rows to people and organs is the
business of `exchange` and `subjects`.
"""
