"""Files for the bank: what is in them, and what no bank would take."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppplanner.services.collections.sepa import (
    LONGEST_TEXT,
    NOT_ALLOWED,
    Payer,
    Payment,
    Version,
    credit_transfers,
    in_sepa_letters,
    is_reached,
)

PAYER = Payer(
    "Vanderlinden Verhuur BV",
    "BE71 0961 2345 6769",
    "GKCCBEBB",
    {"street_name": "Noorderlaan 1", "postcode": "2000", "town": "Antwerpen", "country": "BE"},
)
DAY = date(2026, 11, 25)


def payment(amount: str = "250.00", **fields: str) -> Payment:
    values = {"reference": "R7", "name": "An Jansen", "iban": "BE68539007547034", "text": "Back"}
    return Payment(amount=Decimal(amount), **{**values, **fields})


def file_with(*payments: Payment, version: Version = Version.V09) -> ElementTree.Element:
    content = credit_transfers(PAYER, payments, name="20261123-1", day=DAY, version=version)
    return ElementTree.fromstring(content)


def texts(root: ElementTree.Element, path: str) -> list[str | None]:
    """What stands in the elements at the end of `path`, whatever the version calls its names."""
    steps = "/".join(f"{{*}}{step}" for step in path.split("/"))
    return [each.text for each in root.iterfind(f".//{steps}")]


@pytest.mark.parametrize("version", list(Version))
def test_a_file_names_who_pays_whom_and_how_much(version: Version) -> None:
    root = file_with(payment(), payment("0.05", reference="R8", name="Zoë & Cie"), version=version)
    assert root.tag == f"{{urn:iso:std:iso:20022:tech:xsd:{version.value}}}Document"
    assert texts(root, "GrpHdr/MsgId") == ["20261123-1"]
    assert texts(root, "GrpHdr/NbOfTxs") == ["2"]
    assert texts(root, "GrpHdr/CtrlSum") == ["250.05"]
    assert texts(root, "DbtrAcct/Id/IBAN") == ["BE71096123456769"]
    assert texts(root, "Cdtr/Nm") == ["An Jansen", "Zoe + Cie"]
    assert texts(root, "InstdAmt") == ["250.00", "0.05"]
    assert texts(root, "EndToEndId") == ["R7", "R8"]


def test_the_bank_pays_on_the_day_that_was_asked() -> None:
    assert texts(file_with(payment()), "ReqdExctnDt/Dt") == ["2026-11-25"]
    old = file_with(payment(), version=Version.V03)
    assert texts(old, "ReqdExctnDt") == ["2026-11-25"]


def test_the_address_of_the_payer_is_in_parts() -> None:
    root = file_with(payment())
    assert texts(root, "Dbtr/PstlAdr/TwnNm") == ["Antwerpen"]
    assert texts(root, "Dbtr/PstlAdr/Ctry") == ["BE"]


@pytest.mark.parametrize("amount", ["0", "-1", "1000000000"])
def test_an_amount_that_no_bank_transfers_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="no bank transfers"):
        file_with(payment(amount))


def test_an_account_outside_sepa_is_refused() -> None:
    with pytest.raises(ValueError, match="outside SEPA"):
        file_with(payment(iban="TR330006100519786457841326"))


@pytest.mark.parametrize(
    "iban", ["BE68539007547034", "nl91abna0417164300", "CH9300762011623852957"]
)
def test_accounts_within_sepa_are_reached(iban: str) -> None:
    assert is_reached(iban)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("Café Zoë & co", "Cafe Zoe + co"),
        ("a_b@c", "a-b.c"),
        ("Müller\tGmbH\n", "Muller GmbH"),
        ("//contract C1001//", "contract C1001"),
        ("<script>", "script"),
        ("北京", "Bei Jing"),
    ],
)
def test_words_are_written_in_letters_that_every_bank_knows(written: str, sent: str) -> None:
    assert in_sepa_letters(written, 70) == sent


@given(st.text(max_size=200))
def test_no_other_letter_ever_gets_into_a_file(text: str) -> None:
    sent = in_sepa_letters(text, LONGEST_TEXT)
    assert not NOT_ALLOWED.search(sent)
    assert len(sent) <= LONGEST_TEXT


@pytest.mark.parametrize("name", ["€uro & <Söhne>", "x" * 200, "🚐", "''"])
def test_a_file_stays_sound_whatever_a_customer_is_called(name: str) -> None:
    [sent] = texts(file_with(payment(name=name, text=name or "-")), "Cdtr/Nm")
    assert sent
    assert len(sent) <= 70
