"""What every page can use, and who acts during a request."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, g, request, url_for
from flask_login import current_user
from jinja2 import StrictUndefined
from markupsafe import Markup
from sqlalchemy.orm import joinedload

from ppplanner.addons.registry import registry
from ppplanner.blueprints import markup
from ppplanner.blueprints.costs import costs, costs_here
from ppplanner.blueprints.scope import switchable_units
from ppplanner.blueprints.work.sources import running_work
from ppplanner.extensions import db, login
from ppplanner.history import Actor, acting
from ppplanner.i18n import LANGUAGES, _l
from ppplanner.locales import language
from ppplanner.models import RoleGrant, User
from ppplanner.navigation import navigation
from ppplanner.permissions import allowed, allowed_generally

#: What every page asks of its person, in one query with the person.
RIGHTS = joinedload(User.grants).joinedload(RoleGrant.role)


def init_app(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=_Assets(app),
        allowed=allowed,
        allowed_generally=allowed_generally,
        slot=slot,
        navigation=navigation,
        switchable_units=switchable_units,
        running_work=running_work,
        costs=costs,
        costs_here=costs_here,
        current_language=language,
        LANGUAGES=LANGUAGES,
    )
    markup.register(app)
    app.before_request(_note_actor)
    app.teardown_request(_forget_actor)
    login.login_view = "auth.login"
    login.login_message = _l("Please log in.")
    login.user_loader(_load_user)


def slot(name: str, **context: Any) -> Markup:
    return registry().slot(name, **context)


def _load_user(key: str) -> User | None:
    """The user of a session; None when the password has changed since, or the user was stopped."""
    user_id, _dot, version = key.partition(".")
    user = db.session.get(User, int(user_id), options=[RIGHTS]) if user_id.isdigit() else None
    return user if user and user.active and str(user.session_version) == version else None


def _note_actor() -> None:
    if request.endpoint == "static" or not current_user.is_authenticated:
        return
    g.acting = acting(Actor(current_user.name, current_user.id))
    g.acting.__enter__()


def _forget_actor(_error: BaseException | None) -> None:
    if context := g.pop("acting", None):
        context.__exit__(None, None, None)


class _Assets:
    """The address of a style sheet, script or icon file; it changes with the file's content."""

    def __init__(self, app: Flask) -> None:
        self._folder = Path(str(app.static_folder))
        self._find = cache(self._look_up)

    def __call__(self, name: str) -> str:
        filename, version = self._find(name)
        return url_for("static", filename=filename, v=version)

    def _look_up(self, name: str) -> tuple[str, str | None]:
        """Vendored files carry their version in the name, our own get it as a parameter."""
        manifest = self._folder / "vendor" / "manifest.json"
        vendored = json.loads(manifest.read_text()) if manifest.is_file() else {}
        if name in vendored:
            return f"vendor/{vendored[name]}", None
        path = self._folder / name
        return name, sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else None
