"""The collecting side of driftscope: asks every exporter for its samples and writes aligned Parquet.

The way of a value, and the file that is responsible for each step of it::

    targets.py      which nodes to ask, from prometheus.yml or the command line
    scrape.py       asks one node, on its own schedule
    connection.py   HTTP: kept alive, with limits on what an answer may cost
    parse.py        exposition text -> series and numbers, by the rules in grammar.py
    node_clock.py   the node's clock against ours, with a rigorous bound
    grid.py         which whole second the sample belongs to
    journal.py      on disk before it counts
    hours.py        which samples make up each node's hour
    columns.py      samples -> columns, each with the type and encoding that its data ask for
    hour_file.py    one node's hour as Parquet, merged with what is there already
    dataset.py      the folder: dataset.json, lock, files

``recording.py`` runs them; ``commands/`` is what the user types. Of the exporter nothing is known but what goes
over the wire: the five names in ``wire.py``. Any Prometheus exporter can be recorded.
"""

from __future__ import annotations
