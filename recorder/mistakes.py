"""What the user can mend: one line that names the file, host or option at fault, and exit status 2."""

from __future__ import annotations


class Mistake(Exception):  # noqa: N818  # not an error of the program
    """Raised anywhere, caught once, in ``cli.main``."""
