"""The commands of the core that people type."""

from __future__ import annotations

from click.testing import Result
from flask import Flask

from ppplanner.addons.registry import registry
from ppplanner.extensions import db
from ppplanner.services.firm.users import authenticate
from tests.factories import PASSWORD, make_user

NEW = "another horse battery"


def administrator(app: Flask, username: str, password: str) -> Result:
    """Type the command, and the password twice."""
    db.session.commit()
    typed = f"{password}\n{password}\n"
    return app.test_cli_runner().invoke(args=["administrator", username], input=typed)


def test_the_first_user_comes_in_by_a_command_and_may_do_everything(app: Flask) -> None:
    result = administrator(app, "Boss@firm.example", PASSWORD)
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    user = authenticate("boss@firm.example", PASSWORD)
    assert user
    assert user.permissions == {right.name for right in registry().permissions()}


def test_somebody_who_cannot_log_in_any_more_gets_in_again(app: Flask) -> None:
    user = make_user(username="mia", name="Mia", permissions=["contracts.view"])
    user.active = False
    assert administrator(app, "mia", NEW).exit_code == 0
    assert authenticate("mia", NEW) is user
    assert user.name == "Mia"
    assert len(user.roles) == 2


def test_a_short_password_is_refused_with_a_sentence(app: Flask) -> None:
    result = administrator(app, "boss", "short")
    assert result.exit_code == 1
    assert "A password has at least 10 characters." in result.output
    assert authenticate("boss", "short") is None
