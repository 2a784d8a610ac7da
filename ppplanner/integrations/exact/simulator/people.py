"""The people who can consent, and the administrations each may open."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

NAMESPACE = uuid.UUID("0b6f6f5e-5f0e-4d6c-9d1a-3a3f5c1f2e11")


def guid(*parts: object) -> str:
    """The same guid for the same words, so that tests and restarts agree."""
    return str(uuid.uuid5(NAMESPACE, "/".join(map(str, parts))))


ANTWERP = 2468013
NAMUR = 2468014
ESTATE = 2468015
"""An administration that may be opened, but in which nobody has financial rights."""

WITHOUT_FINANCE = frozenset({"crm accounts"})


@dataclass(frozen=True)
class User:
    """Somebody with a login at Exact; `language` decides the language of error texts."""

    user_name: str
    first_name: str
    last_name: str
    language: str
    divisions: tuple[int, ...] = (ANTWERP, NAMUR, ESTATE)
    has_rights: bool = True
    without: frozenset[str] = frozenset()
    """Scopes this person has no rights to, in any administration."""

    @property
    def id(self) -> str:
        return guid("user", self.user_name)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def culture(self) -> str:
        return {"EN": "en-GB", "NL": "nl-BE", "FR": "fr-BE"}[self.language]

    def may(self, division: int, scope: str | None) -> bool:
        """Whether this person's rights reach so far; a resource without scope is for all."""
        if scope is None:
            return True
        if not self.has_rights or scope in self.without:
            return False
        return division != ESTATE or scope in WITHOUT_FINANCE


USERS = (
    User("eva", "Eva", "Claes", "EN"),
    User("joris", "Joris", "Mertens", "NL"),
    User("celine", "Céline", "Dubois", "FR"),
    User("lucas", "Lucas", "Peeters", "NL", without=frozenset({"organization documents"})),
    User("tom", "Tom", "Willems", "EN", has_rights=False),
)
