"""Keys in chrony's format. That a real chronyd takes them is tested in tests/e2e."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.peers import keys
from exporter.peers.keys import Key, KeyFileError

PACKET = b"\x23" + bytes(range(1, 48))
"""Of version 4."""

FILE = """\
# a comment
1 SHA256 HEX:00112233445566778899aabbccddeeff

2 MD5 ASCII:secret
3 secret
4 sha1 ASCII:another
! another comment
"""


def test_a_file_as_chrony_writes_it(tmp_path: Path) -> None:
    """Hexadecimal or plain, with or without a type, in capitals or not."""
    (tmp_path / "keys").write_text(FILE)

    loaded = keys.load(tmp_path / "keys")

    assert {id: key.type for id, key in loaded.items()} == {1: "SHA256", 2: "MD5", 3: "MD5", 4: "SHA1"}
    assert loaded[1].secret == bytes.fromhex("00112233445566778899aabbccddeeff")
    assert loaded[2].secret == loaded[3].secret == b"secret"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1", "expected ID TYPE KEY"),
        ("1 SHA256 a b", "expected ID TYPE KEY"),
        ("x SHA256 topsecret", "the ID is no number"),
        ("0 SHA256 topsecret", "the ID is no number"),
        ("1 ROT13 topsecret", "no such type of key"),
        ("1 SHA256 HEX:topsecret", "not hexadecimal"),
        ("1 AES128 ASCII:topsecret", "has 16 bytes"),
    ],
)
def test_a_line_that_is_none_is_said_without_its_secret(tmp_path: Path, line: str, said: str) -> None:
    """With the file and the number of the line."""
    (tmp_path / "keys").write_text(f"# one\n{line}\n")

    with pytest.raises(KeyFileError, match=said) as wrong:
        keys.load(tmp_path / "keys")

    assert f"{tmp_path / 'keys'}: line 2: " in str(wrong.value)
    assert "topsecret" not in str(wrong.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """In one line."""
    with pytest.raises(KeyFileError, match="No such file"):
        keys.load(tmp_path / "keys")


def test_the_code_is_the_hash_over_key_and_packet() -> None:
    """After the key's number; cut to 20 bytes, but for version 3, by which chronyd asks with such a key."""
    key, version_3 = Key(7, "SHA256", b"secret"), b"\x1b" + PACKET[1:]

    assert key.sign(PACKET) == PACKET + b"\0\0\0\7" + hashlib.sha256(b"secret" + PACKET).digest()[:20]
    assert key.sign(version_3) == version_3 + b"\0\0\0\7" + hashlib.sha256(b"secret" + version_3).digest()
    assert keys.id_of(key.sign(version_3)) == 7


def test_a_secret_is_never_shown() -> None:
    """In no log and no traceback."""
    assert "secret" not in repr(Key(7, "SHA256", b"secret")).replace("secret=", "")


@given(st.binary(min_size=48, max_size=80))
def test_what_was_not_signed_is_not_taken(data: bytes) -> None:
    """Whatever the code is."""
    assert not Key(7, "SHA256", b"secret").has_signed(data)


@given(st.binary(min_size=48, max_size=48), st.integers(0, 71), st.integers(1, 255))
def test_one_wrong_byte_is_noticed(packet: bytes, at: int, by: int) -> None:
    """Of the packet, of the key's number, of the code."""
    key = Key(7, "SHA256", b"secret")
    signed = bytearray(key.sign(packet))

    assert key.has_signed(bytes(signed))
    signed[at] ^= by
    assert not key.has_signed(bytes(signed))


def test_a_packet_says_by_which_key_it_is_signed() -> None:
    """If it is."""
    assert keys.id_of(Key(7, "MD5", b"x").sign(PACKET)) == 7
    assert keys.id_of(PACKET) is None
    assert keys.id_of(PACKET + bytes(100)) is None
