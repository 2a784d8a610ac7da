"""Runs the migrations of the core (label "core") and of the add-ons that are switched on."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeEngine

from ppplanner.models import Base
from ppplanner.models.base import Fixed, UtcDateTime


def render_item(kind: str, item: object, _autogen: object) -> str | bool:
    """Name the project's own column types in generated migrations."""
    if kind != "type" or not isinstance(item, TypeEngine):
        return False
    if isinstance(item, Fixed):
        return f"Fixed({item.precision}, {item.scale})"
    return "UtcDateTime()" if isinstance(item, UtcDateTime) else False


def options() -> dict[str, Any]:
    return {
        "target_metadata": Base.metadata,
        "render_as_batch": True,
        "render_item": render_item,
        "compare_type": True,
    }


def run() -> None:
    """Run them on the engine of the application; SQLite keeps its foreign keys out of the way."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(connection=connection, **options())
        with context.begin_transaction():
            context.run_migrations()


run()
