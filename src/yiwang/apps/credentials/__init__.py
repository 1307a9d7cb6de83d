"""Credentials: licences and decision records that are signed, shown, verified, and stopped at once.

A licence is a signed record, not a picture of paper. Its number and its QR code lead to the same
record; each look at it is written down and shown to its holder.
"""
