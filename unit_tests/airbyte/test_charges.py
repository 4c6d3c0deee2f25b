"""Which stream each request of a sync is charged to."""

from __future__ import annotations

import re

import pytest
from airbyte_cdk.models import SyncMode

from unit_tests.fake_site import FakeSite, page
from unit_tests.fakes import Setup, make_setup
from unit_tests.run_sync import entry, run_sync

FULL = SyncMode.full_refresh
MANY = 3000
"""Pages whose list is read from both ends."""


def charges(setup: Setup, *streams: str) -> dict[str, int]:
    """Run a sync of some streams; return their requests. No other name may have any."""
    outcome = run_sync(setup, [entry(name, FULL) for name in streams])
    assert outcome.error is None
    meter = setup.connection.meter
    found = {name: meter.requests(name) for name in streams}
    assert sum(found.values()) == meter.total()
    return found


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    site.pages = [page(number) for number in range(1, 31)]
    return site


def test_a_list_that_only_another_stream_needs_is_charged_to_that_one(site: FakeSite) -> None:
    assert charges(make_setup(), "page_watchers") == {"page_watchers": len(site.requests)}


def test_a_list_from_both_ends_is_charged_to_one_stream(site: FakeSite) -> None:
    site.pages = [page(number) for number in range(1, MANY)]

    assert charges(make_setup(), "child_pages") == {"child_pages": len(site.requests)}


def test_comments_that_several_streams_share_are_charged_to_the_first(site: FakeSite) -> None:
    found = charges(make_setup(num_workers=1), "page_footer_comments", "blog_post_footer_comments")

    assert found == {"page_footer_comments": len(site.requests), "blog_post_footer_comments": 0}


def test_a_get_by_id_for_several_streams_is_charged_to_the_first(site: FakeSite) -> None:
    found = charges(make_setup(num_workers=1), "page_likes", "page_content_properties")

    by_id = [one for one in site.endpoints() if re.fullmatch(r"pages/\d+", one)]
    assert len(by_id) == len(site.pages)
    assert found["page_likes"] >= len(by_id)
    assert found["page_content_properties"] == 0
