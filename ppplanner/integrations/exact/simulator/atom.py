"""The XML that comes when nobody asked for JSON; just enough of Atom to be recognised."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

DATA = "http://schemas.microsoft.com/ado/2007/08/dataservices"
HEAD = '<?xml version="1.0" encoding="utf-8"?>'
SPACES = f'xmlns="http://www.w3.org/2005/Atom" xmlns:d="{DATA}" xmlns:m="{DATA}/metadata"'


def feed(found: list[dict[str, Any]], following: str | None, count: int | None) -> str:
    inside = "".join(_entry(each) for each in found)
    if count is not None:
        inside = f"<m:count>{count}</m:count>{inside}"
    if following:
        inside += f'<link rel="next" href={quoteattr(following)} />'
    return f"{HEAD}<feed {SPACES}>{inside}</feed>"


def entry(found: dict[str, Any]) -> str:
    return HEAD + _entry(found, f" {SPACES}")


def error(message: str) -> str:
    text = escape(message)
    inside = f'<code /><message xml:lang="">{text}</message>'
    return f'{HEAD}<error xmlns="{DATA}/metadata">{inside}</error>'


def _entry(found: dict[str, Any], spaces: str = "") -> str:
    inside = "".join(
        _property(name, value) for name, value in found.items() if not isinstance(value, dict)
    )
    uri = escape(found["__metadata"]["uri"])
    content = f'<content type="application/xml"><m:properties>{inside}</m:properties></content>'
    return f"<entry{spaces}><id>{uri}</id>{content}</entry>"


def _property(name: str, value: Any) -> str:
    if value is None:
        return f'<d:{name} m:null="true" />'
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<d:{name}>{escape(text)}</d:{name}>"
