"""Users and roles: logging in, passwords, and that somebody can always mend rights."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy.exc import IntegrityError

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import Role, RoleGrant, User
from ppplanner.services.firm import users
from ppplanner.services.firm.users import (
    Grant,
    authenticate,
    grants_of,
    save_role,
    save_user,
    set_password,
)
from tests.factories import PASSWORD, make_pool, make_role, make_unit, make_user
from tests.parallel import at_once


@pytest.fixture
def admin(app: Flask) -> User:
    return make_user(username="admin", permissions=["users.edit"])


def new_user(**changes: Any) -> User:
    values: dict[str, Any] = {"username": "mia", "name": "Mia", "grants": [], "password": PASSWORD}
    return save_user(**(values | changes))


def faults(**changes: Any) -> set[str]:
    with pytest.raises(Invalid) as caught:
        new_user(**changes)
    return set(caught.value.fields)


def test_the_right_name_and_password_let_somebody_in(admin: User) -> None:
    assert authenticate("admin", PASSWORD) is admin
    assert authenticate(" ADMIN ", PASSWORD) is admin


@pytest.mark.parametrize(
    ("username", "password"),
    [("admin", "wrong"), ("admin", ""), ("nobody", PASSWORD), ("", ""), ("nobody", "nobody")],
)
def test_a_wrong_name_or_password_does_not(admin: User, username: str, password: str) -> None:
    assert authenticate(username, password) is None


def test_somebody_who_was_stopped_is_not_let_in(admin: User) -> None:
    admin.active = False
    assert authenticate("admin", PASSWORD) is None


def test_a_password_is_kept_as_an_argon2_hash(admin: User) -> None:
    assert admin.password_hash.startswith("$argon2id$")
    assert PASSWORD not in admin.password_hash


def test_an_unknown_name_costs_as_much_as_a_wrong_password(
    admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: Any, password: Any) -> Any:
            verified.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(users, "_hasher", Counting(time_cost=1, memory_cost=8, parallelism=1))
    authenticate("nobody", "wrong")
    authenticate("admin", "wrong")
    assert len(verified) == 2


def test_an_older_hash_is_renewed_at_the_next_login(
    admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = admin.password_hash
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(users, "_hasher", stronger)
    assert authenticate("admin", PASSWORD) is admin
    assert admin.password_hash != before
    assert not stronger.check_needs_rehash(admin.password_hash)


def test_a_new_password_ends_the_sessions_with_the_old_one(admin: User) -> None:
    before = admin.get_id()
    set_password(admin, "another long password")
    db.session.flush()
    assert admin.get_id() != before


def test_user_names_are_kept_small_and_used_once(admin: User) -> None:
    assert new_user(username=" Mia@Example.COM ").username == "mia@example.com"
    assert faults(username="MIA@example.com") == {"username"}


def test_each_mistake_is_named_at_its_field(admin: User) -> None:
    assert faults(name=" ", username="", password="short") == {"name", "username", "password"}
    for password in ("", " " * 12, "  short     "):
        assert faults(password=password) == {"password"}


def test_a_user_name_stays_and_an_empty_password_keeps_the_old_one(admin: User) -> None:
    user = new_user()
    saved = save_user(username="other", name="Mia B.", grants=[], user=user)
    assert (saved.username, saved.name) == ("mia", "Mia B.")
    assert authenticate("mia", PASSWORD) is user


def test_a_language_that_is_not_there_becomes_english(admin: User) -> None:
    assert new_user(language="xx").language == "en"


def test_rights_add_up_from_all_roles(app: Flask) -> None:
    roles = [make_role(["customers.view"]), make_role(["customers.view", "invoices.view"])]
    assert make_user(roles=roles).permissions == {"customers.view", "invoices.view"}


def test_a_role_has_a_name_of_its_own(admin: User) -> None:
    role = save_role(name=" Planner ", permissions=["b.view", "a.view", "b.view"])
    assert (role.name, role.permissions) == ("Planner", ["a.view", "b.view"])
    for name in ("", "Planner"):
        with pytest.raises(Invalid, match="name"):
            save_role(name=name, permissions=[])
    assert save_role(name="Planner", permissions=[], role=role).permissions == []


def test_the_last_who_can_mend_rights_cannot_be_stopped(admin: User) -> None:
    db.session.commit()
    with pytest.raises(DomainError):
        save_user(username="", name="A", grants=grants_of(admin), active=False, user=admin)
    db.session.rollback()
    with pytest.raises(DomainError):
        save_user(username="", name="A", grants=[], user=admin)
    db.session.rollback()
    with pytest.raises(DomainError):
        save_role(name="Admin", permissions=[], role=admin.roles[0])


def test_two_who_stop_each_other_at_once_do_not_both_succeed(app: Flask) -> None:
    role_id = make_role(["users.edit"]).id
    role = db.session.get_one(Role, role_id)
    ids = [make_user(roles=[role]).id for _ in range(2)]

    def stop(user_id: int) -> None:
        user = db.session.get_one(User, user_id)
        save_user(username="", name="X", grants=grants_of(user), active=False, user=user)

    results = at_once(app, [partial(stop, user_id) for user_id in ids])
    assert sorted(type(result).__name__ for result in results) == ["DomainError", "NoneType"]


# ---- Roles in places ----


def test_a_role_can_be_given_in_several_places_at_once(admin: User) -> None:
    role, unit = make_role(["contracts.view"], name="Planner"), make_unit(name="Gent")
    group, pool = unit.company.group, make_pool(unit, "Vans")
    user = new_user(grants=[Grant(role, group=group), Grant(role, pool=pool), Grant(role, group)])
    assert [str(grant) for grant in user.grants] == [
        f"Planner ({group.name})",
        "Planner (Gent · Vans)",
    ]
    assert user.permissions == frozenset()
    assert user.roles == [role]


def test_grants_that_stay_keep_their_row(admin: User) -> None:
    role, other = make_role([]), make_role([])
    user = new_user(grants=[Grant(role), Grant(other)])
    kept = user.grants[0].id
    save_user(username="", name="Mia", grants=[Grant(role)], user=user)
    assert [grant.id for grant in user.grants] == [kept]


def test_the_right_to_mend_rights_in_a_pool_is_not_enough_to_be_the_last(admin: User) -> None:
    role, pool = admin.roles[0], make_unit().pools[0]
    db.session.commit()
    with pytest.raises(DomainError):
        save_user(username="", name="A", grants=[Grant(role, pool=pool)], user=admin)


def test_somebody_who_loses_a_business_unit_looks_at_all_again(admin: User) -> None:
    role, unit = make_role(["contracts.view"]), make_unit()
    user = new_user(grants=[Grant(role, pool=unit.pools[0])])
    for grants, left in (
        ([Grant(role, group=unit.company.group)], unit.id),
        ([Grant(role)], unit.id),
        ([Grant(role, pool=make_unit().pools[0])], None),
    ):
        user.business_unit_id = unit.id
        save_user(username="", name="Mia", grants=grants, user=user)
        assert user.business_unit_id == left


def test_the_database_keeps_a_grant_to_one_place_and_gives_it_once(admin: User) -> None:
    role, unit = make_role([]), make_unit()
    group_id, pool_id = unit.company.group_id, unit.pools[0].id
    user_id, role_id = new_user(grants=[Grant(role)]).id, role.id
    db.session.commit()
    for place in ({}, {"group_id": group_id, "pool_id": pool_id}):
        db.session.add(RoleGrant(user_id=user_id, role_id=role_id, **place))
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()
