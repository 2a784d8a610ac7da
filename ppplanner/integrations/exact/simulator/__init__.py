"""A strict Exact Online over HTTP, for the demo, for tests, and for work on a train.

It is a service of its own: it knows nothing of ppplanner and shares no table with it. It follows
what was found out about Exact's API, and is stricter where that is uncertain, so that a client
that is happy here is careful enough there. The README beside this names its controls, and the tests
of each rule.

    run(port=8100, data_file="instance/exact.sqlite3")     # for good

    with RunningSimulator() as exact:                       # in a test
        exact.sign_in()                                     # tokens without a browser
        exact.clock.jump(minutes=9, seconds=30)
        exact.fail_next("drop_after", "salesentry/SalesEntries", method="POST")
        exact.faults.sow(7)  # then chances can be repeated
        exact.fail_next("crash", times=None, probability=0.05)
        exact.log.count("salesentry/SalesEntries", "POST")
        exact.entries(YourRef="2026-0042")

Not simulated:

- what webhooks tell (a subscription is checked, and nothing sent to it afterwards); `$batch`; the
  implicit grant; scopes chosen by a person; login with a password
- function resources such as `ReceivablesListByAccount` and `SyncTimestamp`
- resources beyond `resources.json` (bank entries, purchase, items, projects, transaction lines)
- posting deferred revenue from `From`/`To`, G-account and withholding amounts, extra duty
- a header `VATAmountFC`: it is taken and ignored, VAT is that of the lines
- foreign currencies beyond multiplying with `Rate`; withholding the difference accounts
- matching payments: cash lines never settle a receivable, `mark_paid` does
- the visiting address of an account as an address record of its own
- descriptions in other languages, but for GL accounts; free and custom fields
- how numbers sort in SQL Server (guids here sort as text)
- counters of calls and errors survive no restart; everything else that is booked does
"""

from __future__ import annotations

from .app import create_simulator
from .core import Simulator
from .options import DEMO_APP, Options, RegisteredApp
from .people import ANTWERP, ESTATE, NAMUR
from .server import RunningSimulator, code_in, run, serve

__all__ = [
    "ANTWERP",
    "DEMO_APP",
    "ESTATE",
    "NAMUR",
    "Options",
    "RegisteredApp",
    "RunningSimulator",
    "Simulator",
    "code_in",
    "create_simulator",
    "run",
    "serve",
]
