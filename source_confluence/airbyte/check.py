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
from source_confluence.streams.retrievers.other_spaces import DeniedInSpace
from source_confluence.streams.sync.run import StreamRun, Sync, search_of


def notes_on(sync: Sync) -> list[str]:
    """Return sentences that name every stream that the account cannot read, and why.

    GET /wiki/rest/api/user/current and GET /wiki/api/v2/spaces verify the credentials.
    Then one record is requested of each list that some accounts may not read. Sites differ in what
    they have, and in what they answer instead (400, 403, 404, 405, 410, 500 and 501 were seen), so
    none of these lists fails the check. Raises ConfluenceError if the site cannot be read, or if
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
        return [note for note in pool.map(_note_on, by_endpoint.values()) if note is not None]


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
