"""A 404 that names no entity: is it the entity, or the account?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from requests_mock import Mocker

from source_confluence.confluence.account import MOST_EXPLAINED, SECONDS, Account
from source_confluence.confluence.connection import Connection
from source_confluence.confluence.errors import (
    ConfluenceError,
    CredentialsRejected,
    NotFound,
    ServerError,
)
from unit_tests.confluence.answers import BAD_GATEWAY, GOOD, HTML, URL, get
from unit_tests.fakes import FakeClock

USER = "https://your-domain.atlassian.net/wiki/rest/api/user/current"
BARE_404: dict[str, Any] = {"status_code": 404, "json": {"errors": [{"title": "Not Found"}]}}
KNOWN: dict[str, Any] = {"json": {"type": "known"}}


def error_of(connection: Connection) -> ConfluenceError:
    with pytest.raises(ConfluenceError) as raised:
        get(connection)
    return raised.value


def test_a_404_of_a_known_account_is_about_the_entity(
    connection: Connection, requests_mock: Mocker
) -> None:
    requests_mock.get(URL, **BARE_404)
    user = requests_mock.get(USER, **KNOWN)

    assert type(error_of(connection)) is NotFound
    assert user.call_count == 1
    assert connection.meter.requests("pages") == 2


@pytest.mark.parametrize(
    "answer",
    [
        {"json": {"type": "anonymous"}},
        {"json": {"type": "unknown"}},
        {"json": {}},
        {"status_code": 401, "content": HTML},
        {"status_code": 403, "json": {"message": "caller cannot access Confluence"}},
        {"status_code": 404, "json": {"errors": [{"title": "Not Found"}]}},
        {"status_code": 400, "json": {}},
    ],
)
def test_of_an_account_that_is_not_known_it_is_about_the_credentials(
    connection: Connection, requests_mock: Mocker, answer: dict[str, Any]
) -> None:
    requests_mock.get(URL, **BARE_404)
    user = requests_mock.get(USER, **answer)

    for _ in range(5):
        assert type(error_of(connection)) is CredentialsRejected

    assert user.call_count == 1


def test_what_cannot_be_verified_is_neither(connection: Connection, requests_mock: Mocker) -> None:
    requests_mock.get(URL, **BARE_404)
    user = requests_mock.get(USER, **BAD_GATEWAY)

    assert type(error_of(connection)) is ServerError
    assert user.call_count == 2


def test_a_token_that_is_revoked_is_noticed_at_the_second_404(
    connection: Connection, requests_mock: Mocker
) -> None:
    requests_mock.get(URL, [BARE_404, GOOD, BARE_404])
    requests_mock.get(USER, [KNOWN, {"json": {"type": "anonymous"}}])
    assert type(error_of(connection)) is NotFound
    get(connection)

    errors = [type(error_of(connection)) for _ in range(3)]

    assert errors == [NotFound, CredentialsRejected, CredentialsRejected]


class Verification:
    """Counts how often it is called; always finds the account known."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> bool:
        self.count += 1
        return True


def test_a_result_is_good_for_a_minute(clock: FakeClock) -> None:
    account, verify = Account(clock), Verification()
    for seconds, count in ((0, 1), (SECONDS - 1, 1), (1, 2)):
        clock.advance(seconds)
        account.has_succeeded = True

        assert account.is_known(verify)

        assert verify.count == count


def test_where_everything_is_denied_verifications_become_rare(clock: FakeClock) -> None:
    account, verify = Account(clock), Verification()

    for _ in range(1000):
        assert account.is_known(verify)

    assert verify.count < 10 + 1000 / MOST_EXPLAINED


@pytest.mark.parametrize("fails", [False, True])
def test_one_worker_verifies_and_the_others_wait_for_the_result(
    clock: FakeClock, fails: bool
) -> None:
    account, calls, others_wait = Account(clock), [], Event()
    together = Barrier(4)

    def verify() -> bool:
        calls.append(1)
        others_wait.wait(0.3)
        if fails:
            raise ServerError("Down.")
        return False

    def verified() -> bool | str:
        together.wait()
        try:
            return account.is_known(verify)
        except ServerError as error:
            return error.message

    with ThreadPoolExecutor(4) as pool:
        found = [one.result() for one in [pool.submit(verified) for _ in range(4)]]

    assert found == ["Down." if fails else False] * 4
    assert len(calls) == 1
