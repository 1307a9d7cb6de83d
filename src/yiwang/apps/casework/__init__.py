"""Casework: what must be done about somebody's right or somebody's observation, and by when.

One kernel with two profiles: a case begins with a right and a legal clock, an incident with a
signal and an operational clock. It knows flows, subjects, organs and divisions by id only; what a
case is about belongs to the rooms above.
"""
