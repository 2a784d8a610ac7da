"""What people change of their own account."""

from __future__ import annotations

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import LANGUAGES, _
from ppplanner.models import User
from ppplanner.services.firm.users import SHORTEST_PASSWORD, authenticate, set_password, too_short


def save_account(user: User, *, name: str, email: str, language: str) -> User:
    """Change what a person says of themselves. Raises Invalid. The caller commits."""
    if not name.strip():
        raise Invalid(name=_("Fill in a name."))
    user.name, user.email = name.strip(), email.strip()
    if language in LANGUAGES:
        user.language = language
    db.session.flush()
    return user


def change_password(user: User, *, present: str, new: str) -> User:
    """Give `user` a new password, who proves to know the present one. The caller commits.

    Raises Invalid. Ends all sessions of the user: the caller logs the present one in again.
    """
    if authenticate(user.username, present) is None:
        raise Invalid(present=_("This is not your present password."))
    if too_short(new):
        raise Invalid(
            new=_("A password has at least %(count)s characters.", count=SHORTEST_PASSWORD)
        )
    set_password(user, new)
    db.session.flush()
    return user
