"""What `check` finds out: whether the site can be read, and which of its streams cannot."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from source_confluence.confluence.errors import (
    ConfigError,
    ConfluenceError,
    CredentialsRejected,
    Throttled,
)
from source_confluence.streams.kinds import PAGE, SPACE
from source_confluence.streams.preview.cost import duration
from source_confluence.streams.preview.counting import Counting
from source_confluence.streams.retrievers.other_spaces import DeniedInSpace
from source_confluence.streams.sync.run import StreamRun, Sync, search_of

MANY_REQUESTS = 10_000
"""A stream that takes more is named beforehand."""
ASSUMED_RATE = 10.0
"""Requests per second where the user sets no ceiling: less than Confluence usually allows."""


def notes_on(sync: Sync) -> list[str]:
    """Return sentences that name every stream that the account cannot read, and why.

    GET /wiki/rest/api/user/current and GET /wiki/api/v2/spaces verify the credentials.
    Then one record is requested of each list that some accounts may not read. Sites differ in what
    they have, and in what they answer instead (400, 403, 404, 405, 410, 500 and 501 were seen), so
    none of these lists fails the check. The last sentence is about streams that take very many
    requests, if there are such. Raises ConfluenceError if the site cannot be read, or if
    the config is wrong.
    """
    require_known_user(sync)
    sync.list_of(SPACE).first_record()
    sync.spaces.require_named()
    if sync.config.cql is not None:
        sync.lists[search_of(PAGE)].first_record()
    by_endpoint: dict[str, list[StreamRun]] = {}
    for run in sync.stream_runs:
        if run.name != SPACE.name:
            by_endpoint.setdefault(run.retriever.endpoints[0], []).append(run)
    with ThreadPoolExecutor(max_workers=sync.config.num_workers) as pool:
        notes = [note for note in pool.map(_note_on, by_endpoint.values()) if note is not None]
    size = _note_on_size(sync)
    return notes if size is None else [*notes, size]


def _note_on(runs: list[StreamRun]) -> str | None:
    """Request one record of streams that share an endpoint, or that need what it lists."""
    names = " and ".join([*(run.name for run in runs), *_dependents(runs[0])])
    try:
        runs[0].retriever.probe(runs[0])
    except DeniedInSpace as denial:
        return f"Stream {names} cannot be read in space {denial.space}: {denial.message}"
    except CredentialsRejected:
        endpoint = runs[0].retriever.endpoints[0]
        return (
            f"Stream {names} cannot be read: Confluence accepts the credentials, but not for "
            f"{endpoint}."
        )
    except ConfluenceError as error:
        if isinstance(error, Throttled) or type(error) is ConfigError:
            raise
        return f"Stream {names} cannot be read: {error.message}"
    return None


def _note_on_size(sync: Sync) -> str | None:
    """Name the streams that take very many requests, after three searches that count parents.

    None if there are none, or if the searches fail: the site can be read without them.
    """
    if "current" not in sync.config.content_statuses:
        return None  # no search counts anything else
    cql = f" and ({sync.config.cql})" if sync.config.cql else ""
    counted = {"P": f"type=page{cql}", "A": "type=attachment", "C": "type=comment"}
    try:
        counting = Counting(sync)
        with ThreadPoolExecutor(max_workers=sync.config.num_workers) as pool:
            found = list(pool.map(lambda of: counting.found(of, attempts=1), counted.values()))
    except ConfluenceError:
        return None
    # A search does not know one kind of comments from the other.
    sizes = {**dict(zip(counted, found, strict=True)), "I": 0}
    streams: dict[float, list[str]] = {}
    for run in sync.stream_runs:
        if run.facts.cost.names <= sizes.keys():
            streams.setdefault(run.facts.cost.at(sizes), []).append(run.name)
    per_second = sync.config.requests_per_second or ASSUMED_RATE
    named = [
        f"{', '.join(streams[cost])}: about {cost:,} requests for each, "
        f"{duration(cost / per_second)} at {per_second:g} per second"
        for cost in sorted(streams, reverse=True)
        if cost > MANY_REQUESTS
    ]
    return f"The site is large. {'; '.join(named)}." if named else None


def _dependents(probed: StreamRun) -> list[str]:
    """Return the streams that need the list of another one, by their names."""
    endpoint = probed.retriever.endpoints[0]
    lists = {
        run.name for run in probed.sync.runs.values() if run.retriever.endpoints[0] == endpoint
    }
    return [run.name for run in probed.sync.stream_runs if lists & set(run.retriever.needs)]


def require_known_user(sync: Sync) -> None:
    """Raise CredentialsRejected if the site does not know the account.

    v1 tells bad credentials most clearly; without any, it answers for an anonymous user.
    """
    client, site = sync.connection.client, sync.connection.site
    response = client.get(f"{site.v1}user/current", {}, stream="check", attempts=1)
    if response.body.get("type") == "anonymous":
        raise CredentialsRejected(
            f"{site.origin} takes the account for anonymous: check email and api_token."
        )
