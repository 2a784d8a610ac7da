"""The small version of `benchmarks/exact/chaos.py`, with processes of its own that are killed."""

from __future__ import annotations

import pytest

from benchmarks.exact.chaos import Plan, try_out

#: One call in six goes wrong. A call may take a second before it is given up: the machine is busy.
SMALL = Plan(
    invoices=60,
    seed=5,
    companies=2,
    workers=2,
    chance=0.015,
    patience=1.0,
    speed=20.0,
    deaths=6,
    gone=1.0,
)


@pytest.mark.one_database
def test_each_invoice_is_booked_once_whatever_breaks() -> None:
    findings = try_out("sqlite", SMALL)
    assert findings.wrong == {}
    assert (findings.entries, findings.documents, findings.files) == (60, 30, 30)
