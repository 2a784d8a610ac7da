"""What the board says: views, keys, and the sentences that its script speaks."""

from __future__ import annotations

from ppplanner.i18n import _l
from ppplanner.services.planning.timeline import View

VIEWS = {
    View.DAY: _l("Day"),
    View.WEEK: _l("Week"),
    View.FORTNIGHT: _l("2 weeks"),
    View.MONTH: _l("Month"),
    View.QUARTER: _l("Quarter"),
}
#: The script fills in what stands in braces.
SAID = {
    "moving": _l(
        "{what} is being moved. Arrow keys choose another time or resource, Shift with left or"
        " right changes its end, Enter confirms, Escape gives up."
    ),
    "at": _l("{resource}: {period}"),
    "saving": _l("Saving."),
    "back": _l("It stays where it was."),
    "end-only": _l("This contract is checked out: only its end can be moved."),
    "behind": _l(
        "The board no longer hears what colleagues change. It tries again by itself; if this stays,"
        " reload the page."
    ),
}
SHORTCUTS = (
    (("←", "→", "↑", "↓"), _l("Walk over resources and contracts")),
    (
        (_l("Enter"),),
        _l("Open the contract beside the board, once more its own page; on empty time make one"),
    ),
    (("n",), _l("New contract here")),
    (("m",), _l("Move the contract: arrows, then Enter, or Escape to give up")),
    ((_l("Shift"), "←", "→"), _l("While moving: change its end")),
    (("u", "Ctrl Z"), _l("Undo")),
    (("Ctrl Y",), _l("Redo")),
    (("t",), _l("Today")),
    (("/",), _l("Search the board")),
    ((_l("Esc"),), _l("Close what is open")),
    (("?",), _l("Show these keys")),
)
