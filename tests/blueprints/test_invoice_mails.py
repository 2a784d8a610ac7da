"""Sending invoices by e-mail from their pages, and reading what was caught."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.mailing import caught
from ppplanner.mailing.letters import Attachment, letter
from ppplanner.models import Mail, MailState
from ppplanner.services.mails import waiting
from tests.blueprints.pages import HTMX, error_at, main, over, value_of, words
from tests.conftest import Login
from tests.mailing.letters import PDF, a_mail, an_invoice

TYPED = {"recipient": "books@peeters.example", "subject": "Your invoice", "body": "See attached."}


def mails() -> list[Mail]:
    db.session.expire_all()
    return list(db.session.scalars(select(Mail).order_by(Mail.id)))


def test_the_dialog_shows_what_the_customer_will_read(app: Flask, login: Login) -> None:
    invoice = an_invoice(language="nl")
    answer = login().get(f"/invoices/{invoice.id}/mail")
    assert value_of(answer, "recipient") == "info@peeters.example"
    assert value_of(answer, "subject") == f"Factuur {invoice.reference} van Vroom NV"
    assert "Beste Bakkerij Peeters," in words(answer)


def test_what_is_typed_is_what_goes(app: Flask, login: Login) -> None:
    invoice = an_invoice()
    browser, page = login(), f"/invoices/{invoice.id}"
    answer = browser.post(f"{page}/mail", data=TYPED, headers=over(page))
    assert answer.headers["HX-Refresh"] == "true"
    [mail] = mails()
    assert (mail.recipient, mail.subject) == (TYPED["recipient"], TYPED["subject"])
    assert mail.body == "See attached.\n"
    assert "On its way books@peeters.example" in main(browser.get(page))


def test_a_wrong_address_is_told_at_its_field(app: Flask, login: Login) -> None:
    invoice = an_invoice()
    answer = login().post(f"/invoices/{invoice.id}/mail", data={**TYPED, "recipient": "a@b,c@d.e"})
    assert answer.status_code == 422
    assert error_at(answer, "recipient")
    assert mails() == []


def test_a_draft_says_that_it_is_confirmed_first(app: Flask, login: Login) -> None:
    draft = an_invoice(confirmed=False)
    answer = login().get(f"/invoices/{draft.id}/mail")
    assert answer.status_code == 409
    assert "confirm it first" in words(answer)


def test_what_a_server_refused_stands_on_the_page_and_can_be_tried_again(
    app: Flask, login: Login
) -> None:
    mail = a_mail()
    invoice_id, mail_id = mail.invoice_id, mail.id
    waiting.note_refused(mail, "550 No such user")
    browser = login()
    text = main(browser.get(f"/invoices/{invoice_id}"))
    assert "Refused" in text
    assert "The mail server said: 550 No such user" in text
    browser.post(f"/invoices/{invoice_id}/mails/{mail_id}/again")
    assert [each.state for each in mails()] == [MailState.WAITING]


def test_a_mail_of_another_invoice_is_not_tried_again(app: Flask, login: Login) -> None:
    mail, other = a_mail(), an_invoice(company="Other NV")
    waiting.note_refused(mail, "550 No")
    answer = login().post(f"/invoices/{other.id}/mails/{mail.id}/again")
    assert answer.status_code == 404


def test_the_tile_asks_for_itself_until_the_mail_has_gone(app: Flask, login: Login) -> None:
    mail = a_mail()
    browser, url = login(), f"/invoices/{mail.invoice_id}/mails"
    assert "hx-trigger" in browser.get(url, headers=HTMX).text
    waiting.note_sent(mail)
    assert "hx-trigger" not in browser.get(url, headers=HTMX).text


def test_the_ticked_ones_go_and_the_others_say_why_not(app: Flask, login: Login) -> None:
    fresh = an_invoice()
    gone = a_mail(company="A NV")
    waiting.note_sent(gone)
    silent = an_invoice(company="B NV", email="")
    draft = an_invoice(confirmed=False, company="C NV")
    ids = [fresh.id, gone.invoice_id, silent.id, draft.id]
    browser, headers = login(), over("/invoices/")
    question = words(browser.post("/invoices/mail", data={"ids": ids}, headers=headers))
    assert "Send 1 invoice by e-mail?" in question
    assert "1 stays: its customer has no e-mail address." in question
    assert "1 stays: it has been sent, or is on its way." in question
    assert "1 stays: it is a draft." in question
    browser.post("/invoices/mail", data={"ids": ids, "sure": "yes"}, headers=headers)
    assert [mail.invoice_id for mail in mails()] == [gone.invoice_id, fresh.id]


def test_one_that_cannot_be_sent_keeps_none_of_the_others(app: Flask, login: Login) -> None:
    bad, good = an_invoice(), an_invoice(company="Other NV")
    bad.business_unit.email = bad.company.email = ""
    browser = login()
    data = {"ids": [bad.id, good.id], "sure": "yes"}
    browser.post("/invoices/mail", data=data)
    assert [mail.invoice_id for mail in mails()] == [good.id]
    assert f"Not sent: {bad.reference}. Gent has no e-mail" in words(browser.get("/invoices/"))


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("none", {"Fresh BV"}), ("sent", {"Gone BV"}), ("waiting", set()), ("failed", set())],
)
def test_the_list_finds_invoices_by_what_became_of_their_mails(
    app: Flask, login: Login, asked: str, shown: set[str]
) -> None:
    waiting.note_sent(a_mail(company_name="Gone BV"))
    an_invoice(company="Other NV", company_name="Fresh BV")
    text = main(login().get(f"/invoices/?mail={asked}"))
    assert {name for name in ("Fresh BV", "Gone BV") if name in text} == shown


@pytest.fixture
def mailbox(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the application under test keeps caught mails."""
    config = replace(app.config["PPPLANNER"], caught_mails=tmp_path)
    monkeypatch.setitem(app.config, "PPPLANNER", config)
    return tmp_path


