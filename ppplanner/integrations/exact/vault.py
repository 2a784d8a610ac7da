"""Encrypts what Exact trusts us with. The keys lie outside the database (ENCRYPTION_KEY).

The first key writes, all of them read. What none of them reads, since a key was lost or is another
one than on the machine that wrote it, comes back as UNREADABLE: pages and commands go on, and say
so where it is needed.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

#: Instead of a secret that no key of ours opens; nothing that Exact gives us is empty.
UNREADABLE = ""


def seal(text: str) -> str:
    """Raises ValueError for what could not be read: it would take the place of the secret."""
    if text == UNREADABLE:
        raise ValueError("an empty secret is never kept")
    return _cipher(_keys()).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text, or UNREADABLE."""
    try:
        return _cipher(_keys()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return UNREADABLE


def is_sealed_with_first_key(sealed: str) -> bool:
    try:
        _cipher(_keys()[:1]).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def _keys() -> tuple[str, ...]:
    return tuple(current_app.config["PPPLANNER"].encryption_keys)


@cache
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


class Sealed(TypeDecorator[str]):
    """A text that is readable in the application only: in the database it is encrypted."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else seal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else unseal(value)
