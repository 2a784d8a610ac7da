"""All that happened, in numbers: what scripts read at `/controls/state.json`."""

from __future__ import annotations

from typing import Any

from .core import Simulator
from .findings import DOCUMENTS, FILES, look_through
from .rules import cash, general_journal, sales_totals
from .store import Books

LIMITS = ("calls_per_minute", "calls_per_day", "errors_per_hour", "token_calls_per_day")
SWITCHES = ("bare_lists", "case_sensitive", "substringof", "one_chain_per_user")
CHOICES = {"missing_rights": ("forbidden", "empty")}
NUMBERS = {"latency": float, "page_size": int, "token_age_before_refresh": float}
TABLES = {
    "entries": sales_totals.ENTRIES,
    "documents": DOCUMENTS,
    "files": FILES,
    "cash_entries": cash.ENTRIES,
    "journal_entries": general_journal.ENTRIES,
    "accounts": "crm/Accounts",
    "cost_centres": "hrm/Costcenters",
    "cost_units": "hrm/Costunits",
}


def summary(sim: Simulator) -> dict[str, Any]:
    with sim.state.lock:
        books = sim.state.books.values()
        divisions = {str(each.code): _division(sim, each) for each in books}
    return {
        "now": sim.clock.now().isoformat(),
        "speed": sim.clock.speed,
        "calls": len(sim.log),
        "entries": sum(each["entries"] for each in divisions.values()),
        "documents": sum(each["documents"] for each in divisions.values()),
        "divisions": divisions,
        "answers": sim.log.answers,
        "tokens": sim.state.tokens.outcomes,
        "faults": sim.faults.as_facts(),
        "struck": sim.faults.struck,
        "seed": sim.faults.seed,
        "refused_users": sim.refused_users,
        "options": {
            name: getattr(sim.options, name) for name in (*LIMITS, *SWITCHES, *CHOICES, *NUMBERS)
        },
    }


def _division(sim: Simulator, books: Books) -> dict[str, Any]:
    """What is booked, what looks wrong, the calls of each minute, the most errors in an hour."""
    errors = {
        endpoint: count
        for (division, endpoint), count in sim.limits.most_errors.items()
        if division == books.code
    }
    booked = {name: len(books.table(path)) for name, path in TABLES.items()}
    return booked | {
        "findings": look_through(books).counts(),
        "calls_by_minute": list(sim.limits.minutes.get(books.code, [])),
        "most_errors_in_an_hour": errors,
        "blocking_status": books.facts["BlockingStatus"],
    }
