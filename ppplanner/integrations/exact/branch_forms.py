"""The forms of a business unit's settings: journals and description, GL accounts by type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectField

from ppplanner.blueprints.form_fields import TextField
from ppplanner.blueprints.stale import StaleAware
from ppplanner.i18n import _, _l

from . import mapping
from .branch_settings import STAYS, BranchValues
from .forms import ChoiceField
from .models import ExactBranch, ExactConnection, ExactListItem
from .sync import lists


class BranchForm(StaleAware):
    """Journals, description and the GL account of customers; `branch_form` makes it."""

    cash_journal: ChoiceField
    other_journal: ChoiceField
    customer_gl: ChoiceField
    description = TextField(_l("Description of the entries"), longest=100)

    def chosen(self) -> BranchValues:
        return BranchValues(
            cash_journal=self.cash_journal.data,
            other_journal=self.other_journal.data,
            customer_gl=self.customer_gl.data,
            description=self.description.data or "",
        )


def branch_form(connection: ExactConnection, branch: ExactBranch) -> BranchForm:
    """The form with the choices that Exact offers now."""
    fields = {
        "cash_journal": ChoiceField(
            _l("Journal for cash"),
            lists.cash_journals(connection),
            branch.cash_journal,
            description=_l("Offered are Exact's cash journals that are not blocked."),
        ),
        "other_journal": ChoiceField(
            _l("Journal for all other transactions"),
            lists.general_journals(connection),
            branch.other_journal,
            description=_l("Offered are Exact's general journals that are not blocked."),
        ),
        "customer_gl": ChoiceField(
            _l("GL account for customers"),
            lists.customer_accounts(connection),
            branch.customer_gl_code,
            description=_l("What customers pay and get back is booked here, in their name."),
        ),
    }
    shape = type("Branch", (BranchForm,), fields)
    form: BranchForm = shape(data=branch_values(branch))
    names = ", ".join(f"{{{name}}}" for name in mapping.VARIABLES)
    form.description.description = _(
        "Text with variables: %(names)s. The numbers of invoice and transaction are always added.",
        names=names,
    )
    return form


def branch_values(branch: ExactBranch) -> dict[str, str]:
    """What the form shows of a unit beside the choices, which know themselves what is chosen."""
    return {"description": branch.description or mapping.USUAL_DESCRIPTION}


class AccountField(ChoiceField):
    """On which GL account a type is booked, or that it stays here."""

    def __init__(
        self, label: Any, offered: Sequence[ExactListItem], chosen: str, **kwargs: Any
    ) -> None:
        super().__init__(label, offered, "" if chosen == STAYS else chosen, **kwargs)
        self.choices.insert(1, (STAYS, _("Stays here: nothing goes to Exact")))
        if chosen == STAYS:
            self.default = STAYS


class AccountsForm(StaleAware):
    """A GL account for each type; `accounts_form` adds the fields."""


def accounts_form(fields: Mapping[str, AccountField]) -> AccountsForm:
    form: AccountsForm = type("Accounts", (AccountsForm,), dict(fields))()
    return form


class MethodForm(FlaskForm):
    """An account for one type moved by one method; `method_form` makes it."""

    type_id = SelectField(_l("Type"), coerce=int)
    method_id = SelectField(
        _l("Method"),
        coerce=int,
        description=_l(
            "This account wins over that of the type alone. For cash of customers it only matters "
            "whether it stays here."
        ),
    )
    account: AccountField


def method_form(
    types: Sequence[tuple[int, str]],
    methods: Sequence[tuple[int, str]],
    offered: Sequence[ExactListItem],
) -> MethodForm:
    account = AccountField(_l("GL account in Exact"), offered, "")
    form: MethodForm = type("Method", (MethodForm,), {"account": account})()
    form.type_id.choices, form.method_id.choices = list(types), list(methods)
    return form


class CopyForm(FlaskForm):
    """From which business unit all settings are copied."""

    source_id = SelectField(_l("Copy the settings of"), coerce=int)
