"""Webhook subscriptions: Exact tries the address before it believes it. Nothing is ever sent there
afterwards: notifications are not simulated.
"""

from __future__ import annotations

from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from ..payload import Payload
from ..values import Record
from ..work import Work
from .base import Rules

LOOPBACK = ("127.0.0.1", "localhost", "::1")
TIMEOUT = 3  # seconds
UNREACHABLE = 503
TOPICS = (
    "Accounts",
    "BankAccounts",
    "BankEntries",
    "CashEntries",
    "Contacts",
    "DocumentAttachments",
    "Documents",
    "FinancialTransactions",
    "GLAccounts",
    "GeneralJournalEntries",
    "SalesEntries",
    "SalesInvoices",
)


class WebhookSubscriptions(Rules):
    """One for each app, user, administration and topic."""

    path = "webhooks/WebhookSubscriptions"

    def complete(self, work: Work, record: Record, payload: Payload) -> None:
        record["UserID"], record["ClientID"] = work.user.id, work.client_id
        record["IsInstant"] = bool(record["IsInstant"])

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        if record["Topic"] and record["Topic"] not in TOPICS:
            work.problems.add("reference", "Topic")
        if any(self._same(each, record) for each in work.table(self.path)):
            work.problems.add("exists")
        if record["CallbackURL"] and not _may_be_called(record["CallbackURL"], work):
            work.problems.add("invalid", "CallbackURL")
        if not work.problems.messages:
            _check_receiver(work, record["CallbackURL"])

    def _same(self, one: Record, other: Record) -> bool:
        names = ("ClientID", "UserID", "Topic")
        return one["ID"] != other["ID"] and all(one[name] == other[name] for name in names)


def _may_be_called(address: str, work: Work) -> bool:
    """https only; on this machine http will do."""
    parts = urlsplit(address)
    here = work.options.allow_loopback_redirects and parts.hostname in LOOPBACK
    return parts.scheme == "https" or (here and parts.scheme == "http")


def _check_receiver(work: Work, address: str) -> None:
    """Post nothing at all to the receiver, who must answer 2xx."""
    status = _knock(address)
    if not 200 <= status < 300:
        work.problems.add("invalid", f"Post to callback URL endpoint returns {status}")


def _knock(address: str) -> int:
    """The status of the answer. Nothing leaves this machine: elsewhere nobody is at home."""
    if urlsplit(address).hostname not in LOOPBACK:
        return UNREACHABLE
    try:
        with urlopen(Request(address, data=b"", method="POST"), timeout=TIMEOUT) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except OSError:
        return UNREACHABLE
