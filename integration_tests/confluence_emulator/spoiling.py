"""What a fault does to a request or to the reply as a whole."""

from datetime import datetime
from typing import Any

import orjson

from integration_tests.confluence_emulator.endpoint import Answer
from integration_tests.confluence_emulator.faults import Fault
from integration_tests.confluence_emulator.http import Reply
from integration_tests.confluence_emulator.query import Query
from integration_tests.confluence_emulator.waiting import wait_headers

_HTML = b"<!DOCTYPE html><html><head><title>Atlassian</title></head><body>Sorry</body></html>"
_DEFAULT_STATUS = {"html": 502, "oversize": 504}


def concerns(fault: Fault, query: Query) -> bool:
    """Tell whether a fault that acts instead of an endpoint acts on this query."""
    if fault.kind != "oversize":
        return True
    heavy = query.text("body-format") is not None or query.text("expand") is not None
    return heavy and query.number("limit", 25) > fault.amount


def is_poisoned(fault: Fault, query: Query, answer: Answer) -> bool:
    """Tell whether the answer holds the fault's record: with its body, or at all."""
    if fault.kind == "poison" and query.text("body-format") is None:
        return False
    records: list[Any] = answer.results or [answer.body]
    return any(
        isinstance(record, dict) and record.get("id") == fault.record_id for record in records
    )


def reply_instead(fault: Fault, now: datetime) -> Reply:
    """Return what a fault answers instead of the endpoint."""
    if fault.kind == "reset":
        return Reply(0, b"", breaks="reset")
    if fault.kind == "timeout":
        return Reply(0, b"", breaks="hang up", held=fault.seconds)
    headers = dict(fault.headers)
    if fault.wait is not None:
        headers |= wait_headers(*fault.wait, now)
    status = fault.status or _DEFAULT_STATUS.get(fault.kind, 500)
    if fault.kind in ("html", "oversize"):
        return Reply(status, _HTML, {"Content-Type": "text/html;charset=UTF-8", **headers})
    body = orjson.dumps({"statusCode": status, "message": "As the test asked for"})
    return Reply(status, body if fault.body is None else fault.body.encode(), headers)


def broken(fault: Fault, reply: Reply) -> Reply:
    """Return the reply broken as the fault says."""
    if fault.kind == "truncated":
        return Reply(reply.status, reply.body, reply.headers, breaks="truncate")
    return Reply(reply.status, reply.body[: len(reply.body) // 2], reply.headers)
