"""The node's side of driftscope: reads every clock and sensor once a second and says what it read.

The way of a value, and the file that is responsible for each step of it::

    tick.py         waits for the whole second of CLOCK_REALTIME
    sources.py      which sources there are: one file each under clocks/ and sensors/
    sampler.py      reads all of them: one Sample, with a sequence number
    exposition.py   the sample as Prometheus or OpenMetrics text, rendered once
    web.py          hands that text to whoever asks; server.py keeps them apart and within limits
    daemon.py       starts all of this in order and stops it in reverse

Nothing flows the other way: a source knows nothing of samples, a sample nothing of HTTP.
``source.py`` is the contract between a source and the rest, and the file to read first.
"""

from __future__ import annotations

__version__ = "0.1.0"
