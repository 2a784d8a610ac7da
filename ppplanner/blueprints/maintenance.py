"""Plain maintenance screens from a few lines: a list, and a dialog to add, change and delete.

    Maintenance(
        model=VatCode,
        listing=Listing(name="vat_codes", title=_l("VAT codes"), ...),
        form=VatCodeForm,
        save=lambda values, vat_code: ledger.save_vat_code(**values, vat_code=vat_code),
        view="ledger.view",
        edit="ledger.edit",
        add=_l("New VAT code"),
    ).register(bp, "/vat-codes")

The endpoints are the listing's name, and that with "_new", "_edit" and "_delete" behind it. The
form shows a record's attributes in fields of the same name; two people who change one record at
the same time are told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm

from ppplanner.addons.manifest import Text
from ppplanner.addons.registry import registry
from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import finish, render_page
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.lists.listing import Action, Listing
from ppplanner.blueprints.records import find
from ppplanner.blueprints.stale import StaleAware, inputs, stale
from ppplanner.errors import DomainError, NotFound
from ppplanner.i18n import _
from ppplanner.models import Base
from ppplanner.permissions import allowed, allowed_generally, require
from ppplanner.reach import has_place
from ppplanner.services.removal import delete_unused


@dataclass(kw_only=True)
class Maintenance:
    """The screens of one kind of record. `listing` needs no `open` and no `new`."""

    model: type[Base]
    listing: Listing
    form: type[StaleAware]
    #: Makes a record of the form's values, or changes the one given: a service behind a lambda.
    save: Callable[[dict[str, Any], Any | None], Any]
    #: The permissions to see the list, and to add, change and delete.
    view: str
    edit: str
    #: The title of the dialog that makes a new one.
    add: Text
    #: Deletes a record or raises DomainError; None when such records stay for ever.
    delete: Callable[[Any], None] | None = delete_unused
    #: What titles and messages call a record.
    called: Callable[[Any], str] = str
    #: A record as values of the form, where fields are not simply attributes.
    values: Callable[[Any], Mapping[str, Any]] | None = None
    #: The form to change a record, where it differs from the one to add it.
    edit_form: type[StaleAware] | None = None
    #: The page of the list, when it says more than a list; it extends "list.html".
    template: str = "list.html"
    #: The dialog of the form, when its fields need an order of their own.
    form_template: str = "maintenance/edit.html"
    #: Two fields beside each other, for records with many.
    wide: bool = False
    #: Whether these screens are there for this person now; None when they always are.
    when: Callable[[], bool] | None = None
    #: Whether changes need the right everywhere, as they always do for records that all share.
    generally: bool = False

    def register(self, bp: Blueprint, path: str) -> None:
        """Add the routes to the blueprint."""
        name = self.listing.name
        self.listing = replace(
            self.listing,
            open=self._edit_url,
            open_dialog=True,
            new=Action(self.add, f"{bp.name}.{name}_new", self.edit, dialog=True),
        )
        one = f"{path}/<int:record_id>"
        index = require(self.view, generally=self.generally)(self._if_there(self._index))
        bp.add_url_rule(f"{path}/", name, index)
        self._add(bp, f"{path}/new", "new", self._new)
        self._add(bp, one, "edit", self._edit)
        if self.delete:
            self._add(bp, f"{one}/delete", "delete", self._delete)

    def _add(
        self, bp: Blueprint, path: str, end: str, view: Callable[..., ResponseReturnValue]
    ) -> None:
        guarded = require(self.edit, generally=self._shared)(self._if_there(view))
        bp.add_url_rule(path, f"{self.listing.name}_{end}", guarded, methods=["GET", "POST"])

    def _if_there(
        self, view: Callable[..., ResponseReturnValue]
    ) -> Callable[..., ResponseReturnValue]:
        @wraps(view)
        def answer(**place: int) -> ResponseReturnValue:
            if self.when and not self.when():
                raise NotFound(
                    _("There is nothing here (any more). Go back to the list and look it up.")
                )
            return view(**place)

        return answer

    @property
    def _shared(self) -> bool:
        return self.generally or not has_place(self.model)

    def _may_edit(self) -> bool:
        return (allowed_generally if self._shared else allowed)(self.edit)

    def _why_not_by_hand(self) -> str:
        return registry().why_not_by_hand(self.listing.name, current_user.business_unit)

    def _index(self) -> Response:
        may_add = self._may_edit() and not self._why_not_by_hand()
        listing = self.listing if may_add else replace(self.listing, new=None)
        return render_list(listing, self.template)

    def _new(self) -> ResponseReturnValue:
        if why_not := self._why_not_by_hand():
            raise DomainError(why_not)
        return self._answer(self.form(), None)

    def _edit(self, record_id: int) -> ResponseReturnValue:
        record = find(self.model, record_id)
        values = self._values(record)
        form = self._edit_form(data=values)
        if form.is_submitted() and stale(form, values):
            return self._page(form, record, 409)
        return self._answer(form, record)

    def _delete(self, record_id: int) -> ResponseReturnValue:
        record = find(self.model, record_id)
        form = SureForm()
        if form.validate_on_submit() and (deleted := attempt(form, lambda: self._remove(record))):
            return finish(self._list_url, _("%(record)s is deleted.", record=deleted))
        return render_page(
            "maintenance/delete.html",
            "dialog",
            409 if form.errors else 200,
            form=form,
            record=self.called(record),
            edit_url=self._edit_url(record),
            can_archive="active" in self.model.__table__.columns,
        )

    def _remove(self, record: Base) -> str:
        assert self.delete is not None
        name = self.called(record)
        self.delete(record)
        return name

    def _answer(self, form: StaleAware, record: Base | None) -> ResponseReturnValue:
        if form.validate_on_submit():
            saved = attempt(form, lambda: self.save(_data(form), record))
            if saved:
                return finish(self._list_url, _("%(record)s is saved.", record=self.called(saved)))
        return self._page(form, record, 422 if form.errors else 200)

    def _page(self, form: StaleAware, record: Base | None, status: int) -> Response:
        deletes = record is not None and self.delete is not None
        return render_page(
            self.form_template,
            "dialog",
            status,
            form=form,
            title=self.called(record) if record else self.add,
            list_url=self._list_url,
            record=record,
            delete_url=url_for(f".{self.listing.name}_delete", record_id=_id(record))
            if deletes
            else None,
            wide=self.wide,
        )

    def _values(self, record: Base) -> Mapping[str, Any]:
        if self.values:
            return self.values(record)
        names = _data(self._edit_form(formdata=None))
        return {name: getattr(record, name) for name in names}

    @property
    def _edit_form(self) -> type[StaleAware]:
        return self.edit_form or self.form

    @property
    def _list_url(self) -> str:
        return url_for(f".{self.listing.name}")

    def _edit_url(self, record: Base) -> str | None:
        if not self._may_edit():
            return None
        return url_for(f".{self.listing.name}_edit", record_id=_id(record))


def _data(form: FlaskForm) -> dict[str, Any]:
    return {field.name: field.data for field in inputs(form)}


def _id(record: Any) -> int:
    return int(record.id)
