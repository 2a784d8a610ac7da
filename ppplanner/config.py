"""Deployment settings, read once from the environment. README.md holds the table of them.

Everything has a default that suits one machine: a database, a queue and secrets of its own in
`instance/`. In production (`PPP_ENV=production`) nothing secret may be a default.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from cryptography.fernet import Fernet
from flask.cli import NoAppException

from ppplanner.mailing.server import MailServer, socket_url

ROOT = Path(__file__).resolve().parent.parent

DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
QUEUES = ("redis://", "rediss://", "unix://")


class BadConfig(NoAppException):
    """The application cannot start like this; the text says what to set. As a `NoAppException` the
    `flask` command shows it without a traceback.
    """


@dataclass(frozen=True)
class Config:
    """One installation. Unknown names in the environment are ignored, wrong values refused."""

    instance: Path
    database_url: str
    redis_url: str
    #: The socket of the queue server that `./ppp run` starts, unless REDIS_URL names another.
    own_queue: Path | None
    #: Where mails are handed in; None only in production, where they wait until there is one.
    mail_server: MailServer | None
    #: Where the mails lie that nobody gets: they are caught when MAIL_URL names no server.
    caught_mails: Path | None
    secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    addons: tuple[str, ...]
    production: bool
    trusted_proxies: int
    environ: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Config:
        env = dict(os.environ if environ is None else environ)
        production = _choice(env, "PPP_ENV", ("local", "production")) == "production"
        instance = Path(env.get("INSTANCE_PATH") or ROOT / "instance").resolve()
        own = {} if production else _own_secrets(instance)
        catches = not production and not env.get("MAIL_URL")
        return cls(
            instance=instance,
            database_url=_database_url(env, instance),
            redis_url=_redis_url(env, instance),
            own_queue=None if env.get("REDIS_URL") else queue_socket(instance),
            mail_server=_mail_server(env, socket_url(mail_socket(instance)) if catches else ""),
            caught_mails=instance / "mails" if catches else None,
            secret_key=_secret(env, "SECRET_KEY", own),
            encryption_keys=_encryption_keys(env, own),
            addons=_names(env.get("ADDONS", "exact")),
            production=production,
            trusted_proxies=_number(env, "TRUSTED_PROXIES", 0),
            environ=env,
        )

    def flask_settings(self) -> dict[str, object]:
        return {
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            # Errors that are logged show the query, never the values: people's data, secrets.
            "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": self.production,
            "REMEMBER_COOKIE_HTTPONLY": True,
            "REMEMBER_COOKIE_SAMESITE": "Lax",
            "REMEMBER_COOKIE_SECURE": self.production,
            "MAX_CONTENT_LENGTH": 10 * 1024 * 1024,
            "WTF_CSRF_TIME_LIMIT": None,
            "RATELIMIT_STORAGE_URI": _limits_url(self.redis_url),
            "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
            "BABEL_DEFAULT_LOCALE": "en_GB",
            "BABEL_DEFAULT_TIMEZONE": "Europe/Brussels",
        }


def _database_url(env: Mapping[str, str], instance: Path) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{instance / 'ppplanner.db'}"
    if not url.startswith(DATABASES):
        raise BadConfig(f"DATABASE_URL must begin with one of {', '.join(DATABASES)}.")
    return url


def _redis_url(env: Mapping[str, str], instance: Path) -> str:
    url = env.get("REDIS_URL") or f"unix://{quote(str(queue_socket(instance)))}"
    if not url.startswith(QUEUES):
        raise BadConfig(f"REDIS_URL must begin with one of {', '.join(QUEUES)}.")
    return url


def _mail_server(env: Mapping[str, str], default: str) -> MailServer | None:
    url = env.get("MAIL_URL") or default
    try:
        return MailServer.at(url) if url else None
    except ValueError as error:
        raise BadConfig(str(error)) from error


def _limits_url(redis_url: str) -> str:
    """The queue's server as Flask-Limiter names it: tries to log in are counted there."""
    return redis_url.replace("unix://", "redis+unix://", 1)


def queue_socket(instance: Path) -> Path:
    """Where the embedded queue server listens."""
    return _socket(instance, "queue.sock")


def mail_socket(instance: Path) -> Path:
    """Where mails are caught."""
    return _socket(instance, "mail.sock")


def _socket(instance: Path, name: str) -> Path:
    """Where a server on this machine listens: in `instance`, unless that path will not do.

    The system allows the path of a socket about 100 bytes, and the client cannot read what the
    server says of itself when there is a space or an equals sign in it.
    """
    inside = instance / name
    if re.fullmatch(rb"[^\s=]{1,100}", os.fsencode(inside)):
        return inside
    digest = hashlib.sha256(os.fsencode(instance)).hexdigest()[:16]
    return Path(f"/tmp/ppplanner-{os.getuid()}-{digest}") / name


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _choice(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = env.get(name) or choices[0]
    if value not in choices:
        raise BadConfig(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    try:
        number = int(env.get(name) or default)
    except ValueError as error:
        raise BadConfig(f"{name} must be a whole number.") from error
    if number < 0:
        raise BadConfig(f"{name} must not be below zero.")
    return number


def _secret(env: Mapping[str, str], name: str, own: Mapping[str, str]) -> str:
    value = env.get(name) or own.get(name, "")
    if len(value) < 32:
        raise BadConfig(
            f"Set {name} to a secret of at least 32 characters: `./ppp secret` makes one."
        )
    return value


def _encryption_keys(env: Mapping[str, str], own: Mapping[str, str]) -> tuple[str, ...]:
    """What is kept secret is written with the first key and can be read with any of them."""
    keys = _names(_secret(env, "ENCRYPTION_KEY", own))
    try:
        for key in keys:
            Fernet(key)
    except ValueError as error:
        raise BadConfig(
            "ENCRYPTION_KEY must be a key that `./ppp secret` makes, or several, with commas."
        ) from error
    return keys


def new_secret() -> str:
    """A random secret, fit for SECRET_KEY and for ENCRYPTION_KEY (a Fernet key)."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _own_secrets(instance: Path) -> dict[str, str]:
    """The secrets of a local installation: made on the first start, readable by its owner only."""
    path = instance / "secrets.json"
    try:
        if not path.exists():
            instance.mkdir(parents=True, exist_ok=True)
            made = {"SECRET_KEY": new_secret(), "ENCRYPTION_KEY": new_secret()}
            _write_once(path, json.dumps(made))
        return _read_secrets(path)
    except OSError as error:
        raise BadConfig(
            f"The folder {instance} cannot be used: {error.strerror}. Set INSTANCE_PATH to another."
        ) from error


def _read_secrets(path: Path) -> dict[str, str]:
    try:
        secrets_there = json.loads(path.read_text())
    except ValueError:
        secrets_there = None
    if not isinstance(secrets_there, dict):
        raise BadConfig(
            f"{path} is damaged. Restore it from a backup; without it, what is kept encrypted"
            " cannot be read, and has to be entered again."
        )
    return secrets_there


def _write_once(path: Path, text: str) -> None:
    """Write `path` whole, or leave the one that another process has just made."""
    handle, name = tempfile.mkstemp(dir=path.parent)  # for its owner only
    draft = Path(name)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
