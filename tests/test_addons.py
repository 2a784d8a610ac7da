"""What every add-on has to pass, what the example shows, and what is refused at the start."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select, text

import tests.example_addon as example
from ppplanner import create_app
from ppplanner.addons.manifest import (
    AddOn,
    BulkAction,
    ContractMarks,
    ListColumn,
    RunningWork,
    SettingsPanel,
    Slot,
)
from ppplanner.addons.points import LISTS, SLOTS
from ppplanner.addons.registry import BadAddOn, Registry, load, registry
from ppplanner.blueprints.vocabulary import FIELDS, kind_of
from ppplanner.config import Config
from ppplanner.extensions import db
from ppplanner.models import Base, Customer, User
from ppplanner.models.base import Tracked
from ppplanner.permissions import CORE_PERMISSIONS, Permission, required_permission
from tests.blueprints.pages import HTMX
from tests.conftest import SECRET, Login
from tests.example_addon.models import ExampleNote
from tests.factories import make_contract, make_customer, make_invoice, make_user
from tests.installed import EXAMPLE, INSTALLED
from tests.statements import counted

#: What programs read, which show a token instead of a login.
WITH_TOKENS = ("exact.monitoring",)


class TestEveryAddOn:
    """Run once for each add-on that is installed, alone."""

    @pytest.fixture(params=INSTALLED)
    def addons(self, request: pytest.FixtureRequest) -> tuple[str, ...]:
        return (str(request.param),)

    @pytest.fixture
    def addon(self, app: Flask) -> AddOn:
        [addon] = registry().addons.values()
        return addon

    def test_its_pages_lie_under_its_name(self, app: Flask, addon: AddOn) -> None:
        rules = [rule for rule in app.url_map.iter_rules() if _is_of(addon, rule.endpoint)]
        assert all(blueprint.name == addon.name for blueprint in addon.blueprints)
        assert all(rule.rule.startswith(f"/{addon.name}/") for rule in rules)
        assert bool(rules) == bool(addon.blueprints)

    def test_each_of_its_pages_asks_for_a_right_of_its_own(self, app: Flask, addon: AddOn) -> None:
        own = {permission.name for permission in addon.permissions}
        for endpoint, view in app.view_functions.items():
            if _is_of(addon, endpoint) and endpoint not in (f"{addon.name}.static", *WITH_TOKENS):
                assert required_permission(view) in own, endpoint

    def test_its_rights_carry_its_name_and_are_used(self, app: Flask, addon: AddOn) -> None:
        own = {permission.name for permission in addon.permissions}
        asked = {
            required_permission(view)
            for endpoint, view in app.view_functions.items()
            if _is_of(addon, endpoint) and not endpoint.endswith(".static")
        }
        assert all(name.startswith(f"{addon.name}.") for name in own)
        assert own == (_shown_to(addon) | asked) & own

    def test_what_it_shows_is_for_rights_that_exist(self, app: Flask, addon: AddOn) -> None:
        known = {permission.name for permission in (*CORE_PERMISSIONS, *addon.permissions)}
        assert _shown_to(addon) - {None} <= known

    def test_its_actions_lead_to_pages_that_ask_for_the_same_right(
        self, app: Flask, addon: AddOn
    ) -> None:
        parts: list[Any] = [*addon.bulk_actions, *addon.settings_panels]
        for part in parts:
            assert required_permission(app.view_functions[part.endpoint]) == part.permission

    def test_its_actions_take_a_post_and_its_panels_open(self, app: Flask, addon: AddOn) -> None:
        methods: dict[str, set[str]] = {}
        for rule in app.url_map.iter_rules():
            methods.setdefault(rule.endpoint, set()).update(rule.methods or ())
        assert all("POST" in methods[action.endpoint] for action in addon.bulk_actions)
        assert all("GET" in methods[panel.endpoint] for panel in addon.settings_panels)

    def test_it_plugs_into_places_that_exist(self, addon: AddOn) -> None:
        assert addon.slots.keys() <= SLOTS.keys()
        parts: list[Any] = [*addon.bulk_actions, *addon.list_columns]
        assert {part.list for part in parts} <= LISTS.keys()

    def test_its_tables_carry_its_name_and_the_core_points_at_none(self, addon: AddOn) -> None:
        prefix = f"{addon.name}_"
        own = {name for name in Base.metadata.tables if name.startswith(prefix)}
        for model in (mapper.class_ for mapper in Base.registry.mappers):
            if model.__module__.startswith(f"{addon.package}."):
                assert model.__tablename__.startswith(prefix), model
        for table in Base.metadata.tables.values():
            if table.name not in own:
                referred = {key.column.table.name for key in table.foreign_keys}
                assert not referred & own, table.name

    def test_the_history_has_a_name_for_each_of_its_fields(self, app: Flask, addon: AddOn) -> None:
        models: list[Any] = [mapper.class_ for mapper in Base.registry.mappers]
        named = {*FIELDS, *addon.field_names}
        for model in models:
            if issubclass(model, Tracked) and model.__module__.startswith(f"{addon.package}."):
                assert kind_of(model.__tablename__).title
                assert {*model.__table__.columns.keys()} - model.untracked <= named, model

    def test_its_marks_on_contracts_cost_no_more_for_many(self, app: Flask, addon: AddOn) -> None:
        ids = [make_invoice().contract_id or 0 for _n in range(4)]
        for marks in addon.contract_marks:
            assert marks.load([]) == {}
            with counted() as one:
                marks.load(ids[:1])
            with counted() as all_of_them:
                assert marks.load(ids).keys() <= set(ids)
            assert len(all_of_them) == len(one) <= 5

    def test_its_jobs_can_be_found_by_a_worker(self, addon: AddOn) -> None:
        for schedule in addon.schedules:
            module = import_module(schedule.job.__module__)
            assert getattr(module, schedule.job.__name__) is schedule.job
            assert schedule.every >= timedelta(seconds=1)

    def test_its_commands_say_what_they_do(self, app: Flask, addon: AddOn) -> None:
        for command in addon.commands:
            assert app.cli.commands[str(command.name)] is command
            for one in (command, *getattr(command, "commands", {}).values()):
                assert one.get_short_help_str().strip(), one.name

    def test_its_migrations_are_found(self, addon: AddOn) -> None:
        has_tables = any(name.startswith(f"{addon.name}_") for name in Base.metadata.tables)
        assert bool(addon.migrations) == has_tables

    def test_the_core_works_when_it_is_switched_off_again(
        self, app: Flask, addon: AddOn, tmp_path: Path, login: Login
    ) -> None:
        customer_id = make_customer().id
        login().get(f"/customers/{customer_id}")
        config: Config = current_app.config["PPPLANNER"]
        environment = {**config.environ, "ADDONS": "", "INSTANCE_PATH": str(tmp_path)}
        without = create_app(Config.from_env(environment), TESTING=True, WTF_CSRF_ENABLED=False)
        without.test_client_class = app.test_client_class
        user_id = make_user().id
        db.session.commit()
        with without.app_context():
            browser = without.test_client()
            browser.log_in(db.session.get_one(User, user_id))  # type: ignore[attr-defined]
            for path in ("/", "/customers/", f"/customers/{customer_id}", "/invoices/"):
                assert browser.get(path).status_code == 200
            own = [rule.rule for rule in app.url_map.iter_rules() if _is_of(addon, rule.endpoint)]
            paths = [path for path in own if "<" not in path]
            assert all(browser.get(path).status_code == 404 for path in paths)
            db.session.delete(db.session.get_one(Customer, customer_id))
            db.session.commit()
            db.engine.dispose()


def _is_of(addon: AddOn, endpoint: str) -> bool:
    return endpoint.split(".")[0] in {blueprint.name for blueprint in addon.blueprints}


def _shown_to(addon: AddOn) -> set[str | None]:
    """The rights that decide who sees what the add-on shows on pages of the core."""
    parts: list[Any] = [*addon.slots.values(), *addon.bulk_actions, *addon.list_columns]
    parts += [*addon.contract_marks, *addon.running_work, *addon.settings_panels]
    return {part.permission for part in parts}


class TestTheExample:
    """An add-on in a package of its own."""

    @pytest.fixture
    def addons(self) -> tuple[str, ...]:
        return (EXAMPLE,)

    def test_it_shows_its_tile_and_its_column(self, login: Login) -> None:
        customer = make_customer()
        browser = login()
        assert "<p>new</p>" in browser.get(f"/customers/{customer.id}").text
        listed = browser.get("/customers/").text
        assert "Note" in listed
        assert "new" in listed

    def test_it_shows_nothing_to_people_without_its_right(self, login: Login) -> None:
        customer = make_customer()
        browser = login("customers.view", "example.edit")
        assert "Note" not in browser.get(f"/customers/{customer.id}").text
        assert "Note" not in browser.get("/customers/").text

    def test_it_keeps_what_people_write(self, login: Login) -> None:
        customer = make_customer()
        answer = login().post(f"/example/customers/{customer.id}/note", data={"text": "<b>"})
        assert answer.status_code == 303
        assert "<p>&lt;b&gt;</p>" in login().get(f"/customers/{customer.id}").text

    def test_its_note_lives_and_dies_with_the_change_that_it_heard_of(self, app: Flask) -> None:
        make_customer()
        db.session.rollback()
        assert list(db.session.scalars(select(ExampleNote))) == []

    def test_it_hears_nothing_from_an_application_without_it(
        self, app: Flask, make_app: Any
    ) -> None:
        core = make_app("sqlite", (), {})
        with core.app_context():
            make_customer()
            db.session.rollback()
        assert list(db.session.scalars(select(ExampleNote))) == []

    def test_its_rights_are_offered_for_roles(self, app: Flask) -> None:
        names = [permission.name for permission in registry().permissions()]
        assert names == [*(p.name for p in CORE_PERMISSIONS), "example.view", "example.edit"]

    def test_its_values_have_names_in_the_history(self, app: Flask) -> None:
        assert kind_of("example_notes").words == {"text": {"new": "nothing yet"}}

    def test_its_settings_and_their_values_have_names_in_the_history(self, login: Login) -> None:
        example.note_settings.save(longest=50)
        page = login().get("/settings/history?what=settings").text
        assert "Longest note: <del>as long as fits</del>" in page
        assert "<ins>50</ins>" in page

    def test_a_broken_tile_does_not_break_the_page(
        self, app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch, caplog: Any
    ) -> None:
        def broken(**_: object) -> str:
            raise RuntimeError("broken tile")

        slots = registry().addons["example"].slots
        monkeypatch.setitem(slots, "customer.panel", Slot(broken))
        customer = make_customer()
        browser = login()
        with pytest.raises(RuntimeError, match="broken tile"):
            browser.get(f"/customers/{customer.id}")
        monkeypatch.setitem(app.config, "TESTING", False)
        assert browser.get(f"/customers/{customer.id}").status_code == 200
        assert "add-on example failed in slot customer.panel" in caplog.text

    def test_it_marks_contracts_for_people_with_its_right(self, login: Login) -> None:
        contract = make_contract()
        page = f"/planning/contracts/{contract.id}"
        assert ">new<" in login().get(page).text
        assert ">new<" not in login("contracts.view").get(page).text

    def test_its_work_is_told_in_the_top_bar_to_people_with_its_right(self, login: Login) -> None:
        make_customer()
        told = "Sorting 1 note"
        assert told in login("example.view").get("/work/", headers=HTMX).text
        assert told not in login("customers.view").get("/work/", headers=HTMX).text

    def test_work_that_cannot_be_told_does_not_break_the_page(
        self, app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch, caplog: Any
    ) -> None:
        def broken() -> Any:
            raise RuntimeError("broken work")

        addon = replace(example.addon, running_work=[RunningWork(broken)])
        monkeypatch.setitem(registry().addons, "example", addon)
        with pytest.raises(RuntimeError, match="broken work"):
            login().get("/")
        monkeypatch.setitem(app.config, "TESTING", False)
        assert login().get("/").status_code == 200
        assert "add-on example failed to tell what is running" in caplog.text

    @pytest.mark.both_databases
    def test_broken_marks_do_not_break_the_board(
        self, app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch, caplog: Any
    ) -> None:
        def broken(_ids: object) -> Any:
            """On PostgreSQL a query that fails takes the rest of its transaction along."""
            db.session.execute(text("select * from nowhere"))

        addon = replace(example.addon, contract_marks=[ContractMarks(broken)])
        monkeypatch.setitem(registry().addons, "example", addon)
        monkeypatch.setitem(app.config, "TESTING", False)
        page = login().get(f"/planning/contracts/{make_contract().id}")
        assert page.status_code == 200
        assert "To invoice" in page.text
        assert "add-on example failed to mark contracts" in caplog.text


GOOD = AddOn(name="good", title="Good", package="good")


@pytest.mark.parametrize(
    ("addon", "complaint"),
    [
        (replace(GOOD, depends=["other"]), "needs add-on 'other'"),
        (replace(GOOD, slots={"nowhere": Slot(str)}), "fills slot 'nowhere'"),
        (
            replace(GOOD, bulk_actions=[BulkAction("nothing", "x", "good.x", "good.x")]),
            "adds to list 'nothing'",
        ),
        (
            replace(GOOD, list_columns=[ListColumn("nothing", "x", "x", lambda ids: {})]),
            "adds to list 'nothing'",
        ),
        (replace(GOOD, permissions=[Permission("all.edit", "x")]), "permission 'all.edit'"),
    ],
)
def test_an_addon_that_does_not_fit_is_refused(addon: AddOn, complaint: str) -> None:
    with pytest.raises(BadAddOn, match=complaint):
        Registry([addon])


def test_an_addon_cannot_be_switched_on_twice() -> None:
    with pytest.raises(BadAddOn, match="twice"):
        Registry([GOOD, GOOD])


def test_addons_come_in_the_order_of_the_configuration() -> None:
    other = replace(GOOD, name="other", depends=["good"])
    assert list(Registry([GOOD, other]).addons) == ["good", "other"]
    with pytest.raises(BadAddOn, match="before it"):
        Registry([other, GOOD])


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("nonsense", "no module ppplanner.integrations.nonsense"),
        ("no.such.package", "no module no"),
        ("tests.factories", "holds no `addon`"),
    ],
)
def test_a_misspelt_addon_is_found_when_the_application_starts(
    app: Flask, name: str, complaint: str
) -> None:
    with pytest.raises(BadAddOn, match=complaint):
        load(Flask("other"), [name])


def test_a_panel_that_leads_nowhere_is_found_when_the_application_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    panel = SettingsPanel("x", "example.nowhere", "example.view")
    lost = replace(example.addon, settings_panels=[panel])
    monkeypatch.setattr(example, "addon", lost)
    with pytest.raises(BadAddOn, match=r"leads to 'example\.nowhere'"):
        load(Flask("other"), [EXAMPLE])


def test_a_slot_that_is_not_listed_is_refused(app: Flask) -> None:
    with pytest.raises(BadAddOn, match="there is no slot 'nowhere'"):
        registry().slot("nowhere")


def test_without_addons_nothing_is_added(app: Flask) -> None:
    assert registry().slot("home.panel") == ""
    assert registry().bulk_actions("invoices") == []
    assert registry().list_columns("customers") == []
    assert registry().settings_panels() == []


def test_an_addon_of_another_package_is_switched_on_by_its_name(tmp_path: Path) -> None:
    """As somebody does it who installs one: by the environment, in a process of its own."""
    environment = {
        "INSTANCE_PATH": str(tmp_path),
        "SECRET_KEY": SECRET,
        "ADDONS": EXAMPLE,
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    program = "from wsgi import app; print(list(app.extensions['addons'].addons))"
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("['example']", "")
