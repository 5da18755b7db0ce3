"""Checks a password against its bcrypt hash, by the C library's crypt(3), which Python itself has given up in 3.13.

Debian and Ubuntu, RHEL and SUSE have libxcrypt, Alpine has it in musl: all know ``$2a$``, ``$2b$`` and ``$2y$``.
"""

from __future__ import annotations

import ctypes
import hmac
import re
import threading
from collections.abc import Callable
from functools import cache

HASH = re.compile(r"\$2[aby]\$(0[4-9]|1[0-9])\$[./A-Za-z0-9]{53}")
"""Of a cost below 20: one that takes minutes would be a mistake."""

LIBRARIES = "libcrypt.so.2", "libcrypt.so.1", None

KNOWN = b"U*U", b"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
"""A password and its hash, from bcrypt's own first test."""

_one_at_a_time = threading.Lock()  # crypt(3) has one buffer for its answer


def available() -> bool:
    """Whether this system's C library knows bcrypt."""
    try:
        return matches(*KNOWN)
    except OSError:
        return False


def matches(password: bytes, hashed: bytes) -> bool:
    """Whether this is the password. 50 ms at a cost of 10, and twice that for each more.

    Raises:
        OSError: there is no crypt(3) here.

    """
    if b"\0" in password:
        return False
    with _one_at_a_time:
        found = _crypt()(password, hashed)
    return found is not None and hmac.compare_digest(found, hashed)


@cache
def _crypt() -> Callable[[bytes, bytes], bytes | None]:
    for name in LIBRARIES:
        try:
            crypt = ctypes.CDLL(name).crypt
        except (OSError, AttributeError):
            continue
        crypt.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        crypt.restype = ctypes.c_char_p
        return crypt
    raise OSError("there is no libcrypt")
