"""Encrypts what Exact trusts us with. The keys lie outside the database (ENCRYPTION_KEY)."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from flask import current_app
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator


def _keys() -> MultiFernet:
    """The first key encrypts, all of them decrypt: so a key can be replaced in peace."""
    return MultiFernet([Fernet(key) for key in current_app.config["PPPLANNER"].encryption_keys])


class Sealed(TypeDecorator[str]):
    """A text that is readable in the application only: in the database it is encrypted."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else _keys().encrypt(value.encode()).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else _keys().decrypt(value.encode()).decode()
