"""Symmetric keys in chrony's key-file format (chrony.conf(5), keyfile), and the codes that they make of packets.

A line is ``ID TYPE KEY``, as in ``1 SHA256 HEX:8f3c...``; the type may be left out and is MD5 then. A hash's code is
taken over key and packet, and NTPv4 has its first 20 bytes only; chronyd asks by version 3 where its key makes more.
That of AES is the CMAC of RFC 8573, for which the package ``cryptography`` has to be installed. A code is preceded by
the key's number.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .packet import SIZE, VERSION

HASHES = {"MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512"}
CIPHERS = {"AES128": 16, "AES256": 32}
"""Bytes of a key."""

LONGEST_CODE, LONGEST_CODE_V3 = 20, 64
"""Bytes: in version 4, more of them could be taken for an extension field (RFC 7822)."""

ID = struct.Struct("!I")


class KeyFileError(Exception):
    """The key file cannot be used; says which line and why, but not what is in it."""


@dataclass(frozen=True)
class Key:
    """A shared secret."""

    id: int
    type: str
    secret: bytes = field(repr=False)

    def sign(self, packet: bytes) -> bytes:
        """The packet and its code."""
        return packet + ID.pack(self.id) + self._code(packet)

    def has_signed(self, signed: bytes) -> bool:
        """Whether a packet ends in the code that this key makes of it."""
        return hmac.compare_digest(self.sign(signed[:SIZE]), signed)

    def _code(self, packet: bytes) -> bytes:
        if self.type in CIPHERS:
            return _cmac(self.secret, packet)
        digest = hashlib.new(HASHES[self.type], self.secret + packet, usedforsecurity=False).digest()
        return digest[: longest_code(packet)]


def longest_code(packet: bytes) -> int:
    """Bytes that a code of this packet may have: its version says."""
    return LONGEST_CODE if packet[0] >> 3 & 7 == VERSION else LONGEST_CODE_V3


def id_of(signed: bytes) -> int | None:
    """By which key a packet says that it is signed; None if it is not."""
    code = len(signed) - SIZE - ID.size
    return ID.unpack_from(signed, SIZE)[0] if code > 0 and code <= longest_code(signed) else None


def load(path: Path) -> Mapping[int, Key]:
    """The keys of a file, by their numbers. Raises KeyFileError."""
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"{path}: {getattr(error, 'strerror', None) or 'no text'}") from None
    keys: dict[int, Key] = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0][0] in "#!;%":
            continue
        try:
            key = parse(words)
        except ValueError as error:
            raise KeyFileError(f"{path}: line {number}: {error}") from None
        keys[key.id] = key
    return keys


def parse(words: list[str]) -> Key:
    """The key of a line's words. Raises ValueError, which says nothing of the secret."""
    if len(words) not in (2, 3):
        raise ValueError("expected ID TYPE KEY")
    type = words[1].upper() if len(words) == 3 else "MD5"
    if not words[0].isdecimal() or not 0 < int(words[0]) < 1 << 32:
        raise ValueError("the ID is no number from 1 to 4294967295")
    if type not in HASHES and type not in CIPHERS:
        raise ValueError(f"no such type of key; there are {', '.join((*HASHES, *CIPHERS))}")
    secret = _secret(words[-1])
    if len(secret) != CIPHERS.get(type, len(secret)):
        raise ValueError(f"a key of type {type} has {CIPHERS[type]} bytes")
    if type in CIPHERS:
        _cmac(secret, b"")
    return Key(int(words[0]), type, secret)


def _secret(text: str) -> bytes:
    if text.startswith("HEX:"):
        try:
            return bytes.fromhex(text[4:])
        except ValueError:
            raise ValueError("what follows HEX: is not hexadecimal") from None
    return text.removeprefix("ASCII:").encode()


def _cmac(secret: bytes, packet: bytes) -> bytes:
    try:
        from cryptography.hazmat.primitives import cmac
        from cryptography.hazmat.primitives.ciphers import algorithms
    except ImportError:
        raise ValueError("AES needs the package cryptography: pip install cryptography, or use SHA256") from None
    code = cmac.CMAC(algorithms.AES(secret))
    code.update(packet)
    return code.finalize()