def catch(mailbox: Path, mail: Mail) -> None:
    files = [Attachment("a.pdf", "application/pdf", PDF), Attachment("a.html", "text/html", b"<p>")]
    caught.keep(mailbox, letter(mail, files).as_bytes())


def test_a_caught_mail_is_read_and_its_paper_opened(
    app: Flask, login: Login, mailbox: Path
) -> None:
    mail = a_mail()
    waiting.note_sent(mail)
    catch(mailbox, mail)
    browser = login()
    assert f"info@peeters.example {mail.subject}" in main(browser.get("/mails/"))
    page = browser.get(f"/mails/of?key={mail.message_key}", follow_redirects=True)
    assert "Dear Bakkerij Peeters," in main(page)
    paper = browser.get(f"{page.request.path}/attachments/1")
    assert (paper.data, paper.mimetype) == (PDF, "application/pdf")
    other = browser.get(f"{page.request.path}/attachments/2")
    assert other.headers["Content-Disposition"].startswith("attachment")
    assert browser.get(f"{page.request.path}/attachments/3").status_code == 404
    assert "Read it" in main(browser.get(f"/invoices/{mail.invoice_id}"))


def test_a_mail_that_is_gone_is_not_found(app: Flask, login: Login, mailbox: Path) -> None:
    browser = login()
    assert browser.get("/mails/of?key=none").status_code == 404
    assert browser.get("/mails/20261123T060000000000-0123456789abcdef").status_code == 404


def test_with_a_mail_server_there_are_no_pages_of_caught_mails(
    app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(app.config["PPPLANNER"], caught_mails=None)
    monkeypatch.setitem(app.config, "PPPLANNER", config)
    browser = login()
    assert browser.get("/mails/").status_code == 404
    assert "Caught mails" not in words(browser.get("/settings/"))


def test_the_settings_lead_to_the_caught_mails(app: Flask, login: Login, mailbox: Path) -> None:
    assert "Caught mails" in words(login().get("/settings/"))
