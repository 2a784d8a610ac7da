"""Where tokens may be sent: Exact's own country sites, and a test server when that is allowed.

The address is part of what a person enters, and everything secret goes there; so it is compared
with a list, never merely checked for looking right.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ppplanner.i18n import N_, Message


@dataclass(frozen=True)
class Site:
    """A country site of Exact Online. `country` is marked for translation."""

    country: str
    url: str


SITES = (
    Site(N_("Belgium"), "https://start.exactonline.be"),
    Site(N_("Netherlands"), "https://start.exactonline.nl"),
    Site(N_("France"), "https://start.exactonline.fr"),
    Site(N_("Germany"), "https://start.exactonline.de"),
    Site(N_("Spain"), "https://start.exactonline.es"),
    Site(N_("United Kingdom"), "https://start.exactonline.co.uk"),
    Site(N_("United States"), "https://start.exactonline.com"),
)
_OWN = frozenset(site.url for site in SITES)


class BaseUrlRefused(ValueError):
    """Nothing may be sent to this address; `reason` says why, for a person."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason.text)
        self.reason = reason


def check_base_url(url: str, allow_test_hosts: bool = False) -> str:
    """The address in its plain form (`https://host`), if tokens may go there.

    With `allow_test_hosts` (a decision of the configuration, never of a form) any other web server
    will do, except the address ranges in which clouds keep their machines' credentials.
    """
    parts = _parts(url)
    plain = f"{parts.scheme}://{parts.netloc}"
    if plain in _OWN:
        return plain
    if not allow_test_hosts:
        raise BaseUrlRefused(Message(N_("Choose one of Exact's own country sites.")))
    _refuse_reserved(parts.hostname or "")
    return plain


def _parts(url: str) -> SplitResult:
    """The address taken apart; anything besides scheme, host and port is refused."""
    try:
        parts = urlsplit(url.strip())
        fits = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        fits = False
    if not fits or parts.scheme not in ("http", "https") or not parts.netloc.isascii():
        raise BaseUrlRefused(Message(N_("This is not a web address, such as https://host.")))
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise BaseUrlRefused(Message(N_("Give the address only up to the host, without a path.")))
    usual_port = ":443" if parts.scheme == "https" else ":80"
    return parts._replace(netloc=parts.netloc.lower().removesuffix(usual_port))


def _refuse_reserved(host: str) -> None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return  # a name
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        raise BaseUrlRefused(Message(N_("This address is reserved; no test server can be there.")))
