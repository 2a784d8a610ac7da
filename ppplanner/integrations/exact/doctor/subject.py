"""The link of a company as the doctor looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Company

from ..models import ExactConnection
from ..settings import ExactSettings, exact_settings
from .findings import Place


@dataclass(frozen=True)
class Subject:
    """A connection, read anew for each check, and what goes with it."""

    connection: ExactConnection
    moment: datetime

    @classmethod
    def read(cls, connection_id: int, moment: datetime) -> Subject:
        return cls(db.session.get_one(ExactConnection, connection_id), moment)

    @property
    def company(self) -> Company:
        return self.connection.company

    @cached_property
    def settings(self) -> ExactSettings:
        return exact_settings.load(self.connection.company_id)

    @property
    def settings_page(self) -> Place:
        """Where most of it is cured."""
        values = {"company_id": self.connection.company_id}
        return Place(_("To the settings of Exact"), "exact.company", values)

    @property
    def login_page(self) -> Place:
        """Where a person logs in with Exact."""
        values = {"connection_id": self.connection.id}
        return Place(_("Log in with Exact"), "exact.login", values)

    @property
    def works(self) -> bool:
        """Whether the link could send something now, if it were not resting."""
        return self.settings.enabled and self.connection.is_ready
