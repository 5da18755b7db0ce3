"""The C library's bcrypt is the same as everybody's."""

from __future__ import annotations

import bcrypt as reference
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter import bcrypt

PASSWORDS = st.binary(min_size=1, max_size=72).filter(lambda password: b"\0" not in password)


@settings(max_examples=20, deadline=None)
@given(PASSWORDS, st.sampled_from([b"2a", b"2b"]))
def test_a_password_matches_its_hash_and_no_other(password: bytes, prefix: bytes) -> None:
    """As the package bcrypt has made it."""
    hashed = reference.hashpw(password, reference.gensalt(4, prefix))
    wrong = bytes([password[0] ^ 1 or 2]) + password[1:]

    assert bcrypt.HASH.fullmatch(hashed.decode())
    assert bcrypt.matches(password, hashed)
    assert not bcrypt.matches(wrong, hashed)


@pytest.mark.parametrize("hashed", [b"", b"x", b"$2b$05$", b"$1$salt$abc", b"*0", b"$2b$05$" + b"!" * 53])
def test_what_is_no_hash_matches_nothing(hashed: bytes) -> None:
    """Not even what crypt(3) itself makes of it, which may be the same text."""
    assert not bcrypt.matches(b"x", hashed)


def test_a_password_does_not_end_at_a_zero() -> None:
    """As it would in C."""
    hashed = reference.hashpw(b"secret", reference.gensalt(4))

    assert not bcrypt.matches(b"secret\0more", hashed)


def test_this_system_has_it() -> None:
    """By its own first test."""
    assert bcrypt.available()
