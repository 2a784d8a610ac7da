"""Mails to colleagues: who gets them, in which language, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Company, Mail, MailState
from ppplanner.services.mails.notices import Notice, notify
from tests.conftest import Login
from tests.factories import make_company, make_limited_user, make_pool, make_unit, make_user

pytestmark = pytest.mark.one_database

RIGHT = "invoices.edit"


def notice() -> Notice:
    return Notice("Look here", [_("Invoice")])


@pytest.fixture
def company(app: Flask) -> Company:
    return make_company(email="office@firm.example")


def recipients(mails: list[Mail]) -> list[str]:
    return [mail.recipient for mail in mails]


def test_all_who_have_the_right_there_get_one_each_in_their_own_language(company: Company) -> None:
    pool, elsewhere = make_pool(make_unit(company)), make_pool(make_unit(make_company()))
    make_user([RIGHT], email="ann@firm.example", name="Ann", language="nl")
    make_user([RIGHT], email="ANN@firm.example", name="Ann, too")
    make_limited_user(pool, permissions=[RIGHT], email="bob@firm.example", language="fr")
    make_limited_user(elsewhere, permissions=[RIGHT], email="far@firm.example")
    make_user([RIGHT], email="gone@firm.example", active=False)
    make_user([RIGHT], email="nobody at home")
    make_user(["invoices.view"], email="other@firm.example")

    mails = notify(company, RIGHT, notice)

    assert recipients(mails) == ["ann@firm.example", "bob@firm.example"]
    assert [mail.body.split("\n")[2] for mail in mails] == ["Factuur", "Facture"]
    assert mails[0].body.startswith("Beste Ann,")
    assert mails[0].sender_address == "office@firm.example"


def test_one_goes_at_once_and_is_tried_again_on_the_page(
    company: Company, run_jobs: Callable[[], int], login: Login
) -> None:
    make_user([RIGHT], email="ann@firm.example")
    [mail] = notify(company, RIGHT, notice)
    assert run_jobs() == 1
    assert mail.attempts == 1
    mail.state, mail.error = MailState.FAILED, "550 No such mailbox"
    browser = login("users.edit")
    assert "550 No such mailbox" in browser.get("/mails/colleagues").text
    assert login("invoices.view").get("/mails/colleagues").status_code == 403
    browser.post(f"/mails/colleagues/{mail.id}/again")
    assert db.session.scalar(select(Mail.state)) is MailState.WAITING


def test_without_a_mail_server_the_page_says_that_all_wait(
    app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(app.config["PPPLANNER"], mail_server=None)
    monkeypatch.setitem(app.config, "PPPLANNER", config)
    assert "set MAIL_URL" in login("users.edit").get("/mails/colleagues").text


def test_a_company_without_any_address_writes_in_the_name_of_the_reader(app: Flask) -> None:
    make_user([RIGHT], email="ann@firm.example")
    [mail] = notify(make_company(email=""), RIGHT, notice)
    assert mail.sender_address == "ann@firm.example"
