"""Jobs: long work that somebody asked for or that the clock makes due, done beside the pages.

A job is a row; a worker leases it, keeps its progress and its saved state in the row, and another
worker goes on where a killed one left off. What a kind of job does belongs to the rooms above.
"""
