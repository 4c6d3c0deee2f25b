"""What `check` finds out: whether the site can be read, and which streams of it cannot."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

from source_confluence.confluence.responses import UNAVAILABLE, CredentialsRejected, payload
from source_confluence.connection import Connection
from source_confluence.streams import catalogue
from source_confluence.streams.base import ConfluenceStream


def notes_on(connection: Connection, logger: logging.Logger) -> list[str]:
    """Return a sentence for every stream that the account cannot read, and why.

    GET /wiki/rest/api/user/current and GET /wiki/api/v2/spaces tell good credentials from bad ones;
    then one record is asked of each list that not everybody may read. Raises ConfluenceError if the
    site cannot be read.
    """
    _require_known_user(connection)
    found = catalogue(connection, logger)
    found.selection.require_valid()
    by_endpoint: dict[str, list[ConfluenceStream]] = {}
    for stream in found.streams:
        by_endpoint.setdefault(f"{stream.url_base}{stream.endpoint}", []).append(stream)
    with ThreadPoolExecutor(max_workers=connection.config.num_workers) as pool:
        return [note for note in pool.map(_note_on, by_endpoint.values()) if note is not None]


def _note_on(streams: list[ConfluenceStream]) -> str | None:
    """Ask for one record of streams that share an endpoint."""
    try:
        streams[0].probe()
    except UNAVAILABLE as refusal:
        names = " and ".join(stream.name for stream in streams)
        return f"Stream {names} cannot be read: {refusal.sentence}"
    return None


def _require_known_user(connection: Connection) -> None:
    """v1 tells bad credentials most clearly; without any, it answers for an anonymous user."""
    response = connection.client.get(f"{connection.site.v1}user/current", {}, stream="check")
    if payload(response).get("type") == "anonymous":
        raise CredentialsRejected(
            f"{connection.site.origin} takes the account for anonymous: check email and api_token."
        )
