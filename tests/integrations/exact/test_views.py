"""What Exact shows on the core's pages: cells, tiles, buttons, the red bar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.models import BusinessUnit
from tests.integrations.exact.conftest import new_invoice

pytestmark = pytest.mark.one_database


@pytest.fixture
def statements(connection: ExactConnection) -> Iterator[list[str]]:
    """Everything that the database is asked from now on."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_preview_of_forty_invoices_asks_the_database_no_more_than_one_of_two(
    unit: BusinessUnit, statements: list[str]
) -> None:
    ids = [new_invoice(unit).id for _n in range(40)]

    def cost(of: list[int]) -> int:
        db.session.expire_all()
        statements.clear()
        assert len(forwarding.preview(of).ready) == len(of)
        return len(statements)

    assert cost(ids) == cost(ids[:2]) <= 10
