"""Several people at the same moment: each in a thread, with a connection and session of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask

from ppplanner.extensions import db

#: As many as the pool of connections lets in at once.
PEOPLE = 10


def at_once(app: Flask, tasks: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start all tasks together and commit each; gives what each returned or raised, in their order.

    What the test itself has made is committed first.
    """
    db.session.commit()
    people = min(PEOPLE, len(tasks))
    barrier = Barrier(people)

    def do(number: int) -> Any:
        with app.app_context():
            if number < people:
                barrier.wait(timeout=30)
            try:
                result = tasks[number]()
                db.session.commit()
            except Exception as error:
                db.session.rollback()
                return error
            return result

    with ThreadPoolExecutor(people) as pool:
        return list(pool.map(do, range(len(tasks))))
