"""A small Confluence Cloud on loopback: a test tool, never imported by source_confluence.

In the test's own process:

    with Emulator(SiteSpec(seed=1, pages=2000, spaces=40)) as emulator:
        requests.get(emulator.url + "/wiki/api/v2/pages", auth=(emulator.email, emulator.token))
        emulator.site        # the objects, e.g. emulator.site.pages
        emulator.mutations   # emulator.mutations.edit("page", "98305", text="new")
        emulator.faults      # fault = emulator.faults.add(Fault(...)); fault.fired
        emulator.requests    # journal of RequestRecord, .counts(), .peak_in_flight
        emulator.settings    # Settings: credentials, admin, forbidden, lacking, latency, limit,
                             # fast, clock, on_request

In a process of its own, which ends with the context (or with the process that started it):

    with EmulatorProcess(SiteSpec(pages=20_000), "--fast", "--latency", "0.15") as emulator:

Both have `url`, `email`, `token`, `requests` and everything in Controls: expected (the ground
truth), mutate, add_fault, clear_faults, limit_rate, lift_rate, set_latency, set_admin, forbid,
lack, warm, reset. From elsewhere, the same operations are JSON by `POST /_emulator/<operation>`
(control.Control). By hand: `python -m integration_tests.confluence_emulator --help`.

What it serves: every endpoint of `endpoints.all_endpoints()`, that is

- v2: spaces, pages, blogposts, attachments, custom-content, footer-comments, inline-comments,
  labels, tasks, space-roles, classification-levels as lists; all of these but the last four by id
  with include-*, and folders, whiteboards, databases and embeds by id only; below them labels,
  versions, properties, likes, operations, comments, attachments, custom content, (direct)
  children, permissions, role assignments; labels/{id}/pages, /blogposts, /attachments;
  comments/{id}/properties; space-role-mode; POST users-bulk.
- v1: content/search and search (CQL, expand), search/user, restrictions by operation, group and
  its members, audit, watchers of spaces and pages, templates and blueprints, views, user/current,
  settings/systemInfo.

Where Atlassian does not say what Confluence does, SiteSpec has a switch, or else (each can be
changed where it is declared): the status of comments, attachments and custom content follows
their container's (Contained); labels, versions and so on of trashed content are served
(endpoints.parents); tasks and custom content in the trash are in no list; CQL takes at most 250
results, 50 with bodies, 25 with rendered ones; `next` of a search repeats `expand`; search/user
has no `next`; a plan without a feature answers as Settings.lacking says.

The first object of each kind that is current has more labels, properties, versions, likes,
restrictions and watchers than an embedded list or a page of results holds.

Where things are: spec (sizes), generating/ (a site from its seed), model and organization (the
objects), kinds (how the API names them), site (the objects and their relations), rendering* (the
objects as JSON), listing and offset (lists, declared), endpoints/ (what is served), truth and
selection (what a read must bring), mutating/ (changes), faults, list_faults and spoiling.

To serve another collection: declare a List, an OffsetList or an Endpoint of its own in a module
of `endpoints`, and add its stream to truth.STREAMS.
"""

from integration_tests.confluence_emulator.controls import Controls
from integration_tests.confluence_emulator.emulator import Emulator
from integration_tests.confluence_emulator.faults import Fault, poisoned
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
    "poisoned",
]
