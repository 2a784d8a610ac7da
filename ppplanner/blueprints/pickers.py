"""Answers for the search-as-you-type fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request
from sqlalchemy import Select, or_

from ppplanner.extensions import db
from ppplanner.permissions import visible

OPTIONS = 20


@dataclass(frozen=True)
class Option:
    """One record to choose; `detail` tells two of the same name apart."""

    value: int
    text: str
    detail: str = ""


def answer_picker(
    query: Select[Any], search: Iterable[Any], option: Callable[[Any], Option]
) -> Response:
    """The first records of `query` that hold every word typed in one of the `search` columns, of
    those within reach of the right that the route asks for.
    """
    query = query.where(visible(query.column_descriptions[0]["entity"]))
    q = request.args.get("q", "").strip()[:100]
    columns = list(search)
    for word in q.split():
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    options = [option(record) for record in db.session.scalars(query.limit(OPTIONS)).unique()]
    return Response(render_template("_macros/picker_options.html", options=options, q=q))
