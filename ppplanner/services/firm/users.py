"""Users and roles: passwords, logging in, rights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import LANGUAGES, _
from ppplanner.models import BusinessUnit, Company, CompanyGroup, Pool, Role, RoleGrant, User
from ppplanner.services.doubles import refuse_double
from ppplanner.services.locking import take_turn

SHORTEST_PASSWORD = 10
ADMINISTRATOR = "Administrator"
_hasher = PasswordHasher()


@dataclass(frozen=True)
class Grant:
    """A role for a user, and where: in `group`, in `pool`, or generally."""

    role: Role
    group: CompanyGroup | None = None
    pool: Pool | None = None


def authenticate(username: str, password: str) -> User | None:
    """The active user with that name and password, or None. Takes equally long in all cases."""
    user = db.session.scalar(select(User).filter_by(username=username.strip().lower()))
    if (
        not _fits(user.password_hash if user else _hash_of_nobody(), password)
        or user is None
        or not user.active
    ):
        return None
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    return user


@cache
def _hash_of_nobody() -> str:
    """Compared with when there is no such user, so that the answer takes as long."""
    return _hasher.hash("nobody")


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


def save_user(
    *,
    username: str,
    name: str,
    grants: Iterable[Grant],
    email: str = "",
    language: str = "nl",
    active: bool = True,
    password: str = "",
    user: User | None = None,
) -> User:
    """Make a user, or change the one given (whose user name stays). The caller commits.

    Raises Invalid, and DomainError when nobody would be left who can mend rights.
    """
    user = user or User(username=username.strip().lower())
    _check(user, name.strip(), password)
    user.name, user.email, user.active = name.strip(), email.strip(), active
    user.language = language if language in LANGUAGES else "en"
    _grant(user, grants)
    if password:
        set_password(user, password)
    db.session.add(user)
    db.session.flush()
    _leave_unreachable_unit(user)
    _refuse_lock_out()
    return user


def _grant(user: User, grants: Iterable[Grant]) -> None:
    """Give a user these roles instead of the present ones; what stays keeps its row."""
    present = dict(zip(grants_of(user), user.grants, strict=True))
    wanted = list(dict.fromkeys(grants))
    if set(wanted) != set(present):
        user.grants = [
            present.get(each) or RoleGrant(role=each.role, group=each.group, pool=each.pool)
            for each in wanted
        ]


def grants_of(user: User) -> list[Grant]:
    return [Grant(each.role, each.group, each.pool) for each in user.grants]


def _leave_unreachable_unit(user: User) -> None:
    """Show all business units when the one chosen in the top bar is in none of the places left."""
    if user.business_unit_id is None or any(grant.general for grant in user.grants):
        return
    groups = [grant.group_id for grant in user.grants if grant.group_id]
    pools = [grant.pool_id for grant in user.grants if grant.pool_id]
    query = (
        select(BusinessUnit.id)
        .join(BusinessUnit.company)
        .outerjoin(BusinessUnit.pools)
        .where(BusinessUnit.id == user.business_unit_id)
        .where(Company.group_id.in_(groups) | Pool.id.in_(pools))
    )
    if db.session.scalars(query).first() is None:
        user.business_unit_id = None


def _check(user: User, name: str, password: str) -> None:
    faults: dict[str, object] = {}
    if not name:
        faults["name"] = _("Fill in a name.")
    if not user.username:
        faults["username"] = _("Fill in a user name, the e-mail address for example.")
    if (password or not user.password_hash) and too_short(password):
        faults["password"] = _(
            "A password has at least %(count)s characters.", count=SHORTEST_PASSWORD
        )
    if faults:
        raise Invalid(**faults)
    refuse_double(user, "username", user.username)


def too_short(password: str) -> bool:
    """Whether it is too easily guessed; spaces around it do not make it longer."""
    return len(password.strip()) < SHORTEST_PASSWORD


def set_password(user: User, password: str) -> None:
    """Give a user a new password, long enough; sessions with the old one end."""
    user.password_hash = _hasher.hash(password)
    user.session_version = (user.session_version or 0) + 1


def make_administrator(username: str, password: str, permissions: Iterable[str]) -> User:
    """Let somebody in with these rights, in the role "Administrator": the first user, or one who
    cannot log in any more. The caller commits. Raises Invalid.
    """
    role = db.session.scalar(select(Role).filter_by(name=ADMINISTRATOR))
    role = role or Role(name=ADMINISTRATOR)
    role.permissions = sorted({*(role.permissions or ()), *permissions})
    db.session.add(role)
    db.session.flush()
    user = db.session.scalar(select(User).filter_by(username=username.strip().lower()))
    return save_user(
        username=username,
        name=user.name if user else username,
        email=user.email if user else "",
        language=user.language if user else "en",
        grants=[Grant(role), *(grants_of(user) if user else ())],
        password=password,
        user=user,
    )


def save_role(*, name: str, permissions: Iterable[str], role: Role | None = None) -> Role:
    """Make a role, or change the one given. Raises Invalid."""
    role, name = role or Role(), name.strip()
    if not name:
        raise Invalid(name=_("Fill in a name."))
    refuse_double(role, "name", name)
    role.name, role.permissions = name, sorted(set(permissions))
    db.session.add(role)
    db.session.flush()
    _refuse_lock_out()
    return role


def _refuse_lock_out() -> None:
    """Somebody must stay able to mend rights everywhere, also when two people take them at the same
    moment.
    """
    take_turn("rights")
    query = select(User).filter_by(active=True).options(selectinload(User.grants))
    users = db.session.scalars(query.execution_options(populate_existing=True))
    if not any("users.edit" in user.permissions for user in users):
        raise DomainError(_("Nobody would be left who can maintain users and roles."))
