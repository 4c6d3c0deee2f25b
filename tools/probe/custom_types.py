"""The types of custom content that a site names when a search uses one that does not exist."""

from __future__ import annotations

import re

from tools.probe.reader import Answer, Reader

MOST = 8
"""At most this many types are tried."""
_LIST = re.compile(r"\[(.*)\]", re.DOTALL)


def refusal(reader: Reader) -> Answer:
    """Return the answer to a search for a type that does not exist."""
    return reader.v1("content/search", cql='type="no-such-type"')


def named_types(answer: Answer) -> list[str]:
    """Return every type that the message of that answer names."""
    found = _LIST.search(answer.text)
    return [one.strip() for one in found[1].split(",") if one.strip()] if found else []


def custom_types(answer: Answer) -> list[str]:
    """Return the types of custom content among them, at most MOST."""
    return [one for one in named_types(answer) if ":" in one][:MOST]
