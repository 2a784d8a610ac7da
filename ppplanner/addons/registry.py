"""Finds the add-ons named in the configuration, checks them, and answers for them."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from importlib import import_module
from typing import Any, cast

from flask import Flask, current_app, has_app_context
from markupsafe import Markup

from ppplanner.addons.manifest import (
    AddOn,
    BulkAction,
    Companion,
    ContractMarks,
    ListColumn,
    ListFilter,
    Mark,
    Running,
    RunningWork,
    Schedule,
    SettingsPanel,
)
from ppplanner.addons.points import LISTS, SLOTS
from ppplanner.extensions import db
from ppplanner.models import BusinessUnit
from ppplanner.permissions import CORE_PERMISSIONS, Level, Permission, allowed

log = logging.getLogger(__name__)


class BadAddOn(RuntimeError):
    """An add-on names something that does not exist: found when the application starts."""


class Registry:
    """The add-ons of one application, in the order of the configuration."""

    def __init__(self, addons: Sequence[AddOn] = ()) -> None:
        self.addons: dict[str, AddOn] = {}
        for addon in addons:
            _check(addon, self.addons)
            self.addons[addon.name] = addon

    def slot(self, name: str, **context: Any) -> Markup:
        """Render what the add-ons show at `name`; a broken add-on never breaks the page."""
        if name not in SLOTS:
            raise BadAddOn(f"there is no slot {name!r} in points.py")
        return Markup("").join(self._render(addon, name, context) for addon in self.addons.values())

    def _render(self, addon: AddOn, name: str, context: dict[str, Any]) -> Markup:
        shown = addon.slots.get(name)
        if shown is None or not allowed(shown.permission):
            return Markup("")
        try:
            return Markup(shown.render(**context))  # noqa: S704 - add-ons render templates
        except Exception:
            if current_app.testing or current_app.debug:
                raise
            log.exception("add-on %s failed in slot %s", addon.name, name)
            return Markup("")

    def bulk_actions(self, list_name: str) -> list[BulkAction]:
        return [
            action
            for addon in self.addons.values()
            for action in addon.bulk_actions
            if action.list == list_name and allowed(action.permission) and action.offered()
        ]

    def list_columns(self, list_name: str) -> list[ListColumn]:
        return [
            column
            for addon in self.addons.values()
            for column in addon.list_columns
            if column.list == list_name and allowed(column.permission) and column.offered()
        ]

    def list_filters(self, list_name: str) -> list[ListFilter]:
        return [
            each
            for addon in self.addons.values()
            for each in addon.list_filters
            if each.list == list_name and allowed(each.permission) and each.offered()
        ]

    def why_not_by_hand(self, list_name: str, unit: BusinessUnit | None) -> str:
        """Why nobody adds records of this list by hand, in a business unit or anywhere; "" when
        people may.
        """
        reasons = (
            each.why(unit)
            for addon in self.addons.values()
            for each in addon.elsewhere
            if each.list == list_name
        )
        return next(filter(None, reasons), "")

    def contract_marks(self, contract_ids: Sequence[int]) -> dict[int, list[Mark]]:
        """The add-ons' marks on contracts; a broken add-on leaves its own out."""
        found: defaultdict[int, list[Mark]] = defaultdict(list)
        for addon in self.addons.values():
            for marks in addon.contract_marks:
                for key, some in self._load(addon, marks, contract_ids).items():
                    found[key].extend(some)
        return dict(found)

    def _load(
        self, addon: AddOn, marks: ContractMarks, contract_ids: Sequence[int]
    ) -> Mapping[int, Sequence[Mark]]:
        if not contract_ids or not allowed(marks.permission):
            return {}
        try:
            with db.session.begin_nested():  # a query that fails must not take the page's along
                return marks.load(contract_ids)
        except Exception:
            if current_app.testing or current_app.debug:
                raise
            log.exception("add-on %s failed to mark contracts", addon.name)
            return {}

    def running_work(self) -> list[Running]:
        """What goes on for the person at the screen; a broken add-on leaves its own out."""
        return [
            each
            for addon in self.addons.values()
            for work in addon.running_work
            for each in self._find(addon, work)
        ]

    def _find(self, addon: AddOn, work: RunningWork) -> Sequence[Running]:
        if not allowed(work.permission):
            return ()
        try:
            with db.session.begin_nested():
                return work.find()
        except Exception:
            if current_app.testing or current_app.debug:
                raise
            log.exception("add-on %s failed to tell what is running", addon.name)
            return ()

    def settings_panels(self) -> list[SettingsPanel]:
        return [
            panel
            for addon in self.addons.values()
            for panel in addon.settings_panels
            if allowed(panel.permission)
        ]

    def permissions(self) -> list[Permission]:
        """All rights that a role can give: the core's, then the add-ons'."""
        return [
            *CORE_PERMISSIONS,
            *(right for addon in self.addons.values() for right in addon.permissions),
        ]

    def level(self, permission: str) -> Level:
        """The lowest level on which a right has an effect; the highest for an unknown one."""
        known = (each.level for each in self.permissions() if each.name == permission)
        return next(known, Level.GENERAL)

    def schedules(self) -> Iterator[Schedule]:
        return (schedule for addon in self.addons.values() for schedule in addon.schedules)

    def companions(self) -> Iterator[Companion]:
        return (companion for addon in self.addons.values() for companion in addon.companions)


