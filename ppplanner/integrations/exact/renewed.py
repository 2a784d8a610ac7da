"""A renewed pair of tokens, sealed on this machine's disk until the database has it.

With Exact's answer the pair before is dead. Whoever is killed between that answer and the commit,
or finds the database busy for long, would lose the login, and a person would have to log in again.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from flask import current_app

from .oauth import TokenSet
from .vault import seal, unseal

log = logging.getLogger(__name__)


def put_by(connection_id: int, replaced: TokenSet, renewed: TokenSet) -> bool:
    """Whether the pair is on the disk now. A folder that cannot be written stops nobody."""
    facts = {
        "replaces": _digest(replaced),
        "access_token": renewed.access_token,
        "refresh_token": renewed.refresh_token,
        "obtained_at": renewed.obtained_at.isoformat(),
        "expires_at": renewed.expires_at.isoformat(),
    }
    try:
        _write(_file(connection_id), seal(json.dumps(facts)))
    except OSError as error:
        log.warning("a renewed login with Exact cannot be put by: %s", error)
        return False
    return True


def put_by_for(connection_id: int, stored: TokenSet) -> TokenSet | None:
    """The pair that has taken the place of the stored one, if this machine knows it."""
    try:
        facts = json.loads(unseal(_file(connection_id).read_text()))
        if facts["replaces"] != _digest(stored):
            return None
        return TokenSet(
            facts["access_token"],
            facts["refresh_token"],
            datetime.fromisoformat(facts["obtained_at"]),
            datetime.fromisoformat(facts["expires_at"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None  # there is none, or it cannot be read


def forget(connection_id: int) -> None:
    """The database has it, or somebody has logged in or out since."""
    try:
        _file(connection_id).unlink(missing_ok=True)
    except OSError as error:
        log.warning("a login with Exact that was put by cannot be removed: %s", error)


def _file(connection_id: int) -> Path:
    folder: Path = current_app.config["PPPLANNER"].instance
    return folder / f"exact-login-{connection_id}.sealed"


def _digest(tokens: TokenSet) -> str:
    return sha256(tokens.refresh_token.encode()).hexdigest()


def _write(path: Path, text: str) -> None:
    """All of it or nothing, for its owner only."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.replace(draft, path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
