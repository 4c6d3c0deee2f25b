"""Groups: where they are, and that they are read in full."""

from __future__ import annotations

from airbyte_cdk.models import SyncMode

from source_confluence.connection import Connection
from source_confluence.streams.groups import Groups
from unit_tests.sync.fake_site import FakeSite


def test_groups_are_read_by_offset(site: FakeSite, connection: Connection) -> None:
    site.groups = [{"id": f"g{number}", "name": f"Group {number}"} for number in range(401)]

    assert list(Groups(connection).read_records(SyncMode.full_refresh)) == site.groups

    assert site.asked("group") == [
        {"limit": "200"},
        {"start": "200", "limit": "200"},
        {"start": "400", "limit": "200"},
    ]
