"""Keeps every sample on the node for a while, so that a recorder that was away loses nothing.

A sample goes to keeper.py, whose thread puts it into store.py (SQLite), first as a row of its own, then with the
others of its minute as one block (block.py). page.py gives samples back as OpenMetrics text; place.py says where all
this lies, and numbering.py where the numbers of samples go on after a restart.
"""
