"""An emulated Confluence Cloud on loopback. A test tool: source_confluence never imports it.

In the test's own process:

    with Emulator(SiteSpec(seed=1, pages=2000, spaces=40)) as emulator:
        requests.get(emulator.url + "/wiki/api/v2/pages", auth=(emulator.email, emulator.token))
        emulator.site        # the objects, e.g. emulator.site.pages
        emulator.mutations   # emulator.mutations.edit("page", "98305", text="new")
        emulator.faults      # fault = emulator.faults.add(Fault(...)); fault.fired
        emulator.requests    # RequestLog of RequestRecord, .counts(), .peak_in_flight
        emulator.settings    # Settings: credentials, admin, forbidden, denied_in_spaces,
                             # lacking, missing_features, scoped_token, latency, limit, fast,
                             # clock, date, date_hours, on_request

In a separate process, which ends with the context or with the process that started it:

    with EmulatorProcess(SiteSpec(pages=20_000), "--fast", "--latency", "0.15") as emulator:

Both have `url`, `email`, `token`, `requests` and everything in Controls: expected (the ground
truth), mutate, add_fault, clear_faults, limit_rate, remove_rate_limit, set_latency, set_clock,
set_date, set_admin, forbid, deny_in_spaces, lack, remove_features, warm, reset. Other programs send
the same operations as JSON: `POST /_emulator/<operation>` (control.Control). From a shell:
`python -m integration_tests.confluence_emulator --help`.

It serves every endpoint in `endpoints.all_endpoints()`:

- v2: spaces, pages, blogposts, attachments, custom-content, footer-comments, inline-comments,
  labels, tasks, space-roles, classification-levels as lists; all except the last four by id with
  include-*; folders, whiteboards, databases and embeds by id only; as child lists: labels,
  versions, properties, likes, operations, comments, attachments, custom content, (direct)
  children, permissions, role assignments; labels/{id}/pages, /blogposts, /attachments;
  comments/{id}/properties; space-role-mode; POST users-bulk.
- v1: content/search and search (CQL, expand), search/user, restrictions by operation, group and
  its members, audit, watchers of spaces and pages, templates and blueprints, views, user/current,
  settings/systemInfo.

Where Atlassian doesn't document a behavior, SiteSpec has a switch, or the emulator assumes (change
it where it is declared): comments, attachments and custom content take the status of their
container (Contained); the lists of trashed pages and blog posts answer 404, and only a GET of the
parent by id includes them (endpoints.lookup); no list includes tasks or custom content in the
trash; CQL returns at most 250 results, 50 with bodies, 25 with rendered bodies; `next` of a search
repeats `expand`;
Settings.missing_features says how a plan without a feature responds.

As measured or recorded:

- search/user returns 100 rows at most, without a `next`, and reports the requested `limit` and the
  rows of the page as `totalSize`; audit returns one row more than `limit`, without a `next`.
- A search for users finds guests only if its filter says so, and never deactivated accounts.
- Searches drop rows, send short pages of results, do not index all folders and whiteboards, and see
  archived spaces only with includeArchivedSpaces, which content/search does not know.
- Purged content, and a missing permission, answer a bare 404 in v2; a token with scopes gets a 401
  in HTML; unknown paths of v1 answer in XML, JSON or HTML.
- Space keys match in any case. Versions are listed oldest first, included ones too. An inline
  comment changes the body of its page, and a resolution the comment, without a version.
- Custom content of a raw type has no body in other formats.

The first current object of each kind has more labels, properties, versions, likes, restrictions
and watchers than fit in an embedded list or a page of results.

Where things are: spec (sizes), generators/ (a site from its seed), model and organization (the
objects), kinds (their names in the API), site (the objects and their relations), rendering* (the
objects as JSON), listing and offset (declared lists), endpoints/ (what is served), truth and
selection (the records a read must return), mutations/ (changes), faults, list_faults and
fault_replies (errors on request).

To serve another collection, declare a List, an OffsetList or an Endpoint in a module of
`endpoints` and add its stream to truth.STREAMS.
"""

from integration_tests.confluence_emulator.controls import Controls
from integration_tests.confluence_emulator.emulator import Emulator
from integration_tests.confluence_emulator.faults import Fault, poisoned
from integration_tests.confluence_emulator.process import EmulatorProcess
from integration_tests.confluence_emulator.rate_limit import TokenBucket
from integration_tests.confluence_emulator.request_log import RequestLog, RequestRecord
from integration_tests.confluence_emulator.settings import Settings
from integration_tests.confluence_emulator.spec import SiteSpec

__all__ = [
    "Controls",
    "Emulator",
    "EmulatorProcess",
    "Fault",
    "RequestLog",
    "RequestRecord",
    "Settings",
    "SiteSpec",
    "TokenBucket",
    "poisoned",
]
