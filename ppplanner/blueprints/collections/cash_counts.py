"""Counting the cash of a register, and the sheet of its day."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ppplanner.blueprints.collections import bp
from ppplanner.blueprints.collections.register_forms import CountForm
from ppplanner.blueprints.collections.register_listings import CASH_COUNTS
from ppplanner.blueprints.collections.register_words import count_badge
from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import finish, go_to, render_form, render_page
from ppplanner.blueprints.lists.filters import YEARS
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.records import find
from ppplanner.clock import local_day, now, today
from ppplanner.i18n import _
from ppplanner.locales import locale
from ppplanner.models import CashCount, CashRegister
from ppplanner.money import CENT
from ppplanner.permissions import require
from ppplanner.services.collections import cash, counts
from ppplanner.services.collections.counts import DENOMINATIONS
from ppplanner.services.collections.day_sheet import day_sheet

bp.add_app_template_global(count_badge, "count_badge")


@bp.get("/counts/")
@require("collections.view")
def list_counts() -> Response:
    return render_list(CASH_COUNTS, "collections/list.html")


@bp.route("/registers/<int:register_id>/count", methods=["GET", "POST"])
@require("collections.cash")
def new_count(register_id: int) -> ResponseReturnValue:
    register, form = find(CashRegister, register_id), CountForm()
    if form.validate_on_submit() and (made := attempt(form, lambda: _count(register, form))):
        return go_to(url_for(".show_count", count_id=made.id), _("The count is kept."))
    expected = cash.balance(register)
    return render_form(
        "collections/count.html",
        form,
        register=register,
        expected=expected,
        last=cash.last_count(register),
        locale=locale().replace("_", "-"),
    )


def _count(register: CashRegister, form: CountForm) -> CashCount:
    made = counts.count(register, form.counted, by=current_user)
    if form.book.data and made.difference:
        counts.book_difference(made, by=current_user)
    return made


@bp.get("/counts/<int:count_id>")
@require("collections.view")
def show_count(count_id: int) -> Response:
    made = find(CashCount, count_id)
    return render_page(
        "collections/show_count.html",
        "content",
        count=made,
        pieces=[
            (each * CENT, many) for each in DENOMINATIONS if (many := made.pieces.get(str(each)))
        ],
        may_book=bool(made.difference) and made.transaction_id is None and _is_last(made),
        day=local_day(made.at, made.register.business_unit.company.timezone),
    )


def _is_last(made: CashCount) -> bool:
    return cash.last_count(made.register) is made


@bp.route("/counts/<int:count_id>/book", methods=["GET", "POST"])
@require("collections.cash")
def book_difference(count_id: int) -> ResponseReturnValue:
    """Correct the register by what was found too much or missing, after a clear question."""
    made, form = find(CashCount, count_id), SureForm()
    if form.validate_on_submit() and (
        booked := attempt(form, lambda: counts.book_difference(made, by=current_user))
    ):
        message = _("The difference is booked as %(transaction)s.", transaction=booked)
        return finish(url_for(".show_count", count_id=count_id), message)
    return render_form("collections/book_difference.html", form, "dialog", count=made)


@bp.get("/registers/<int:register_id>/day")
@require("collections.view")
def show_day(register_id: int) -> str:
    """The sheet of one day, for the printer."""
    register = find(CashRegister, register_id)
    present = today(register.business_unit.company.timezone)
    day = request.args.get("day", present, type=date.fromisoformat)
    day = day if day.year in YEARS else present
    return render_template(
        "collections/day_sheet.html",
        sheet=day_sheet(register, day),
        moment=now(),
        before=day - timedelta(days=1),
        after=day + timedelta(days=1) if day < present else None,
    )
