"""Replies of faults that replace or truncate a whole reply."""

from datetime import datetime
from typing import Any

import orjson

from integration_tests.confluence_emulator.endpoint import Answer
from integration_tests.confluence_emulator.faults import Fault
from integration_tests.confluence_emulator.http import Reply
from integration_tests.confluence_emulator.query import Query
from integration_tests.confluence_emulator.rate_limit import retry_after_headers

_HTML = b"<!DOCTYPE html><html><head><title>Atlassian</title></head><body>Sorry</body></html>"
_DEFAULT_STATUS = {"html": 502, "oversize": 504}


def applies_to(fault: Fault, query: Query) -> bool:
    """Return whether a fault that replaces the answer applies to this query."""
    if fault.kind != "oversize":
        return True
    heavy = query.text("body-format") is not None or query.text("expand") is not None
    return heavy and query.number("limit", 25) > fault.amount


def without_ignored(fault: Fault, query: Query) -> Query:
    """Return the query without the parameter that the fault ignores."""
    return query.having(**{fault.kind.removesuffix("_ignored"): None})


def has_bad_record(fault: Fault, query: Query, answer: Answer) -> bool:
    """Return whether the answer includes the fault's record, for `poison` with its body."""
    if fault.kind == "poison" and query.text("body-format") is None:
        return False
    records: list[Any] = answer.results or [answer.body]
    return any(
        isinstance(record, dict) and record.get("id") == fault.record_id for record in records
    )


def replacement_reply(fault: Fault, now: datetime) -> Reply:
    """Return the fault's reply in place of the endpoint's."""
    if fault.kind == "reset":
        return Reply(0, b"", breaks="reset")
    if fault.kind == "timeout":
        return Reply(0, b"", breaks="close", delay=fault.seconds)
    headers = dict(fault.headers)
    if fault.wait is not None:
        headers |= retry_after_headers(*fault.wait, now)
    status = fault.status or _DEFAULT_STATUS.get(fault.kind, 500)
    if fault.kind in ("html", "oversize"):
        return Reply(status, _HTML, {"Content-Type": "text/html;charset=UTF-8", **headers})
    body = orjson.dumps({"statusCode": status, "message": "As the test requested"})
    return Reply(status, body if fault.body is None else fault.body.encode(), headers)


def truncated_reply(fault: Fault, reply: Reply) -> Reply:
    """Return the reply, truncated by the fault."""
    if fault.kind == "truncated":
        return Reply(reply.status, reply.body, reply.headers, breaks="truncate")
    return Reply(reply.status, reply.body[: len(reply.body) // 2], reply.headers)
