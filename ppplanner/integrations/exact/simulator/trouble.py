"""The answers of planned troubles."""

from __future__ import annotations

import json
import time
from datetime import datetime

from werkzeug.wrappers import Response

from .errors import CRASH, Refused, forbidden, unauthorized
from .faults import Fault
from .limits import EXCEEDED, MINUTE, Headers, daily, midnight, minutely
from .odata.query import NEEDS_SELECT

PLANNED = "simulator.fault"
"""Under this name the WSGI environment carries a fault that strikes in the service."""
OBJECTION = "Mandatory: Journal"
MAINTENANCE = (
    "<!DOCTYPE html><html><head><title>Maintenance</title></head>"
    "<body><h1>Exact Online is being maintained</h1><p>We will be back soon.</p></body></html>"
)


def refused(fault: Fault) -> Refused:
    """How the service itself says no, once it knows who calls."""
    answers = {
        "objection": Refused(500, fault.text or OBJECTION),
        "bad_request": Refused(400, fault.text or NEEDS_SELECT),
        "unauthorized": unauthorized(),
        "forbidden": forbidden(fault.text or "NoAccess"),
        "not_found": Refused(404, fault.text or "Resource not found for the segment."),
    }
    return answers.get(fault.kind) or Refused(500, CRASH)


def refusal(fault: Fault, now: datetime) -> Response:
    """An answer from before the service, or in its place."""
    match fault.kind:
        case "unavailable":
            return Response(MAINTENANCE, 503, content_type="text/html")
        case "gateway_timeout":
            return Response("", 504)
        case "empty":
            return Response("", 500)
        case "throttled":
            return _error(429, EXCEEDED, minutely(60, 0, now + MINUTE))
        case "throttled_day":
            return _error(429, EXCEEDED, daily(5_000, 0, midnight(now)))
        case "throttled_bare":
            return _error(429, EXCEEDED)
    no = refused(fault)
    return _error(no.status, no.message, no.headers)


def spoiled(fault: Fault, response: Response) -> Response:
    """The answer to a handled request, as it arrives in bad weather; one without a body has
    nothing to spoil.
    """
    if fault.kind == "slow_after":
        time.sleep(fault.seconds)
    elif fault.kind == "crash_after":
        return _error(500, CRASH)
    elif response.status_code == 204:
        return response
    elif fault.kind == "empty_after":
        response.set_data(b"")
    elif fault.kind == "malformed":
        whole = response.get_data()
        response.set_data(whole[: len(whole) // 2] or b'{"d":')
    elif fault.kind == "other_answer":
        response.set_data(fault.text)
    return response


def _error(status: int, message: str, headers: Headers | None = None) -> Response:
    body = {"error": {"code": "", "message": {"lang": "", "value": message}}}
    kind = "application/json;charset=utf-8"
    return Response(json.dumps(body), status, headers, content_type=kind)
