"""How a person keeps their lists: the columns they see, and views under names of their own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import ListLayout, SavedView

#: More views than anybody finds their way in.
MOST_VIEWS = 50
LONGEST_NAME = 60
#: Characters of a view's address.
LONGEST_QUERY = 2000


def columns_of(user_id: int, list_name: str) -> list[str]:
    """The keys of the columns that the person chose, in their order; none before any choice."""
    layout = db.session.get(ListLayout, (user_id, list_name))
    return list(layout.columns) if layout else []


def arrange(user_id: int, list_name: str, columns: Sequence[str]) -> None:
    """Show these columns from now on; with none, those that everybody sees at first."""
    layout = db.session.get(ListLayout, (user_id, list_name))
    if not columns:
        if layout:
            db.session.delete(layout)
    elif layout:
        layout.columns = list(columns)
    else:
        db.session.add(ListLayout(user_id=user_id, list_name=list_name, columns=list(columns)))
    db.session.flush()


def views_of(user_id: int, list_name: str) -> list[SavedView]:
    query = select(SavedView).filter_by(user_id=user_id, list_name=list_name)
    return list(db.session.scalars(query.order_by(func.lower(SavedView.name), SavedView.id)))


def save_view(user_id: int, list_name: str, name: str, query: str) -> SavedView:
    """Keep the state of a list under a name. `query` is what its address says. Raises Invalid."""
    others = views_of(user_id, list_name)
    if len(others) >= MOST_VIEWS:
        raise Invalid(
            name=_("You have %(count)s views of this list: delete one first.", count=MOST_VIEWS)
        )
    view = SavedView(
        user_id=user_id,
        list_name=list_name,
        name=_checked(name, others),
        query=_bounded(query),
    )
    db.session.add(view)
    db.session.flush()
    return view


def rename_view(view: SavedView, name: str) -> SavedView:
    """Raises Invalid."""
    others = [each for each in views_of(view.user_id, view.list_name) if each.id != view.id]
    view.name = _checked(name, others)
    db.session.flush()
    return view


def change_view(view: SavedView, query: str) -> SavedView:
    """Let the view show another state of its list. Raises Invalid."""
    view.query = _bounded(query)
    db.session.flush()
    return view


def delete_view(view: SavedView) -> None:
    db.session.delete(view)
    db.session.flush()


def _checked(name: str, others: Sequence[SavedView]) -> str:
    name = name.strip()
    if not name:
        raise Invalid(name=_("Fill in a name."))
    if len(name) > LONGEST_NAME:
        raise Invalid(name=_("Use at most %(max)d characters.", max=LONGEST_NAME))
    if name.casefold() in {each.name.casefold() for each in others}:
        raise Invalid(
            name=_("You have a view of this name. Choose another name, or change that view.")
        )
    return name


def _bounded(query: str) -> str:
    if len(query) > LONGEST_QUERY:
        raise Invalid(name=_("This list is narrowed by too much to keep: search for less."))
    return query
