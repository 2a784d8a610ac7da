"""Files between their preview and the decision to import them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from ppplanner.clock import now
from ppplanner.errors import NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Upload

#: How long somebody may think it over.
KEPT = timedelta(days=1)


def keep(user_id: int, purpose: str, filename: str, content: bytes) -> Upload:
    """Keep a file for its owner; the one they had for this purpose goes. The caller commits."""
    db.session.execute(delete(Upload).filter_by(user_id=user_id, purpose=purpose))
    upload = Upload(user_id=user_id, purpose=purpose, filename=filename[-200:], content=content)
    db.session.add(upload)
    db.session.flush()
    return upload


def kept(upload_id: int, user_id: int, purpose: str) -> Upload:
    """The file that this person keeps for that purpose. Raises NotFound."""
    upload = db.session.scalar(select(Upload).filter_by(user_id=user_id, purpose=purpose))
    if upload is None or upload.id != upload_id:
        raise NotFound(_("This file is no longer here: choose it again."))
    return upload


def forget(upload: Upload) -> None:
    """Let a file go. The caller commits."""
    db.session.delete(upload)
    db.session.flush()


def forget_old() -> None:
    """Let go what nobody has decided on for a day. The caller commits."""
    db.session.execute(delete(Upload).where(Upload.made_at < now() - KEPT))
