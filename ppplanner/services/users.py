"""Users and roles: passwords, logging in, rights."""

from __future__ import annotations

from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import select

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import LANGUAGES, _
from ppplanner.models import Role, User

SHORTEST_PASSWORD = 10
_hasher = PasswordHasher()
#: Compared with when there is no such user, so that the answer takes as long.
_NOBODY = _hasher.hash("nobody")


def authenticate(username: str, password: str) -> User | None:
    """The active user with that name and password, or None. Takes equally long in all cases."""
    user = db.session.scalar(select(User).filter_by(username=username.strip().lower()))
    if (
        not _fits(user.password_hash if user else _NOBODY, password)
        or user is None
        or not user.active
    ):
        return None
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    return user


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


def save_user(
    *,
    username: str,
    name: str,
    roles: Iterable[Role],
    email: str = "",
    language: str = "nl",
    active: bool = True,
    password: str = "",
    user: User | None = None,
) -> User:
    """Make a user, or change the one given (whose user name stays). Raises Invalid."""
    faults: dict[str, object] = {}
    if not name.strip():
        faults["name"] = _("Fill in a name.")
    if user is None:
        user = User(username=username.strip().lower())
        if not user.username:
            faults["username"] = _(
                "Fill in a user name, the e-mail address for example."
            )
        elif db.session.scalar(select(User).filter_by(username=user.username)):
            faults["username"] = _("Somebody else has this user name.")
    if (password or not user.password_hash) and len(password) < SHORTEST_PASSWORD:
        faults["password"] = _(
            "A password has at least %(count)s characters.", count=SHORTEST_PASSWORD
        )
    if faults:
        raise Invalid(**faults)
    user.name, user.email, user.active = name.strip(), email.strip(), active
    user.language = language if language in LANGUAGES else "en"
    user.roles = list(roles)
    if password:
        set_password(user, password)
    db.session.add(user)
    db.session.flush()
    _refuse_lock_out()
    return user


def set_password(user: User, password: str) -> None:
    """Give a user a new password; sessions with the old one end. The caller has checked its length."""
    user.password_hash = _hasher.hash(password)
    user.session_version = (user.session_version or 0) + 1


def save_role(
    *, name: str, permissions: Iterable[str], role: Role | None = None
) -> Role:
    """Make a role, or change the one given. Raises Invalid."""
    name = name.strip()
    if not name:
        raise Invalid(name=_("Fill in a name."))
    role = role or Role()
    with db.session.no_autoflush:
        other = db.session.scalar(select(Role).filter_by(name=name))
    if other is not None and other is not role:
        raise Invalid(name=_("Another role has this name."))
    role.name, role.permissions = name, sorted(set(permissions))
    db.session.add(role)
    db.session.flush()
    _refuse_lock_out()
    return role


def _refuse_lock_out() -> None:
    """Somebody must stay able to mend rights."""
    users = db.session.scalars(select(User).filter_by(active=True))
    if not any("users.edit" in user.permissions for user in users):
        raise DomainError(_("Nobody would be left who can maintain users and roles."))
