"""Whether what people had to choose is chosen, and still there in Exact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from ppplanner import formats
from ppplanner.extensions import db
from ppplanner.i18n import _, _l, ngettext
from ppplanner.models import VatCode

from ..stale_choices import stale_choices
from ..sync import lists
from ..views.branches import shown_units
from .findings import Check, Finding, Place, Who, fine, problem, warning
from .subject import Subject

#: They are fetched every night.
LISTS_OLD = timedelta(days=2)


def division(subject: Subject) -> Iterator[Finding]:
    connection = subject.connection
    if connection.division is not None:
        named = {"name": connection.division_name, "number": connection.division}
        yield fine(_("Bookings go to %(name)s (%(number)s in Exact).", **named))
        return
    yield problem(
        _("No administration is chosen in which bookings are made."),
        _("Choose the administration."),
        Who.ADMINISTRATOR,
        place=Place(
            _("Choose the administration"), "exact.administration", {"connection_id": connection.id}
        ),
    )


def journal(subject: Subject) -> Iterator[Finding]:
    if subject.connection.division is None:
        yield _too_early()
    elif subject.connection.sales_journal:
        code = subject.connection.sales_journal
        yield fine(_("Invoices are booked in journal %(code)s.", code=code))
    elif not subject.settings.invoices_send:
        yield fine(_("No sales journal is chosen, and none is needed: invoices stay here."))
    else:
        yield problem(
            _("No sales journal is chosen, so no invoice can be booked."),
            _("Choose the sales journal."),
            Who.ADMINISTRATOR,
            place=_mapping(subject, _("Choose the sales journal")),
        )


def _too_early() -> Finding:
    return fine(_("There is something to choose once the administration is chosen."))


def vat_codes(subject: Subject) -> Iterator[Finding]:
    if subject.connection.division is None:
        yield _too_early()
        return
    linked = {link.vat_code_id for link in lists.vat_links(subject.connection)}
    known = db.session.scalars(select(VatCode).filter_by(active=True).order_by(VatCode.code))
    missing = [str(each) for each in known if each.id not in linked]
    if not missing:
        yield fine(_("Each VAT code has its counterpart in Exact."))
        return
    yield warning(
        ngettext(
            "%(num)s VAT code has no counterpart in Exact: invoices that need it stay here.",
            "%(num)s VAT codes have no counterpart in Exact: invoices that need them stay here.",
            len(missing),
        ),
        _("Choose the VAT code of Exact for each that is used."),
        Who.ADMINISTRATOR,
        details=missing,
        place=_mapping(subject),
    )


def units(subject: Subject) -> Iterator[Finding]:
    if not subject.settings.transactions_send:
        yield fine(_("Transactions stay here, so business units need no settings for them."))
        return
    if subject.connection.division is None:
        yield _too_early()
        return
    own = sorted(subject.company.business_units, key=lambda unit: unit.name)
    open_ones = [each for each in shown_units(subject.connection, own) if each.missing]
    if not open_ones:
        yield fine(_("Each business unit says how its transactions are booked."))
        return
    named = [
        ngettext(
            "%(unit)s: %(num)s choice is missing.",
            "%(unit)s: %(num)s choices are missing.",
            each.missing,
            unit=each.unit.name,
        )
        for each in open_ones
    ]
    yield warning(
        _("Some transactions cannot go, since it is not said how they are booked."),
        _("Choose what is missing; what waits for it goes by itself then."),
        Who.ADMINISTRATOR,
        details=named,
        place=Place(
            _("Set up the business units"),
            "exact.branches",
            {"company_id": subject.connection.company_id},
        ),
    )


def still_there(subject: Subject) -> Iterator[Finding]:
    gone = stale_choices(subject.connection)
    if not gone:
        yield fine(_("All that is chosen is still there in Exact."))
        return
    unit = next((each.unit for each in gone if each.unit), None)
    yield problem(
        ngettext(
            "%(num)s choice is of no use in Exact any more: what needs it stays here.",
            "%(num)s choices are of no use in Exact any more: what needs them stays here.",
            len(gone),
        ),
        _("Choose another, or have it made or unblocked in Exact."),
        Who.ADMINISTRATOR,
        details=[each.sentence for each in gone],
        place=_mapping(subject)
        if unit is None
        else Place(_("Choose another"), "exact.branch", {"unit_id": unit.id}),
    )


def fetched(subject: Subject) -> Iterator[Finding]:
    at = subject.connection.lists_fetched_at
    if at is None:
        yield fine(_("There are no lists yet to pick from."))
        return
    text = _("The lists to pick from are those of %(moment)s.", moment=formats.moment(at))
    if not subject.works or subject.moment - at < LISTS_OLD:
        yield fine(text)
        return
    advice = _("They should come every night. Fetch them anew, and look at the log of the workers.")
    yield warning(text, advice, Who.ADMINISTRATOR, place=subject.settings_page)


def _mapping(subject: Subject, button: str = "") -> Place:
    values = {"connection_id": subject.connection.id}
    return Place(button or _("Choose the counterparts"), "exact.mapping", values)


CHECKS: tuple[Check[Subject], ...] = (
    Check("administration", _l("Administration"), division),
    Check("journal", _l("Sales journal"), journal),
    Check("vat-codes", _l("VAT codes"), vat_codes),
    Check("business-units", _l("Business units"), units),
    Check("choices", _l("Choices"), still_there),
    Check("lists", _l("Lists"), fetched),
)
