"""An add-on in a package of its own, as small as one can be: a note on each customer.

`ADDONS=tests.example_addon` switches it on. Start reading at the end: `addon` is all it adds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import escape
from sqlalchemy import select

from ppplanner import events
from ppplanner.addons.manifest import (
    AddOn,
    Cell,
    ContractMarks,
    ListColumn,
    Mark,
    Running,
    RunningWork,
    Schedule,
    Slot,
)
from ppplanner.extensions import db
from ppplanner.jobs import job
from ppplanner.models import Contract, Customer
from ppplanner.permissions import Permission, require
from ppplanner.settings import Settings
from tests.example_addon.models import ExampleNote

bp = Blueprint("example", __name__, url_prefix="/example", template_folder="templates")


@dataclass(frozen=True)
class NoteSettings:
    longest: int = 200


note_settings = Settings("example", NoteSettings)


@bp.post("/customers/<int:customer_id>/note")
@require("example.edit")
def write_note(customer_id: int) -> ResponseReturnValue:
    note = db.session.get(ExampleNote, customer_id) or ExampleNote(customer_id=customer_id)
    note.text = request.form["text"][: note_settings.load().longest]
    db.session.add(note)
    db.session.commit()
    return redirect(url_for("customers.show", customer_id=customer_id), 303)


def note_tile(customer: Customer) -> str:
    note = db.session.get(ExampleNote, customer.id)
    return render_template("example/_note.html", customer=customer, note=note)


def notes(customer_ids: Sequence[int]) -> Mapping[int, Cell]:
    query = select(ExampleNote).where(ExampleNote.customer_id.in_(customer_ids))
    return {note.customer_id: Cell(escape(note.text)) for note in db.session.scalars(query)}


def contract_marks(contract_ids: Sequence[int]) -> Mapping[int, list[Mark]]:
    """Each contract of a customer with a note carries the note."""
    query = (
        select(Contract.id, ExampleNote.text)
        .join(ExampleNote, ExampleNote.customer_id == Contract.customer_id)
        .where(Contract.id.in_(contract_ids))
    )
    return {key: [Mark("note", "pencil", text)] for key, text in db.session.execute(query)}


def running_work() -> list[Running]:
    """Notes are sorted for ever."""
    count = len(db.session.scalars(select(ExampleNote)).all())
    return [Running(f"Sorting {count} note", url_for("home.index"))]


def begin_note(customer: Customer, **_: object) -> None:
    if db.session.get(ExampleNote, customer.id) is None:
        db.session.add(ExampleNote(customer_id=customer.id, text="new"))


@job
def count_notes() -> None:
    current_app.logger.info("notes: %s", len(db.session.scalars(select(ExampleNote)).all()))


addon = AddOn(
    name="example",
    title="Notes",
    package=__name__,
    folder=Path(__file__).parent,
    blueprints=[bp],
    slots={"customer.panel": Slot(note_tile, "example.view")},
    list_columns=[ListColumn("customers", "note", "Note", notes, "example.view")],
    contract_marks=[ContractMarks(contract_marks, "example.view")],
    running_work=[RunningWork(running_work, "example.view")],
    permissions=[
        Permission("example.view", "See notes on customers"),
        Permission("example.edit", "Write notes on customers"),
    ],
    listeners=[(events.customer_saved, begin_note)],
    schedules=[Schedule(count_notes, every=timedelta(days=1))],
    field_words={"text": {"new": "nothing yet"}},
    setting_names={"longest": "Longest note"},
    setting_words={"longest": {"200": "as long as fits"}},
)
