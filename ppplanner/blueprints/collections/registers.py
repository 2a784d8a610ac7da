"""Cash registers: the list, the page of one, adding and changing them, cash that moves."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppplanner.blueprints.collections import bp
from ppplanner.blueprints.collections.once import book_once, shows_what_is_booked
from ppplanner.blueprints.collections.register_forms import (
    EntryForm,
    NewRegisterForm,
    RegisterForm,
    TransferForm,
)
from ppplanner.blueprints.collections.register_listings import CASH_REGISTERS
from ppplanner.blueprints.contracts.period import to_local, to_utc
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.history_lines import history_of
from ppplanner.blueprints.htmx import finish, render_form, render_page
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.records import find, look_up
from ppplanner.blueprints.stale import stale
from ppplanner.clock import now, today
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.formats import money
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, CashCount, CashRegister, Transaction, User
from ppplanner.permissions import require
from ppplanner.services.collections import cash, registers, types
from ppplanner.services.collections.registers import Entry

#: Transactions and counts on the page of a register; the lists have the others.
NEWEST = 10


@bp.get("/registers/")
@require("collections.view")
def list_registers() -> Response:
    return render_list(CASH_REGISTERS, "collections/list.html")


@bp.get("/registers/<int:register_id>")
@require("collections.view")
def show_register(register_id: int) -> Response:
    register = find(CashRegister, register_id)
    return render_page(
        "collections/register.html",
        "content",
        register=register,
        balance=cash.balance(register),
        transactions=_newest_transactions(register),
        counts=_newest_counts(register),
        today=today(register.business_unit.company.timezone),
        history=history_of(register),
    )


def _newest_transactions(register: CashRegister) -> list[Transaction]:
    query = select(Transaction).filter_by(register_id=register.id)
    query = query.options(
        joinedload(Transaction.type),
        joinedload(Transaction.customer),
        joinedload(Transaction.contract),
        joinedload(Transaction.invoice),
    )
    newest = query.order_by(Transaction.at.desc(), Transaction.id.desc()).limit(NEWEST)
    return list(db.session.scalars(newest))


def _newest_counts(register: CashRegister) -> list[CashCount]:
    query = select(CashCount).filter_by(register_id=register.id)
    query = query.options(joinedload(CashCount.counted_by), joinedload(CashCount.transaction))
    return list(db.session.scalars(query.order_by(CashCount.id.desc()).limit(NEWEST)))


@bp.route("/registers/new", methods=["GET", "POST"])
@require("collections.lists")
def new_register() -> ResponseReturnValue:
    form = NewRegisterForm(data={"user_id": current_user.id})
    if form.validate_on_submit() and (made := attempt(form, lambda: _open(form))):
        return finish(_url(made), _("%(record)s is saved.", record=made))
    return render_form("collections/new_register.html", form, "dialog")


def _open(form: NewRegisterForm) -> CashRegister:
    unit = look_up(BusinessUnit, form.business_unit_id.data)
    user = db.session.get(User, form.user_id.data or 0)
    if unit is None or user is None:
        raise Invalid(business_unit_id=_("Choose one from the list."))
    return registers.open_register(
        code=form.code.data or "", business_unit=unit, user=user, name=form.name.data or ""
    )


@bp.route("/registers/<int:register_id>/change", methods=["GET", "POST"])
@require("collections.lists")
def change_register(register_id: int) -> ResponseReturnValue:
    register = find(CashRegister, register_id)
    values = {"name": register.name, "active": register.active}
    form = RegisterForm(data=values)
    if form.is_submitted() and stale(form, values):
        return _change_page(form, register, 409)
    if form.validate_on_submit() and attempt(form, lambda: _change(register, form)):
        return finish(_url(register), _("%(record)s is saved.", record=register))
    return _change_page(form, register)


def _change(register: CashRegister, form: RegisterForm) -> CashRegister:
    name, active = form.name.data or "", bool(form.active.data)
    return registers.change_register(register, name=name, active=active)


def _change_page(form: RegisterForm, register: CashRegister, status: int | None = None) -> Response:
    return render_form(
        "collections/change_register.html", form, "dialog", status, register=register
    )


@bp.route("/registers/<int:register_id>/entry", methods=["GET", "POST"])
@require("collections.cash")
@shows_what_is_booked
def new_entry(register_id: int) -> ResponseReturnValue:
    """Correct what is in a register, or carry cash to the bank."""
    register = find(CashRegister, register_id)
    form = EntryForm(data={"at": to_local(now(), _zone(register))})
    if form.validate_on_submit() and (booked := book_once(form, lambda: _book(register, form))):
        message = _("%(amount)s is registered.", amount=money(booked.amount))
        return finish(_url(register), message)
    return render_form("collections/entry.html", form, "dialog", **_known(register))


def _book(register: CashRegister, form: EntryForm) -> Transaction:
    kind = types.type_called(form.type.data or "")
    if kind is None or form.at.data is None:
        raise Invalid(type=_("Choose one from the list."))
    at = to_utc(form.at.data, _zone(register), "at")
    return registers.book(register, kind, _entry(form, at=at), by=current_user)


@bp.route("/registers/<int:register_id>/transfer", methods=["GET", "POST"])
@require("collections.cash")
@shows_what_is_booked
def new_transfer(register_id: int) -> ResponseReturnValue:
    """Move cash to another register."""
    register, form = find(CashRegister, register_id, lock=False), TransferForm()
    form.offer(register)
    if form.validate_on_submit() and (left := book_once(form, lambda: _transfer(register, form))):
        assert left.counterpart
        message = _(
            "%(amount)s went to %(register)s.",
            amount=money(-left.amount),
            register=left.counterpart.register,
        )
        return finish(_url(register), message)
    return render_form("collections/transfer.html", form, "dialog", **_known(register))


def _transfer(source: CashRegister, form: TransferForm) -> Transaction:
    """Gives the half that goes out."""
    target = look_up(CashRegister, form.target_id.data)
    if target is None:
        raise Invalid(target_id=_("Choose one from the list."))
    return registers.transfer(source, target, _entry(form), by=current_user)[0]


def _entry(form: EntryForm | TransferForm, **more: Any) -> Entry:
    assert form.amount.data is not None
    return Entry(
        form.amount.data, voucher=form.voucher.data or "", remark=form.remark.data or "", **more
    )


def _known(register: CashRegister) -> dict[str, Any]:
    return {"register": register, "balance": cash.balance(register)}


def _zone(register: CashRegister) -> str:
    return str(register.business_unit.company.timezone)


def _url(register: CashRegister) -> str:
    return url_for(".show_register", register_id=register.id)
