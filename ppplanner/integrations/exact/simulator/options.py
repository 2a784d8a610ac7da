"""What can be switched about the simulator, at the start and while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

ALL_SCOPES = (
    "crm accounts",
    "financial accounting",
    "financial cashflow",
    "financial costcenters",
    "financial generalledgers",
    "financial receivables",
    "organization administration",
    "organization documents",
)


@dataclass(frozen=True)
class RegisteredApp:
    """An app as registered in the App Center: its secret, scopes and return addresses."""

    client_id: str
    client_secret: str
    name: str
    redirect_uris: tuple[str, ...] = ()
    scopes: dict[str, str] = field(default_factory=lambda: dict.fromkeys(ALL_SCOPES, "manage"))
    """Scope to level; `read` refuses every write, a missing scope refuses everything."""


DEMO_APP = RegisteredApp(
    client_id="5d1c6f0e-7a43-4c0b-9f52-8e2b61a4d907",
    client_secret="simulator-secret",
    name="ppplanner",
)


@dataclass
class Options:
    """Limits are numbers of calls, None switches a limit off; times are in seconds."""

    apps: tuple[RegisteredApp, ...] = (DEMO_APP,)
    allow_loopback_redirects: bool = True
    data_file: Path | None = None

    calls_per_minute: int | None = 60
    calls_per_day: int | None = 5_000
    errors_per_hour: int | None = 10
    token_calls_per_day: int | None = 200
    token_age_before_refresh: float = 570
    one_chain_per_user: bool = True
    """Consenting again with the same app and user ends the older connection."""

    latency: float = 0
    page_size: int = 60
    bare_lists: bool = False
    """True answers `{"d": […]}` without `results` where nothing follows, as some resources do."""
    case_sensitive: bool = True
    """False compares text as SQL Server usually does: no case, no trailing blanks."""
    substringof: bool = False
    """False answers 501 Not Implemented, as was seen in 2016."""
    missing_rights: str = "forbidden"
    """`forbidden` answers 403 to a user without rights, `empty` an empty list to a GET."""

    def app(self, client_id: str | None) -> RegisteredApp | None:
        return next((app for app in self.apps if app.client_id == client_id), None)

    def copy(self) -> Options:
        return replace(self)
