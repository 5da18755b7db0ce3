"""The collecting side of driftscope: asks every exporter for its samples and writes aligned Parquet.

The way of a value, and the file that is responsible for each step of it::

    targets.py      which nodes to ask, from prometheus.yml or the command line
    scrape.py       asks one node, on its own schedule
    connection.py   HTTP: kept alive, with limits on what an answer may cost
    parse.py        exposition text -> series and numbers, by the rules in grammar.py
    node_clock.py   the node's clock against ours, with a rigorous bound
    grid.py         which whole second the sample belongs to, by reference.py, our clock without its steps
    node.py         one node: what of it we have, and what is missing (missing.py)
    healing.py      asks for what is missing: history.py fetches it, past.py says when it was read
    journal.py      on disk before it counts
    writing.py      writes hours that are over, and again if more comes for them
    hours.py        which samples make up each node's hour
    columns.py      samples -> columns, each with the type and encoding that its data ask for
    hour_file.py    one node's hour as Parquet, merged with what is there already
    dataset.py      the folder: dataset.json, lock, files
    received.py     what a file holds, in stretches (stretch.py) of consecutive samples

``recording.py`` runs them; ``commands/`` is what the user types. Of the exporter nothing is known but what goes
over the wire: the few names in ``wire.py``. Any Prometheus exporter can be recorded.
"""

from __future__ import annotations
