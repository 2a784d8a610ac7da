"""The commands of the link, as somebody at the server types them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from psycopg.errors import SyntaxError, UndefinedColumn, UndefinedTable
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from ppplanner.config import BadConfig, Config
from ppplanner.extensions import db
from ppplanner.integrations.exact import config, forwarding, simulator
from ppplanner.integrations.exact.cli import NO_DATABASE
from ppplanner.integrations.exact.models import ConnectionState, ExactConnection, Kind
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, standings
from ppplanner.models import BusinessUnit, Invoice, TypeRole
from tests.factories import make_contract
from tests.integrations.exact.money import paid, set_up

pytestmark = pytest.mark.one_database


def typed(app: Flask, *words: str) -> str:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["exact", *words])
    assert result.exit_code == 0, result.output
    return result.output


def forward(invoice: Invoice) -> None:
    forwarding.forward([invoice.id], by="Anke")
    db.session.commit()


def test_send_begins_an_interval_that_is_due(
    app: Flask, connection: ExactConnection, unit: BusinessUnit
) -> None:
    set_up(connection, unit)
    exact_settings.save(
        connection.company_id, transactions_send=True, customers_send_moment="on_save"
    )
    payment = paid(TypeRole.PAYMENT, 50, contract=make_contract(unit=unit))

    typed(app, "send")

    assert standings(Kind.TRANSACTION, [payment.id])[payment.id].stage is Stage.BOOKED


def test_send_tells_of_what_waits_for_a_link_that_rests(
    app: Flask, connection: ExactConnection, invoice: Invoice
) -> None:
    forward(invoice)
    connection.state = ConnectionState.NEEDS_LOGIN
    db.session.commit()
    assert "0 settled, 1 on the way" in typed(app, "send")


def test_send_says_how_many_it_settled(
    app: Flask, connection: ExactConnection, invoice: Invoice
) -> None:
    assert typed(app, "send") == "Nothing waits.\n"

    forward(invoice)

    assert typed(app, "send") == "Verhuur Peeters: 1 settled.\n"


def test_send_says_what_still_waits_and_why(
    app: Flask, connection: ExactConnection, invoice: Invoice, simulator: RunningSimulator
) -> None:
    forward(invoice)
    simulator.fail_next("unavailable", times=None)

    said = typed(app, "send")

    assert "Verhuur Peeters: 0 settled, 1 on the way." in said
    assert "Exact does not answer" in said


@pytest.mark.parametrize(
    "trouble",
    [
        OperationalError("select", {}, Exception("the database is locked")),
        ProgrammingError("select", {}, UndefinedTable("exact_connections does not exist")),
        ProgrammingError("select", {}, UndefinedColumn("it has no column warned_days")),
    ],
)
@pytest.mark.parametrize("command", ["send", "rotate-key"])
def test_without_the_database_a_command_says_so_in_a_sentence(
    app: Flask, monkeypatch: pytest.MonkeyPatch, command: str, trouble: SQLAlchemyError
) -> None:
    def no_answer(*_args: object) -> None:
        raise trouble

    monkeypatch.setattr(db.session, "scalars", no_answer)

    result = app.test_cli_runner().invoke(args=["exact", command])

    assert (result.exit_code, result.output) == (1, f"Error: {NO_DATABASE}\n")


def test_a_fault_of_the_program_is_not_blamed_on_the_database(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def misspelt(*_args: object) -> None:
        raise ProgrammingError("selekt", {}, SyntaxError("near selekt"))

    monkeypatch.setattr(db.session, "scalars", misspelt)

    result = app.test_cli_runner().invoke(args=["exact", "send"])

    assert isinstance(result.exception, ProgrammingError)


def test_the_simulator_listens_where_it_is_told_to(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr(simulator, "run", lambda **options: told.update(options))

    typed(app, "simulator")
    assert (told["host"], told["port"]) == ("127.0.0.1", 8100)
    assert told["data_file"].name == "exact-simulator.db"

    typed(app, "simulator", "--host", "0.0.0.0", "--port", "9000", "--forgetful")
    assert told == {"host": "0.0.0.0", "port": 9000, "data_file": None}


@pytest.mark.parametrize(
    "variables",
    [
        {"EXACT_SIMULATOR_PORT": "many"},
        {"EXACT_SIMULATOR_PORT": "0"},
        {"EXACT_SIMULATOR_PORT": "70000"},
        {"EXACT_ALLOW_TEST_HOSTS": "yes"},
        {"MONITORING_TOKEN": "short"},
        {"MONITORING_TOKEN": "é" * 40},
        {"MONITORING_TOKEN": " " * 40},
    ],
)
def test_a_wrong_value_in_the_environment_is_refused_at_the_start(
    app: Flask, variables: dict[str, str]
) -> None:
    given: Config = app.config["PPPLANNER"]
    other = Flask("other")
    other.config["PPPLANNER"] = Config.from_env({**given.environ, **variables})

    with pytest.raises(BadConfig, match=next(iter(variables))):
        config.read(other)


def test_test_servers_are_refused_in_production_unless_allowed(app: Flask) -> None:
    given: Config = app.config["PPPLANNER"]

    def allowed(**variables: str) -> bool:
        other = Flask("other")
        environ = {**given.environ, "PPP_ENV": "production", "ENCRYPTION_KEY": "x" * 43 + "="}
        other.config["PPPLANNER"] = Config.from_env({**environ, **variables})
        config.read(other)
        return bool(other.config["EXACT_ALLOW_TEST_HOSTS"])

    assert not allowed()
    assert allowed(EXACT_ALLOW_TEST_HOSTS="1")
