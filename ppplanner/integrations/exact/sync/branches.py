"""How the transactions of business units are booked, and what keeps one out of Exact's books: the
set-up is read once, then asked per transaction (mission S42 to S47).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppplanner.extensions import db
from ppplanner.i18n import N_, Message, Name
from ppplanner.models import BusinessUnit, Transaction, TransactionFamily

from .. import mapping
from ..models import ExactBranch, ExactConnection, ExactTypeAccount
from ..settings import ExactSettings, SendMoment, exact_settings
from .customer_links import linked_among
from .customers import SENDING_OFF
from .lists import cash_journals, general_journals

TRANSACTIONS_OFF = N_("Forwarding transactions is switched off in the settings of Exact.")
ADMINISTRATIVE = N_("No money moved: it only brings a balance to zero, and never goes to Exact.")
STAYS_HERE = N_(
    "Transactions of the type %(type)s stay here: so it is set for business unit %(unit)s in the "
    "settings of Exact."
)
NO_CASH_JOURNAL = N_(
    "Business unit %(unit)s has no cash journal: choose it in the settings of Exact."
)
NO_OTHER_JOURNAL = N_(
    "Business unit %(unit)s has no journal for other transactions: choose it in the settings of "
    "Exact."
)
UNKNOWN_JOURNAL = N_(
    "Exact has no journal %(journal)s that can be used for business unit %(unit)s: choose another, "
    "or fetch the lists anew in the settings of Exact."
)
NO_CUSTOMER_GL = N_(
    "Business unit %(unit)s has no GL account for customers: choose it in the settings of Exact."
)
NO_TYPE_ACCOUNT = N_(
    "Business unit %(unit)s has no GL account for the type %(type)s: choose it in the settings of "
    "Exact."
)
NO_CUSTOMER = N_("It names no customer.")
WAITING_FOR_CUSTOMER = N_(
    "%(customer)s is not in Exact yet. With the first invoice that is forwarded, the customer goes "
    "there, and then this goes by itself."
)

#: Business unit, type and method of an account, by their ids; no method: whatever the method.
Key: TypeAlias = tuple[int, int, int | None]


def read_transactions(ids: Collection[int]) -> list[Transaction]:
    """These, in the order in which they were made, with what decides whether they can go."""
    query = (
        select(Transaction)
        .where(Transaction.id.in_(ids))
        .order_by(Transaction.at, Transaction.id)
        .options(
            joinedload(Transaction.type),
            joinedload(Transaction.method),
            joinedload(Transaction.customer),
            joinedload(Transaction.business_unit).joinedload(BusinessUnit.company),
        )
    )
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class Setup:
    """The switches and the settings of a company's business units, as they were at one moment."""

    settings: ExactSettings
    #: The bookkeeper's, in which types of transactions are named.
    language: str
    branches: Mapping[int, ExactBranch]
    accounts: Mapping[Key, ExactTypeAccount]
    #: The codes of those that Exact offers.
    cash_journals: Collection[str]
    other_journals: Collection[str]
    #: Those of the customers asked about whom Exact knows.
    linked: Collection[int]

    @classmethod
    def read(cls, connection: ExactConnection, transactions: Collection[Transaction]) -> Setup:
        """In a few queries, however many transactions it is for."""
        customers = {each.customer_id for each in transactions if each.customer_id}
        return cls(
            exact_settings.load(connection.company_id),
            connection.language,
            {each.business_unit_id: each for each in branches_of(connection)},
            {_key(each): each for each in accounts_of(connection)},
            {item.code for item in cash_journals(connection)},
            {item.code for item in general_journals(connection)},
            linked_among(connection.id, customers),
        )

    def account_for(self, transaction: Transaction) -> ExactTypeAccount | None:
        """That of its type and method, else of its type alone."""
        of_type = transaction.business_unit_id, transaction.type_id
        exactly = self.accounts.get((*of_type, transaction.method_id))
        return exactly or self.accounts.get((*of_type, None))

    def type_gl(self, transaction: Transaction) -> UUID | None:
        account = self.account_for(transaction)
        return account.gl_account_id if account else None


