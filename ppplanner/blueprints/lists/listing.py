"""The one list component: a list is declared once, and searches, sorts, filters and pages itself.

    CUSTOMERS = Listing(
        name="customers",
        title=_l("Customers"),
        query=lambda: select(Customer),
        key=Customer.id,
        columns=[
            Column("number", _l("Number"), sort=Customer.number),
            Column("name", _l("Name"), sort=Customer.name),
        ],
        open=lambda customer: url_for(".show", customer_id=customer.id),
        search=[Customer.name, Customer.email],
        sort="name",
    )

    @bp.get("/")
    @require("customers.view")
    def index():
        return render_list(CUSTOMERS)

`render_list` is in `list_page.py`. The URL holds the whole state. Everything works without
scripts, as links and a GET form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select

from ppplanner.addons.manifest import BulkAction, Text
from ppplanner.blueprints.lists.filters import (
    AnyFilter,
    DayFilter,
    Filter,
    Options,
    PickerFilter,
    active_filter,
    archived,
)
from ppplanner.permissions import visible

__all__ = [
    "Action",
    "Column",
    "DayFilter",
    "Filter",
    "Listing",
    "Options",
    "PickerFilter",
    "active_filter",
    "archived",
]


@dataclass(frozen=True)
class Column:
    """One column: what it shows of a row, and whether it sorts.

    `value` gives text, a Badge or Markup; without it the attribute called `key` is shown. `load`
    instead gets all rows of the page at once and answers by id: for what would cost a query a row.
    `show` names a template filter ("money", "day"). What is shown so or is `short`, such as a
    number, stays on one line. The column appears from the width `wide` on; with `hidden` only when
    a person asks for it.

    A file gets the same value without its looks: the words of a badge, a number as a number.
    `export` gives it another one of the row. Where `when` says no, there is no such column.
    """

    key: str
    title: Text
    value: Callable[[Any], Any] | None = None
    load: Callable[[Sequence[Any]], Mapping[int, Any]] | None = None
    show: Literal["", "money", "price", "number", "day", "moment"] = ""
    sort: Any = None
    align: Literal["start", "end", "center"] = "start"
    wide: Literal["", "sm", "md", "lg", "xl", "xxl"] = ""
    short: bool = False
    hidden: bool = False
    export: Callable[[Any], Any] | None = None
    when: Callable[[], bool] | None = None

    @property
    def classes(self) -> str:
        """How its cells and its heading look."""
        names = (
            f"text-{self.align}" if self.align != "start" else "",
            f"from-{self.wide}" if self.wide else "",
            "nowrap" if self.show or self.short else "",
        )
        return " ".join(filter(None, names))


@dataclass(frozen=True)
class Action:
    """A button that leads to `endpoint`; in a dialog if `dialog`."""

    label: Text
    endpoint: str
    permission: str | None = None
    icon: str = "plus"
    dialog: bool = False


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What a list is. `query` gives the rows that this person may see now, one model per row."""

    name: str
    title: Text
    query: Callable[[], Select[Any]]
    key: Any
    columns: Sequence[Column]
    #: The key of the column to sort by at first; with "-" in front, the greatest comes first.
    sort: str
    #: The URL that a row opens; None when this person may not open it.
    open: Callable[[Any], str | None] | None = None
    #: Whether that URL opens as a dialog over the list.
    open_dialog: bool = False
    #: The column that carries the link and names the row; the first one when not given.
    main: str = ""
    #: How a row is called beside its tick box.
    label: Callable[[Any], Any] = str
    #: What the search box looks in: columns, each word anywhere, whatever the case; or functions
    #: that make a condition of a word, which large lists need (list_words.py).
    search: Sequence[Any] = ()
    #: What the search box says it looks in: "Name, plate or brand".
    search_hint: Text = ""
    filters: Sequence[AnyFilter] = ()
    #: Loader options for the page's rows, such as `joinedload(Contract.customer)`.
    options: Sequence[Any] = ()
    #: For ticked rows; those of add-ons come after these.
    bulk_actions: Sequence[BulkAction] = ()
    new: Action | None = None
    #: What an empty list says would stand here.
    empty: Text = ""
    #: Rows that are shown greyed: archived ones, say.
    muted: Callable[[Any], bool] = lambda row: False

    def rows(self) -> Select[Any]:
        """The rows of `query` within reach of the right that the route asks for."""
        return self.query().where(visible(self.key.class_))

    def id_of(self, record: Any) -> int:
        return int(getattr(record, self.key.key))
