"""Documents and the files attached to them, which are sent one by one."""

from __future__ import annotations

from ..payload import Payload
from ..values import Record
from ..work import Work
from .base import Rules


class Documents(Rules):
    path = "documents/Documents"

    def complete(self, work: Work, record: Record, payload: Payload) -> None:
        record["DocumentDate"] = record["DocumentDate"] or work.today
        record["Currency"] = record["Currency"] or "EUR"

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        kind = work.table("documents/DocumentTypes").get(record["Type"])
        if record["Type"] is not None and not (kind and kind["DocumentIsCreatable"]):
            work.problems.add("document_type")
        work.by_id("crm/Accounts", "Account", record["Account"])
        work.by_id(
            "salesentry/SalesEntries",
            "FinancialTransactionEntryID",
            record["FinancialTransactionEntryID"],
        )

    def store(self, work: Work, record: Record, payload: Payload) -> None:
        record["HID"] = work.books.next("document")
        super().store(work, record, payload)

    def check_delete(self, work: Work, record: Record) -> None:
        self.refuse_used(work, "Document", record["ID"], "salesentry/SalesEntries.Document")

    def after_delete(self, work: Work, record: Record) -> None:
        path = DocumentAttachments.path
        for attachment in work.table(path).by("Document", record["ID"]):
            work.books.files.pop(attachment["ID"], None)
            work.remove(path, attachment)


class DocumentAttachments(Rules):
    path = "documents/DocumentAttachments"

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        work.by_id("documents/Documents", "Document", record["Document"])

    def store(self, work: Work, record: Record, payload: Payload) -> None:
        content = record["Attachment"]
        work.books.files[record["ID"]] = content
        record["Attachment"] = None
        record["FileSize"] = float(len(content))
        super().store(work, record, payload)

    def after_delete(self, work: Work, record: Record) -> None:
        work.books.files.pop(record["ID"], None)
