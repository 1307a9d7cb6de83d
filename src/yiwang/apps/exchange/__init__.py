"""The sharing gate: the only way of data between organs, so it is both the lock and the meter.

`gate.py` decides, pure; `counter.py` meters and journals what was decided; demands ride on the
case kernel. It never opens a table of the lake itself: rows come from the serving copies.
"""
