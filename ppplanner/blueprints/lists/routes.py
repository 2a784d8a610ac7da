"""Saving columns and views: for all lists alike, since each belongs to one person and one list.

What a list can show, it decides itself when it is opened: here keys and addresses are only kept.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from wtforms.validators import InputRequired

from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.form_fields import TextField
from ppplanner.blueprints.htmx import go_to, is_own, render_form, split_url
from ppplanner.blueprints.lists import bp
from ppplanner.blueprints.lists.list_state import COMMA
from ppplanner.blueprints.records import find
from ppplanner.errors import NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import SavedView
from ppplanner.permissions import open_to_all
from ppplanner.services import list_settings
from ppplanner.services.list_settings import LONGEST_NAME

#: No list has more columns.
MOST_COLUMNS = 60
#: The names of lists and the keys of columns.
NAME = re.compile(r"[a-z0-9_-]{1,40}", re.ASCII)


class ViewForm(FlaskForm):
    name = TextField(
        _l("Name"),
        [InputRequired(_l("Fill in a name."))],
        longest=LONGEST_NAME,
        description=_l("Such as: Late, this month."),
    )


@bp.post("/<list_name>/columns")
@login_required
@open_to_all
def arrange(list_name: str) -> ResponseReturnValue:
    """Keep the columns that the person chose; with `reset` forget them."""
    keys = [] if "reset" in request.form else _chosen_columns()
    list_settings.arrange(current_user.id, _checked(list_name), keys)
    db.session.commit()
    return go_to(_back(), _("The columns are as you want them."))


@bp.route("/<list_name>/views/new", methods=["GET", "POST"])
@login_required
@open_to_all
def new_view(list_name: str) -> ResponseReturnValue:
    """Keep the list as it is at `back` under a name."""
    form, person, name = ViewForm(), current_user.id, _checked(list_name)
    if form.validate_on_submit():
        view = attempt(
            form, lambda: list_settings.save_view(person, name, form.name.data or "", _kept())
        )
        if view:
            return go_to(_address(view), _("The view is saved."))
    return render_form("lists/view.html", form, "dialog", view=None, back=_back(), kept=_kept())


@bp.route("/views/<int:view_id>", methods=["GET", "POST"])
@login_required
@open_to_all
def view(view_id: int) -> ResponseReturnValue:
    """Give a view another name."""
    found = _find(view_id)
    form = ViewForm(data={"name": found.name})
    if form.validate_on_submit() and attempt(
        form, lambda: list_settings.rename_view(found, form.name.data or "")
    ):
        return go_to(_address(found), _("The view has its new name."))
    return render_form("lists/view.html", form, "dialog", view=found, back=_back(), kept="")


@bp.post("/views/<int:view_id>/change")
@login_required
@open_to_all
def change_view(view_id: int) -> ResponseReturnValue:
    """Let a view show the list as it is now."""
    found, form = _find(view_id), SureForm()
    if form.validate_on_submit():
        list_settings.change_view(found, _kept())
        db.session.commit()
    return go_to(_address(found), _("The view is saved."))


@bp.post("/views/<int:view_id>/delete")
@login_required
@open_to_all
def delete_view(view_id: int) -> ResponseReturnValue:
    list_settings.delete_view(_find(view_id))
    db.session.commit()
    return go_to(_path(), _("The view is gone. The list itself is as it was."))


def _chosen_columns() -> list[str]:
    """The ticked ones in their order."""
    ticked = set(request.form.getlist("columns-shown"))
    keys = [key for key in request.form.getlist("order") if key in ticked]
    return [key for key in keys if NAME.fullmatch(key)][:MOST_COLUMNS]


def _checked(list_name: str) -> str:
    if not NAME.fullmatch(list_name):
        raise NotFound(_("There is no such list."))
    return list_name


def _find(view_id: int) -> SavedView:
    """One of the person's own views: of others' they learn nothing."""
    found = find(SavedView, view_id)
    if found.user_id != current_user.id:
        raise NotFound(_("This view is gone. Open the list and choose another."))
    return found


def _back() -> str:
    """The page of the list that the person came from."""
    back = request.values.get("back", "")
    return back if is_own(back) else url_for("home.index")


def _path() -> str:
    return split_url(_back()).path


def _kept() -> str:
    """What a list's address says after the question mark, without the place in it."""
    pairs = parse_qsl(request.values.get("kept", ""), keep_blank_values=True)
    return urlencode(
        [(name, value) for name, value in pairs if name not in ("view", "after", "before")],
        safe=COMMA,
    )


def _address(view: SavedView) -> str:
    return f"{_path()}?view={view.id}&{view.query}".rstrip("&")
