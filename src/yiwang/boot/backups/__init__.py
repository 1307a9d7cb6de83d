"""Backups: a consistent copy of a running installation, and the proof that it can be restored.

A backup folder holds ``objects/`` (pieces of files by the SHA-256 of their content, each once) and
``backups/<instant>.json`` (which files a backup has, piece by piece, and what must come out of
them). So every backup is whole by itself and costs only what changed since the one before.
"""
