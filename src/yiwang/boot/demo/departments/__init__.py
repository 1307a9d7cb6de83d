"""Synthetic department systems: seeded, realistic, wrong in the ways real ones are.

Every person, firm and number here is generated. A name that somebody bears, or a number that
somebody holds, is chance; the check digits are right because the checks are to be tried.
"""
