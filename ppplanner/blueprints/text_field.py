"""The form field for a line of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import StringField
from wtforms.validators import Length

from ppplanner.i18n import _l


class TextField(StringField):
    """A line of at most `longest` characters, without the spaces around it."""

    def __init__(
        self, label: Any, validators: Sequence[Any] = (), *, longest: int, **kwargs: Any
    ) -> None:
        limit = Length(max=longest, message=_l("Use at most %(max)d characters."))
        super().__init__(label, [*validators, limit], filters=[_stripped], **kwargs)


def _stripped(text: str | None) -> str:
    return (text or "").strip()
