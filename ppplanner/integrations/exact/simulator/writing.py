"""POST, PUT and DELETE, with the answers Exact gives to them."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from . import answers, engine
from .derived import Reader
from .metadata import Resource
from .odata.query import Query
from .payload import read_payload
from .work import Work


def create_record(work: Work, resource: Resource) -> Response:
    """201 with the entity; only `Prefer: return=representation` shows what the server filled."""
    payload = read_payload(request.get_data(), request.content_type or "", resource, "POST")
    record = engine.create(work, resource, payload)
    reader = Reader(work.books, work.root, work.today)
    if "return=representation" in request.headers.get("Prefer", ""):
        shown = answers.entity(reader, resource, record, Query())
    else:
        shown = answers.echo(reader, resource, record, payload)
    location = {"Location": answers.address(reader, resource, record)}
    return answers.one(shown, 201, location)


def update_record(work: Work, resource: Resource, key: tuple[Any, ...]) -> Response:
    payload = read_payload(request.get_data(), request.content_type or "", resource, "PUT")
    engine.update(work, resource, key, payload)
    return Response(status=204)


def delete_record(work: Work, resource: Resource, key: tuple[Any, ...]) -> Response:
    engine.delete(work, resource, key)
    return Response(status=204)