def registry() -> Registry:
    """The add-ons of the present application."""
    return cast(Registry, current_app.extensions["addons"])


def load(app: Flask, names: Sequence[str]) -> Registry:
    """Bind the add-ons called `names` to the application: short names are those that
    come with ppplanner, dotted ones are modules of other packages that hold an `addon`.
    """
    loaded = Registry([_find(name) for name in names])
    app.extensions["addons"] = loaded
    for addon in loaded.addons.values():
        _bind(app, loaded, addon)
    return loaded


def _find(name: str) -> AddOn:
    module_name = name if "." in name else f"ppplanner.integrations.{name}.addon"
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        raise BadAddOn(f"ADDONS names {name!r}, but there is no module {error.name}") from error
    if not isinstance(getattr(module, "addon", None), AddOn):
        raise BadAddOn(f"ADDONS names {name!r}, but {module_name} holds no `addon`")
    return cast(AddOn, module.addon)


def _bind(app: Flask, loaded: Registry, addon: AddOn) -> None:
    for blueprint in addon.blueprints:
        app.register_blueprint(blueprint)
    for endpoint in _endpoints_of(addon) - app.view_functions.keys():
        raise BadAddOn(f"add-on {addon.name!r} leads to {endpoint!r}, which is no page")
    for command in addon.commands:
        app.cli.add_command(command)
    for signal, receiver in addon.listeners:
        signal.connect(_only_in(loaded, receiver), weak=False)
    if addon.configure:
        addon.configure(app)


def _only_in(loaded: Registry, receiver: Callable[..., object]) -> Callable[..., object]:
    """Signals belong to the process: act only in the application that loaded the add-on."""

    @wraps(receiver)
    def receive(*args: Any, **kwargs: Any) -> object:
        if has_app_context() and current_app.extensions.get("addons") is loaded:
            return receiver(*args, **kwargs)
        return None

    return receive


def _check(addon: AddOn, known: dict[str, AddOn]) -> None:
    def complain(problem: str) -> None:
        raise BadAddOn(f"add-on {addon.name!r} {problem}")

    if addon.name in known:
        complain("is named twice in ADDONS")
    for name in addon.depends:
        if name not in known:
            complain(f"needs add-on {name!r} before it in ADDONS")
    for name in addon.slots:
        if name not in SLOTS:
            complain(f"fills slot {name!r}, which is not in points.py")
    for list_name in _lists_of(addon):
        if list_name not in LISTS:
            complain(f"adds to list {list_name!r}, which is not in points.py")
    for permission in addon.permissions:
        if not permission.name.startswith(f"{addon.name}."):
            complain(f"has a permission {permission.name!r} without its own name in front")


def _endpoints_of(addon: AddOn) -> set[str]:
    return {action.endpoint for action in addon.bulk_actions} | {
        panel.endpoint for panel in addon.settings_panels
    }


def _lists_of(addon: AddOn) -> set[str]:
    kinds = (addon.bulk_actions, addon.list_columns, addon.list_filters, addon.elsewhere)
    return {part.list for parts in kinds for part in parts}
