"""Payment files: making one of ticked refunds, fetching it, noting what the bank has paid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppplanner.blueprints.collections import bp
from ppplanner.blueprints.collections.refund_forms import FileForm, PaidOnForm
from ppplanner.blueprints.collections.refund_listings import PAYMENT_FILES, REFUNDS
from ppplanner.blueprints.collections.refund_words import iban_words, refund_badge
from ppplanner.blueprints.contracts.period import to_local, to_utc
from ppplanner.blueprints.faults import attempt, show_faults
from ppplanner.blueprints.htmx import finish, go_to, render_form, render_page
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.blueprints.records import find
from ppplanner.clock import now, today
from ppplanner.errors import DomainError, Invalid, NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _, ngettext
from ppplanner.models import BusinessUnit, Company, MethodKind, PaymentFile, RefundRequest
from ppplanner.permissions import require
from ppplanner.services.collections import refund_files, refunds, types
from ppplanner.services.collections.deposits import WAITING
from ppplanner.services.collections.refunds import Way

#: Each is booked one after the other, while the person waits.
MOST_AT_ONCE = 500


@dataclass
class Batch:
    """Ticked refunds of one company, and why some of them cannot be in its file."""

    company: Company
    requests: list[RefundRequest] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        return sum((each.amount for each in self.requests), Decimal(0))


@bp.get("/payment-files/")
@require("collections.view")
def list_payment_files() -> Response:
    return render_list(PAYMENT_FILES, "collections/list.html")


@bp.post("/refunds/payment-file")
@require("collections.refund")
def new_payment_file() -> ResponseReturnValue:
    """Put the ticked refunds into a payment file: first asks, then, with `sure`, does it."""
    requests = _found(selected_ids(REFUNDS, most=MOST_AT_ONCE))
    batches = _batches(requests)
    form = FileForm(data={"day": today()} if "sure" not in request.form else None)
    if "sure" in request.form and form.validate():
        made = attempt(form, lambda: _make(requests, form))
        if made:
            url = url_for(".show_payment_file", file_id=made.id)
            return go_to(url, _("The payment file is made: fetch it, and give it to your bank."))
    return render_form("collections/new_payment_file.html", form, "dialog", batches=batches)


def _make(requests: Sequence[RefundRequest], form: FileForm) -> PaymentFile:
    assert form.day.data
    return refund_files.make_payment_file(requests, day=form.day.data, by=current_user)


def _found(ids: Sequence[int]) -> list[RefundRequest]:
    query = select(RefundRequest).where(RefundRequest.id.in_(ids)).order_by(RefundRequest.id)
    query = query.options(
        joinedload(RefundRequest.customer),
        joinedload(RefundRequest.business_unit).joinedload(BusinessUnit.company),
    )
    return list(db.session.scalars(query))


def _batches(requests: Iterable[RefundRequest]) -> list[Batch]:
    batches: dict[int, Batch] = {}
    for each in requests:
        company = each.business_unit.company
        batch = batches.setdefault(company.id, Batch(company))
        reason = refund_files.why_not_payable(each)
        if reason:
            batch.refused.append(reason)
        else:
            batch.requests.append(each)
    return list(batches.values())


@bp.get("/payment-files/<int:file_id>")
@require("collections.view")
def show_payment_file(file_id: int) -> Response:
    made = find(PaymentFile, file_id)
    requests = _requests_of(made)
    return render_page(
        "collections/payment_file.html",
        "content",
        file=made,
        requests=[(each, iban_words(each), refund_badge(each.state)) for each in requests],
        amount=sum((each.amount for each in requests), Decimal(0)),
        waiting=[each for each in requests if each.state in WAITING],
    )


def _requests_of(made: PaymentFile) -> Sequence[RefundRequest]:
    query = select(RefundRequest).filter_by(payment_file_id=made.id).order_by(RefundRequest.id)
    return db.session.scalars(query.options(joinedload(RefundRequest.customer))).all()


@bp.get("/payment-files/<int:file_id>/file")
@require("collections.refund")
def fetch_payment_file(file_id: int) -> Response:
    """The file as it was made."""
    made = find(PaymentFile, file_id)
    response = Response(made.content, mimetype="application/xml")
    response.headers.set("Content-Disposition", "attachment", filename=f"{made.name}.xml")
    return response


@bp.route("/payment-files/<int:file_id>/process", methods=["GET", "POST"])
@require("collections.refund")
def process_payment_file(file_id: int) -> ResponseReturnValue:
    """Note that the bank has paid all that is in a file."""
    made = find(PaymentFile, file_id)
    waiting = [each.id for each in _requests_of(made) if each.state in WAITING]
    back = url_for(".show_payment_file", file_id=file_id)
    return _ask_and_process(waiting, back, url_for(".process_payment_file", file_id=file_id))


@bp.post("/refunds/process")
@require("collections.refund")
def process_refunds() -> ResponseReturnValue:
    """Note that the ticked refunds have been paid by bank."""
    found = _found(selected_ids(REFUNDS, most=MOST_AT_ONCE))
    waiting = [each.id for each in found if each.state in WAITING]
    return _ask_and_process(waiting, url_for(".list_refunds"), url_for(".process_refunds"))


def _ask_and_process(ids: Sequence[int], back: str, url: str) -> ResponseReturnValue:
    """First the question, then, with `sure`, the deed: each by itself, so that one that is refused
    holds back none of the others.
    """
    zone = _zone(ids)
    sure = "sure" in request.form
    form = PaidOnForm(data=None if sure else {"at": to_local(now(), zone)})
    if sure and not ids:
        message = _("Nothing was left to process: these refunds are paid or withdrawn.")
        return finish(back, message, "info")
    if sure and form.validate():
        try:
            return _process_each(ids, form, zone, back)
        except Invalid as error:
            show_faults(form, error)
    found = _found(ids)
    amount = sum((each.amount for each in found), Decimal(0))
    return render_form(
        "collections/process_refunds.html",
        form,
        "dialog",
        requests=found,
        amount=amount,
        url=url,
        back=back,
    )


def _zone(ids: Sequence[int]) -> str:
    first = db.session.get(RefundRequest, ids[0]) if ids else None
    return first.business_unit.company.timezone if first else "UTC"


def _process_each(
    ids: Sequence[int], form: PaidOnForm, zone: str, back: str
) -> ResponseReturnValue:
    assert form.at.data
    at, done = to_utc(form.at.data, zone, "at"), 0
    for key in ids:
        try:
            _process(key, at)
            db.session.commit()
            done += 1
        except (DomainError, Invalid, NotFound) as error:
            db.session.rollback()
            flash(_not_processed(key, error), "error")
    message = ngettext("%(num)s refund is processed.", "%(num)s refunds are processed.", done)
    return finish(back, message if done else None)


def _process(key: int, at: Any) -> None:
    refund = find(RefundRequest, key)
    way = Way(types.method_of(MethodKind.BANK), at=at)
    refunds.process(refund, way, by=current_user)


def _not_processed(key: int, error: DomainError | Invalid | NotFound) -> str:
    return _(
        "Not processed: R%(number)s. %(reason)s",
        number=key,
        reason=error.reason,
    )