def _key(account: ExactTypeAccount) -> Key:
    return account.business_unit_id, account.type_id, account.method_id


def branches_of(connection: ExactConnection) -> list[ExactBranch]:
    return list(db.session.scalars(select(ExactBranch).filter_by(connection_id=connection.id)))


def accounts_of(connection: ExactConnection) -> list[ExactTypeAccount]:
    """Those of all business units of the company; not of one that has moved to it, whose accounts
    are still those of another administration.
    """
    units = select(BusinessUnit.id).filter_by(company_id=connection.company_id)
    moved = select(ExactBranch.business_unit_id).where(ExactBranch.connection_id != connection.id)
    of_unit = ExactTypeAccount.business_unit_id
    query = (
        select(ExactTypeAccount)
        .where(of_unit.in_(units), of_unit.not_in(moved))
        .options(joinedload(ExactTypeAccount.method))
    )
    return list(db.session.scalars(query.order_by(ExactTypeAccount.id)))


def why_it_stays(transaction: Transaction, setup: Setup) -> Message | None:
    """Why a transaction is no business of Exact's; None when it is."""
    if transaction.type.family is TransactionFamily.ADMINISTRATIVE:
        return Message(ADMINISTRATIVE)
    account = setup.account_for(transaction)
    if account is None or account.forwarded:
        return None
    return Message(STAYS_HERE, _names(transaction))


def obstacles(transaction: Transaction, setup: Setup) -> list[Message]:
    """What has to be set before the transaction can go: all of it, to be cured in one go."""
    found = [] if setup.settings.transactions_send else [Message(TRANSACTIONS_OFF)]
    found += _journal_obstacles(transaction, setup)
    found += _account_obstacles(transaction, setup)
    if mapping.is_of_customer(transaction):
        found += _customer_obstacles(transaction, setup)
    return found


def _journal_obstacles(transaction: Transaction, setup: Setup) -> list[Message]:
    cash, names = mapping.is_cash(transaction), _names(transaction)
    journal = journal_for(transaction, setup)
    if not journal:
        return [Message(NO_CASH_JOURNAL if cash else NO_OTHER_JOURNAL, names)]
    offered = setup.cash_journals if cash else setup.other_journals
    if journal not in offered:
        return [Message(UNKNOWN_JOURNAL, {**names, "journal": journal})]
    return []


def journal_for(transaction: Transaction, setup: Setup) -> str:
    """The journal of its business unit for cash, or for all else; "" when there is none yet."""
    branch = setup.branches.get(transaction.business_unit_id)
    if branch is None:
        return ""
    return branch.cash_journal if mapping.is_cash(transaction) else branch.other_journal


def _account_obstacles(transaction: Transaction, setup: Setup) -> list[Message]:
    """Cash of a customer needs no account of its type: the journal's own is the other side."""
    found, names = [], _names(transaction)
    branch = setup.branches.get(transaction.business_unit_id)
    of_customer = mapping.is_of_customer(transaction)
    if of_customer and (branch is None or branch.customer_gl_id is None):
        found.append(Message(NO_CUSTOMER_GL, names))
    cash_of_customer = of_customer and mapping.is_cash(transaction)
    if not cash_of_customer and setup.type_gl(transaction) is None:
        found.append(Message(NO_TYPE_ACCOUNT, names))
    return found


def _customer_obstacles(transaction: Transaction, setup: Setup) -> list[Message]:
    """Whoever is in Exact already, or goes there when saved, is none (mission S19, S20)."""
    customer = transaction.customer
    if customer is None:
        return [Message(NO_CUSTOMER)]
    if customer.id in setup.linked:
        return []
    named = {"customer": customer.full_name}
    if not setup.settings.customers_send:
        return [Message(SENDING_OFF, named)]
    if setup.settings.customers_send_moment == SendMoment.ON_INVOICE:
        return [Message(WAITING_FOR_CUSTOMER, named)]
    return []


def _names(transaction: Transaction) -> dict[str, object]:
    called = Name(transaction.type.name, transaction.type.names)
    return {"unit": str(transaction.business_unit), "type": called}
