"""What gets into a line by pasting and by importing, and does not belong there."""

from __future__ import annotations

#: Breaks become spaces; marks that take no room, or turn the writing round, would make two names
#: that look the same, or a name that looks empty.
UNSEEN = dict.fromkeys((*range(32), *range(127, 160), 0x2028, 0x2029), " ") | dict.fromkeys(
    (0x200B, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)


def one_line(text: str | None) -> str:
    """The text on one line, without what nobody sees."""
    return (text or "").translate(UNSEEN).strip()
