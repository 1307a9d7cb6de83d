"""Journal: who did what, when and for what purpose, so that nobody can change it unnoticed.

An append-only Merkle log (RFC 9162) in files of its own. An act is recorded in the transaction of
what it records (``record``: a row of the outbox) and later sealed into the log; an answer of the
sharing gateway is appended at once and waits until its block is on disk.
"""
