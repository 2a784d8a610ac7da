"""What leaves no doubt is chosen by itself; the rest is left to a person."""

from __future__ import annotations

from sqlalchemy import delete

from ppplanner.extensions import db
from ppplanner.integrations.exact.branch_settings import BranchValues, branch_of, save_branch
from ppplanner.integrations.exact.models import ExactConnection, ExactListItem
from ppplanner.integrations.exact.sync.plain_choices import map_what_is_plain
from ppplanner.models import BusinessUnit


def forget(*codes: str) -> None:
    """As if Exact had never had these."""
    db.session.execute(delete(ExactListItem).where(ExactListItem.code.in_(codes)))
    db.session.expire_all()


def test_of_several_journals_none_is_chosen(
    connection: ExactConnection, unit: BusinessUnit
) -> None:
    branch = branch_of(connection, unit)
    assert (branch.cash_journal, branch.other_journal) == ("", "")


def test_the_only_journal_of_a_kind_is_chosen(
    connection: ExactConnection, unit: BusinessUnit
) -> None:
    connection.sales_journal = ""
    forget("V1", "11", "91")
    map_what_is_plain(connection)
    branch = branch_of(connection, unit)
    chosen = connection.sales_journal, branch.cash_journal, branch.other_journal
    assert chosen == ("70", "10", "90")


def test_customers_are_booked_on_the_only_account_of_debtors(
    connection: ExactConnection, unit: BusinessUnit
) -> None:
    branch = branch_of(connection, unit)
    assert branch.customer_gl_code == "400000"
    assert branch.customer_gl_id


def test_what_a_person_chose_stays(connection: ExactConnection, unit: BusinessUnit) -> None:
    save_branch(connection, unit, BranchValues("11", "91", "460000"))
    forget("10", "90")
    map_what_is_plain(connection)
    branch = branch_of(connection, unit)
    chosen = branch.cash_journal, branch.other_journal, branch.customer_gl_code
    assert chosen == ("11", "91", "460000")


def test_a_unit_of_which_all_is_in_doubt_keeps_nothing(
    connection: ExactConnection, unit: BusinessUnit
) -> None:
    db.session.delete(branch_of(connection, unit))
    forget("400000")
    map_what_is_plain(connection)
    assert branch_of(connection, unit) not in db.session
