"""What the log says about elements that could not be read."""

from __future__ import annotations

import logging
from threading import Barrier, Thread

import pytest

from source_confluence.confluence.errors import NotFound, ServerError
from source_confluence.streams.sync.skipped import Skipped
from unit_tests.run_sync import LOGGER

DELETED = NotFound("There is no such page.")
FAILURE = ServerError("Confluence answered 500.")


@pytest.fixture
def skipped(caplog: pytest.LogCaptureFixture) -> Skipped:
    caplog.set_level(logging.INFO, LOGGER.name)
    return Skipped(LOGGER)


def test_a_denied_element_is_information_and_a_failed_one_an_error(
    skipped: Skipped, caplog: pytest.LogCaptureFixture
) -> None:
    skipped.denied("pages", "11", DELETED)
    skipped.failed("pages", "12", FAILURE)

    denied, failed = caplog.records
    assert (denied.levelname, failed.levelname) == ("INFO", "ERROR")
    assert all(part in denied.getMessage() for part in ("pages", "11", DELETED.message))
    assert all(part in failed.getMessage() for part in ("pages", "12", FAILURE.message))


def test_each_element_is_named_once(skipped: Skipped, caplog: pytest.LogCaptureFixture) -> None:
    for kind, element_id in (("pages", "1"), ("pages", "1"), ("pages", "2"), ("labels", "1")):
        skipped.denied(kind, element_id, DELETED)
        skipped.failed(kind, element_id, FAILURE)

    assert len(caplog.records) == 3


def test_many_streams_that_notice_at_the_same_time_name_it_once(
    skipped: Skipped, caplog: pytest.LogCaptureFixture
) -> None:
    together = Barrier(8)

    def notice() -> None:
        together.wait()
        skipped.failed("pages", "1", FAILURE)

    workers = [Thread(target=notice) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(caplog.records) == 1
