"""What leaves no doubt is chosen without asking, each time a person has the lists fetched."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, VatCode

from ..branch_settings import branch_of
from ..models import ExactConnection, ExactListItem
from ..records import GLAccountKind
from . import lists
from .invoices import put_held_on_the_way


def map_what_is_plain(connection: ExactConnection) -> None:
    """Fill in the choices that leave no doubt: the only journal of a kind, GL accounts with the
    same code, a VAT percentage with one code only, the only GL account of debtors. What people
    chose stays. The caller commits.
    """
    if not connection.sales_journal:
        connection.sales_journal = _only_code(lists.sales_journals(connection))
    _map_gl_accounts(connection)
    _map_vat_codes(connection)
    for unit in connection.company.business_units:
        _fill_in_branch(connection, unit)
    if connection.sales_journal:
        put_held_on_the_way(connection)
    db.session.flush()


def _only_code(offered: Sequence[ExactListItem]) -> str:
    return offered[0].code if len(offered) == 1 else ""


def _map_gl_accounts(connection: ExactConnection) -> None:
    mapped = {link.gl_account_id for link in lists.gl_links(connection)}
    by_code = {item.code: item for item in lists.revenue_accounts(connection)}
    for account in lists.gl_accounts_of(connection):
        if account.id not in mapped and account.code in by_code:
            lists.map_gl_account(connection, account, by_code[account.code])


def _map_vat_codes(connection: ExactConnection) -> None:
    mapped = {link.vat_code_id for link in lists.vat_links(connection)}
    for vat_code in db.session.scalars(select(VatCode).filter_by(active=True)):
        choices = lists.vat_choices(connection, vat_code.percentage)
        if vat_code.id not in mapped and len(choices) == 1 and vat_code.percentage:
            lists.map_vat_code(connection, vat_code, choices[0])


def _fill_in_branch(connection: ExactConnection, unit: BusinessUnit) -> None:
    """The GL accounts of types stay open: how its money is booked, only the bookkeeper knows."""
    branch = branch_of(connection, unit)
    branch.cash_journal = branch.cash_journal or _only_code(lists.cash_journals(connection))
    branch.other_journal = branch.other_journal or _only_code(lists.general_journals(connection))
    debtors = _debtors(connection)
    if branch.customer_gl_id is None and len(debtors) == 1:
        branch.customer_gl_id, branch.customer_gl_code = debtors[0].exact_id, debtors[0].code
    if branch.cash_journal or branch.other_journal or branch.customer_gl_id:
        db.session.add(branch)


def _debtors(connection: ExactConnection) -> list[ExactListItem]:
    """Where customers' invoices are booked as well; prepayments are an account for those who say
    so.
    """
    accounts = lists.customer_accounts(connection)
    return [item for item in accounts if item.details["kind"] == GLAccountKind.RECEIVABLE]
