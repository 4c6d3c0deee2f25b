"""A small Confluence Cloud on loopback: a test tool, never imported by source_confluence.

In the test's own process:

    with Emulator(SiteSpec(seed=1, pages=2000, spaces=40)) as emulator:
        requests.get(emulator.url + "/wiki/api/v2/pages", auth=(emulator.email, emulator.token))
        emulator.site        # the objects, e.g. emulator.site.pages
        emulator.mutations   # emulator.mutations.edit("page", "98305", text="new")
        emulator.faults      # fault = emulator.faults.add(Fault(...)); fault.fired
        emulator.requests    # journal of RequestRecord, .counts(), .peak_in_flight
        emulator.settings    # Settings: credentials, admin, forbidden, latency, limit, fast, clock,
                             # on_request

In a process of its own, which ends with the context (or with the process that started it):

    with EmulatorProcess(SiteSpec(pages=20_000), "--fast", "--latency", "0.15") as emulator:

Both have `url`, `email`, `token`, `requests` and everything in Controls: expected (the ground
truth), mutate, add_fault, clear_faults, limit_rate, lift_rate, set_latency, set_admin, forbid,
warm, reset. From elsewhere, the same operations are JSON by `POST /_emulator/<operation>`
(control.Control). By hand: `python -m integration_tests.confluence_emulator --help`.

To serve another collection: declare a List, an OffsetList or an Endpoint of its own in a module
of `endpoints`, and add its stream to truth.STREAMS.
"""

from integration_tests.confluence_emulator.controls import Controls
from integration_tests.confluence_emulator.emulator import Emulator
from integration_tests.confluence_emulator.faults import Fault
from integration_tests.confluence_emulator.journal import Journal, RequestRecord
from integration_tests.confluence_emulator.process import EmulatorProcess
from integration_tests.confluence_emulator.settings import Settings
from integration_tests.confluence_emulator.spec import SiteSpec
from integration_tests.confluence_emulator.waiting import TokenBucket

__all__ = [
    "Controls",
    "Emulator",
    "EmulatorProcess",
    "Fault",
    "Journal",
    "RequestRecord",
    "Settings",
    "SiteSpec",
    "TokenBucket",
]
