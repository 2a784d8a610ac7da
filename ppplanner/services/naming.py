"""What the records of a firm's own lists are called: a code and a name, both filled in."""

from __future__ import annotations

from ppplanner.errors import Invalid
from ppplanner.i18n import _


def code_and_name(code: str, name: str) -> tuple[str, str]:
    """Both without spaces around them. Raises Invalid for those that are left empty."""
    code, name = code.strip(), name.strip()
    faults: dict[str, object] = {}
    if not code:
        faults["code"] = _("Fill in a code.")
    if not name:
        faults["name"] = _("Fill in a name.")
    if faults:
        raise Invalid(**faults)
    return code, name
