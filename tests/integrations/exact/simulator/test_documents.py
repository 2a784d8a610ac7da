"""Section 8: documents, the files attached to them, and the way to read them back."""

from __future__ import annotations

import base64

import pytest
import requests

from ppplanner.integrations.exact.simulator import RunningSimulator
from tests.integrations.exact.simulator.caller import Caller, Json, message, refusal
from tests.integrations.exact.simulator.conftest import EntryMaker

PDF = b"%PDF-1.7 an invoice"
DOCUMENTS = "documents/Documents"
ATTACHMENTS = "documents/DocumentAttachments"


def attachment(document: Json, content: bytes = PDF) -> Json:
    encoded = base64.b64encode(content).decode()
    return {"Document": document["ID"], "FileName": "2026-0001.pdf", "Attachment": encoded}


@pytest.fixture
def document(caller: Caller) -> Json:
    return caller.create(DOCUMENTS, Subject="Invoice 2026-0001", Type=10)


def test_a_document_needs_subject_and_type(caller: Caller) -> None:
    assert message(caller.post(DOCUMENTS, {})) == "Mandatory: Subject\r\nMandatory: Type"


@pytest.mark.parametrize("number", [33, 99])
def test_not_every_type_of_document_can_be_created(caller: Caller, number: int) -> None:
    answer = caller.post(DOCUMENTS, {"Subject": "x", "Type": number})

    assert refusal(answer) == (500, "Document Type not allowed")


def test_documents_are_numbered(document: Json, caller: Caller) -> None:
    second = caller.create(DOCUMENTS, Subject="Second", Type=55)

    assert second["HID"] == document["HID"] + 1
    assert second["TypeDescription"] == "Miscellaneous"


def test_a_file_is_never_returned_with_its_record(document: Json, caller: Caller) -> None:
    created = caller.create(ATTACHMENTS, **attachment(document))

    assert (created["Attachment"], created["FileSize"]) == (None, float(len(PDF)))


def test_a_file_is_downloaded_by_its_address(document: Json, caller: Caller) -> None:
    address = caller.create(ATTACHMENTS, **attachment(document))["Url"]

    answer = caller.session.get(f"{address}&Download=1", timeout=10)

    assert answer.content == PDF
    assert caller.session.get(address, timeout=10).status_code == 404
    assert requests.get(f"{address}&Download=1", timeout=10).status_code == 401


@pytest.mark.parametrize(
    ("sent", "objection"),
    [
        ({"Document": None}, "Mandatory: Document"),
        ({"FileName": ""}, "Mandatory: File name"),
        ({"Attachment": None}, "Mandatory: Attachment"),
        ({"Document": "00000000-0000-0000-0000-000000000001"}, "Invalid reference: Document"),
    ],
)
def test_an_attachment_is_checked(
    document: Json, caller: Caller, sent: Json, objection: str
) -> None:
    answer = caller.post(ATTACHMENTS, attachment(document) | sent)

    assert refusal(answer) == (500, objection)


def test_a_file_that_is_not_base64_cannot_be_converted(document: Json, caller: Caller) -> None:
    answer = caller.post(ATTACHMENTS, attachment(document) | {"Attachment": "not base64!"})

    assert answer.status_code == 400
    assert "to type 'Byte[]'" in message(answer)


def test_a_document_carries_no_attachments_inside(caller: Caller) -> None:
    answer = caller.post(DOCUMENTS, {"Subject": "x", "Type": 10, "Attachments": []})

    assert answer.status_code == 400


def test_an_entry_names_its_document(
    exact: RunningSimulator, document: Json, caller: Caller, entry: EntryMaker
) -> None:
    booked = caller.create("salesentry/SalesEntries", **entry(Document=document["ID"]))

    assert (booked["DocumentNumber"], booked["DocumentSubject"]) == (
        document["HID"],
        "Invoice 2026-0001",
    )


def test_an_entry_gets_its_document_later(
    document: Json, caller: Caller, entry: EntryMaker
) -> None:
    booked = caller.create("salesentry/SalesEntries", **entry())
    address = f"salesentry/SalesEntries(guid'{booked['EntryID']}')"

    assert caller.put(address, {"Document": document["ID"]}).status_code == 204
    assert caller.get(address).json()["d"]["DocumentNumber"] == document["HID"]


def test_a_document_in_use_cannot_be_deleted(
    exact: RunningSimulator, document: Json, caller: Caller, entry: EntryMaker
) -> None:
    caller.create(ATTACHMENTS, **attachment(document))
    booked = caller.create("salesentry/SalesEntries", **entry(Document=document["ID"]))
    address = f"{DOCUMENTS}(guid'{document['ID']}')"
    used = caller.delete(address)
    exact.delete_entry(booked["EntryID"])

    assert refusal(used) == (500, "In use: Document")
    assert caller.delete(address).status_code == 204
    assert exact.attachments() == []


def test_the_tests_can_look_into_the_files(
    exact: RunningSimulator, document: Json, caller: Caller
) -> None:
    caller.create(ATTACHMENTS, **attachment(document))

    assert exact.attachments(Document=document["ID"])[0]["Content"] == PDF


def test_a_document_can_name_its_entry_instead(
    document: Json, caller: Caller, entry: EntryMaker
) -> None:
    booked = caller.create("salesentry/SalesEntries", **entry())
    address = f"{DOCUMENTS}(guid'{document['ID']}')"

    answer = caller.put(address, {"FinancialTransactionEntryID": booked["EntryID"]})

    assert answer.status_code == 204
    assert caller.get(address).json()["d"]["FinancialTransactionEntryID"] == booked["EntryID"]


def test_who_has_no_rights_to_documents_reads_no_file(
    exact: RunningSimulator, document: Json, caller: Caller
) -> None:
    address = caller.create(ATTACHMENTS, **attachment(document))["Url"]
    who = {"Authorization": f"Bearer {exact.token('lucas')}"}

    assert requests.get(f"{address}&Download=1", headers=who, timeout=10).status_code == 404
