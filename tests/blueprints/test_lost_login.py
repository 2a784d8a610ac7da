"""The login ends while somebody types: nothing is lost, and the same button works again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import Browser, Login

HTMX = {"HX-Request": "true"}
SAVE = "/customers/new/private"


@pytest.fixture
def guarded(app: Flask) -> Iterator[None]:
    """The application as it is in earnest: it checks the tokens of forms."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


def test_a_browser_is_sent_to_the_login_and_back_to_its_page(client: Browser) -> None:
    answer = client.get("/customers/?q=jan")
    assert answer.status_code == 302
    assert answer.location == "/login?next=%2Fcustomers%2F%3Fq%3Djan"


def test_after_the_login_nobody_is_sent_to_where_only_a_form_leads(client: Browser) -> None:
    assert client.post(SAVE).location == "/login"


def test_htmx_is_not_sent_away_from_what_was_typed(client: Browser) -> None:
    answer = client.post(SAVE, headers=HTMX)
    assert answer.status_code == 401
    assert answer.headers["HX-Retarget"] == "#problem"
    assert "What you typed is still here." in answer.text
    assert 'href="/login" target="_blank"' in answer.text


@pytest.mark.usefixtures("guarded")
def test_the_answer_brings_a_token_with_which_the_same_button_works(login: Login) -> None:
    person = login()
    refused = person.post(SAVE, headers={**HTMX, "X-CSRFToken": "of-another-time"})
    assert refused.status_code == 400
    assert "press the same button again" in refused.text
    token = refused.headers["X-CSRFToken"]
    again = person.post(SAVE, headers={**HTMX, "X-CSRFToken": token})
    assert again.status_code == 422


@pytest.mark.usefixtures("guarded")
def test_an_old_token_of_somebody_logged_out_asks_for_the_login_at_once(client: Browser) -> None:
    refused = client.post(SAVE, headers={**HTMX, "X-CSRFToken": "of-another-time"})
    assert refused.status_code == 401
    assert "Log in in a new window" in refused.text


@pytest.mark.usefixtures("guarded")
def test_a_form_without_its_token_changes_nothing(login: Login) -> None:
    answer = login().post(SAVE, data={"last_name": "Jansen"})
    assert answer.status_code == 400
    assert "reload it and save again" in answer.text
