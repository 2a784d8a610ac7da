"""The job that sends what is due: once each, with the paper, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from rq.timeouts import JobTimeoutException

from ppplanner.clock import now
from ppplanner.documents import read_then_print
from ppplanner.documents.invoice_pdf import ensure_pdf
from ppplanner.extensions import db
from ppplanner.mailing import jobs
from ppplanner.mailing.jobs import send_mails
from ppplanner.models import Mail, MailState
from ppplanner.services.firm.company_files import keep_conditions
from ppplanner.services.firm.invoice_settings import invoice_settings
from ppplanner.services.invoices.confirming import confirm_invoice
from tests.mailing.letters import PDF, a_mail, an_invoice, read, written
from tests.mailing.mail_servers import Teller, mail_server

pytestmark = pytest.mark.both_databases


@pytest.fixture
def teller(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Teller]:
    """What the mail server of the application says, and what it took."""
    teller = Teller()
    with mail_server(teller) as server:
        config = replace(app.config["PPPLANNER"], mail_server=server)
        monkeypatch.setitem(app.config, "PPPLANNER", config)
        yield teller


def again(mail_id: int) -> Mail:
    db.session.rollback()
    return db.session.get_one(Mail, mail_id)


def test_a_mail_goes_with_the_paper_as_it_was_made(teller: Teller) -> None:
    mail_id = written()
    send_mails()
    mail = again(mail_id)
    assert mail.state is MailState.SENT
    [message] = map(read, teller.taken)
    assert str(message["From"]) == "Gent <gent@vroom.example>"
    assert str(message["To"]) == "info@peeters.example"
    assert str(message["Message-ID"]) == f"<{mail.message_key}>"
    [paper] = message.iter_attachments()
    assert paper.get_filename() == f"{mail.invoice and mail.invoice.reference}.pdf"
    assert paper.get_content() == PDF


def test_the_conditions_in_the_language_of_the_customer_go_along(teller: Teller) -> None:
    mail = a_mail()
    assert mail.invoice
    for language in ("", "nl", "en"):
        content = b"%PDF-1.4 " + language.encode() + b" %%EOF"
        keep_conditions(mail.invoice.company, language, f"terms-{language}.pdf", content)
    db.session.commit()
    send_mails()
    [message] = map(read, teller.taken)
    files = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    assert files["terms-en.pdf"] == b"%PDF-1.4 en %%EOF"
    assert len(files) == 2


def test_what_was_sent_is_not_sent_again(teller: Teller) -> None:
    written()
    send_mails()
    send_mails()
    assert len(teller.taken) == 1


def test_a_mail_waits_for_its_paper(teller: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_then_print, "print_pdf", lambda _html: PDF)
    mail_id = written(printed=False)
    invoice_id = again(mail_id).invoice_id or 0
    db.session.rollback()
    send_mails()
    assert teller.taken == []
    ensure_pdf(invoice_id)
    send_mails()
    assert again(mail_id).state is MailState.SENT


def test_a_mail_that_is_confirmed_into_being_goes_by_itself(
    teller: Teller, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_then_print, "print_pdf", lambda _html: PDF)
    invoice = an_invoice(confirmed=False)
    invoice_settings.save(invoice.company_id, mail_by_itself=True)
    confirm_invoice(invoice)
    db.session.commit()
    invoice_id = invoice.id
    db.session.rollback()
    ensure_pdf(invoice_id)
    run_jobs()
    assert len(teller.taken) == 1


def test_what_is_refused_for_good_says_why_and_is_not_tried_again(teller: Teller) -> None:
    teller.answers = {"RCPT": "550 5.1.1 No such user"}
    mail_id = written()
    send_mails()
    failed = again(mail_id)
    assert (failed.state, failed.error) == (MailState.FAILED, "550 5.1.1 No such user")
    db.session.rollback()
    teller.answers = {}
    send_mails()
    assert teller.taken == []


def test_what_comes_too_early_is_tried_later(teller: Teller) -> None:
    teller.answers = {"DATA": "451 Try later"}
    mail_id = written()
    send_mails()
    waiting = again(mail_id)
    assert (waiting.state, waiting.error) == (MailState.WAITING, "451 Try later")
    assert timedelta(seconds=50) < waiting.next_attempt_at - now() < timedelta(seconds=70)
    waiting.next_attempt_at = now()
    db.session.commit()
    teller.answers = {}
    send_mails()
    assert (again(mail_id).state, again(mail_id).error) == (MailState.SENT, "")


def test_a_mail_that_fails_on_this_side_counts_as_tried(
    teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    mail_id = written()
    monkeypatch.setattr(jobs, "letter", fail)
    send_mails()
    waiting = again(mail_id)
    assert (waiting.attempts, waiting.error) == (1, "ValueError")
    assert waiting.next_attempt_at - now() < timedelta(seconds=70)


def test_a_job_that_lasts_too_long_ends_and_counts_against_no_mail(
    teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def last_too_long(*_: object) -> None:
        raise JobTimeoutException

    mail_id, other = written(), written(company="Other NV")
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "hand_in", last_too_long)
        with pytest.raises(JobTimeoutException):
            send_mails()
    assert (again(mail_id).state, again(mail_id).error) == (MailState.WAITING, "")
    assert again(other).attempts == 0


def test_no_transaction_is_open_while_the_server_takes_its_time(
    teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, int]] = []

    def watch(*_: object) -> None:
        seen.append((db.session().in_transaction(), db.engine.pool.checkedout()))  # type: ignore[attr-defined]

    written()
    monkeypatch.setattr(jobs, "hand_in", watch)
    send_mails()
    assert seen == [(False, 0)]


def test_who_is_killed_while_sending_leaves_it_to_be_sent_again_under_the_same_key(
    teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    mail_id = written()
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "hand_in", die)
        with pytest.raises(KeyboardInterrupt):
            send_mails()
    send_mails()
    assert teller.taken == []  # it may still be in hand
    again(mail_id).next_attempt_at = now()
    db.session.commit()
    send_mails()
    key = again(mail_id).message_key
    assert [str(read(each)["Message-ID"]) for each in teller.taken] == [f"<{key}>"]


def test_a_mail_that_cannot_be_made_keeps_none_of_the_others(
    teller: Teller, caplog: pytest.LogCaptureFixture
) -> None:
    broken, good = written(), written(company="Other NV")
    again(broken).recipient = "no address"
    db.session.commit()
    send_mails()
    assert len(teller.taken) == 1
    assert again(good).state is MailState.SENT
    assert again(broken).state is MailState.WAITING
    assert f"mail {broken} could not be sent" in caplog.text


def test_without_a_server_mails_wait(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    config = replace(app.config["PPPLANNER"], mail_server=None)
    monkeypatch.setitem(app.config, "PPPLANNER", config)
    mail_id = written()
    send_mails()
    assert (again(mail_id).state, again(mail_id).attempts) == (MailState.WAITING, 0)
    assert "set MAIL_URL" in caplog.text
