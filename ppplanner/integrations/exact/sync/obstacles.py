"""What keeps an invoice out of Exact's books: the set-up is read once, then asked per invoice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from ppplanner.i18n import N_, Message
from ppplanner.models import GLAccount, Invoice, InvoiceLine

from ..models import ExactConnection
from ..settings import ExactSettings, exact_settings
from .customer_links import linked_among
from .customers import SENDING_OFF
from .lists import gl_links, vat_links

NO_JOURNAL = N_("Choose the sales journal in the settings of Exact.")
NO_GL_ACCOUNT = N_("Line %(position)s has no GL account.")
GL_ACCOUNT_UNMAPPED = N_(
    "GL account %(account)s has no counterpart in Exact. Create it there with the same code, or "
    "choose another one in the settings of Exact; then try Exact again."
)
VAT_CODE_UNMAPPED = N_(
    "VAT code %(vat_code)s has no counterpart in Exact: choose it in the settings of Exact."
)
SENDING_INVOICES_OFF = N_("Forwarding invoices is switched off in the settings of Exact.")
#: What a setting cures: invoices wait for it, and then go by themselves.
CURED_BY_SETTINGS = frozenset({NO_JOURNAL, VAT_CODE_UNMAPPED, SENDING_INVOICES_OFF, SENDING_OFF})


@dataclass(frozen=True)
class Setup:
    """The switches and counterparts of a connection, as they were at one moment."""

    sales_journal: str
    settings: ExactSettings
    gl_accounts: Mapping[int, UUID]
    vat_codes: Mapping[int, str]
    #: Those of the customers asked about whom Exact knows.
    linked: Collection[int]

    @classmethod
    def read(cls, connection: ExactConnection, customer_ids: Collection[int]) -> Setup:
        """In four queries, however many invoices it is for."""
        return cls(
            connection.sales_journal,
            exact_settings.load(connection.company_id),
            {link.gl_account_id: link.exact_id for link in gl_links(connection)},
            {link.vat_code_id: link.code for link in vat_links(connection)},
            linked_among(connection.id, customer_ids),
        )


def obstacles(invoice: Invoice, setup: Setup, *, asked: bool = True) -> list[Message]:
    """What has to be set before the invoice can go: all of it, so that it is cured in one go.

    As long as Exact was not `asked`, it may have a GL account with the code of one that nobody
    linked.
    """
    found = []
    if not setup.settings.invoices_send:
        found.append(Message(SENDING_INVOICES_OFF))
    if not setup.sales_journal:
        found.append(Message(NO_JOURNAL))
    for line in invoice.lines:
        found += [each for each in _unmapped(line, setup, asked) if each not in found]
    if not setup.settings.customers_send and invoice.customer_id not in setup.linked:
        found.append(Message(SENDING_OFF, {"customer": invoice.customer.full_name}))
    return found


def wait_for_settings(missing: Iterable[Message]) -> bool:
    """Whether it waits as long as they are there; what else is missing is said, too."""
    return any(each.text in CURED_BY_SETTINGS for each in missing)


def unlinked_accounts(invoice: Invoice, setup: Setup) -> list[GLAccount]:
    """The GL accounts of the lines of which nobody said what they are in Exact."""
    accounts = {line.gl_account for line in invoice.lines if line.gl_account}
    return [account for account in accounts if account.id not in setup.gl_accounts]


def _unmapped(line: InvoiceLine, setup: Setup, asked: bool) -> list[Message]:
    found = []
    if line.gl_account is None:
        found.append(Message(NO_GL_ACCOUNT, {"position": line.position}))
    elif asked and line.gl_account_id not in setup.gl_accounts:
        found.append(Message(GL_ACCOUNT_UNMAPPED, {"account": str(line.gl_account)}))
    if line.vat_code_id not in setup.vat_codes:
        found.append(Message(VAT_CODE_UNMAPPED, {"vat_code": line.vat_code.code}))
    return found
