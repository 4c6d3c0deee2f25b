"""tools/probe_site.py against the emulator: what it prints, sends and changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson
import pytest

from integration_tests.confluence_emulator import Emulator, Fault, SiteSpec, TokenBucket
from integration_tests.conftest import config_for
from integration_tests.connector import Json
from integration_tests.truth import all_streams
from tools.probe.checks import CHECKS
from tools.probe.findings import ASSUMPTIONS, Verdict
from tools.probe_site import main

SPEC = SiteSpec(folders=30, whiteboards=30, archived_space_share=0.5)
PRIVATE = re.compile(r"(?i)(id|title|name|key|email|value|summary|description|address|text)$")
"""The end of the names of fields whose values must not be printed."""
WORD = re.compile(r"([a-z_-]+|\d{1,3})$")
"""A value that can be a word of the API, such as the key of an operation, or a count."""
HOLDS, FAILS, NOT_TRIED = Verdict.HOLDS, Verdict.FAILS, Verdict.NOT_TRIED


@pytest.fixture(scope="module")
def site() -> Iterator[Emulator]:
    """A site that no test changes."""
    with Emulator(SPEC) as running:
        yield running


class Probe:
    """Runs the probe on emulated sites and returns what it prints."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._config = folder / "config.json"
        self._capsys = capsys

    def run(self, site: Emulator, **changes: str) -> tuple[int, str, str]:
        """Return the exit code, the report and what is on stderr."""
        self._config.write_bytes(orjson.dumps({**config_for(site), **changes}))
        code = main(["--config", str(self._config)])
        return code, *self._capsys.readouterr()

    def verdicts(self, site: Emulator) -> dict[str, Verdict]:
        """Return the verdicts by the names of the assumptions."""
        report = self.run(site)[1]
        found = {}
        for name, assumption in ASSUMPTIONS.items():
            for verdict in Verdict:
                if re.search(rf"{re.escape(verdict.value)} +{re.escape(assumption)} \(", report):
                    found[name] = verdict
        return found


@pytest.fixture
def probe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Probe:
    return Probe(tmp_path, capsys)


def test_every_check_reports(site: Emulator, probe: Probe) -> None:
    code, report, errors = probe.run(site)

    assert (code, errors) == (0, "")
    headings = [line for line in report.splitlines() if re.match(r"\d+\. ", line)]
    assert headings == [f"{n}. {name}" for n, (name, _) in enumerate(CHECKS, start=1)]
    assert set(probe.verdicts(site)) == set(ASSUMPTIONS) - {"rest"}


def test_it_only_reads_and_sends_few_requests(site: Emulator, probe: Probe) -> None:
    site.requests.clear()
    revision = site.site.revision

    report = probe.run(site)[1]

    sent = list(site.requests)
    assert {request.method for request in sent} == {"GET"}
    assert len(sent) < 150
    assert report.splitlines()[-1].startswith(f"{len(sent)} requests")
    assert site.site.revision == revision


def test_nothing_of_the_site_is_printed(site: Emulator, probe: Probe) -> None:
    _, report, _ = probe.run(site)
    site.faults.add(Fault("/(labels|views|space-roles|group)", status=500, times=None))
    _, failing, _ = probe.run(site)
    site.faults.clear()

    words = set(re.findall(r"[^\s(),]+", report + failing))
    private = {value for stream in all_streams() for value in private_values(site, stream)}
    secrets = {site.email, site.token, site.url, site.url.removeprefix("http://")}
    assert len(private) > 2_000
    assert {value for value in private | secrets if " " in value and value in report} == set()
    assert (private | secrets) & words == set()


def private_values(site: Emulator, stream: str) -> Iterable[str]:
    statuses = ("current", "archived", "trashed")
    for record in site.expected(stream, statuses=statuses):
        yield from _private(record)


def _private(value: Json) -> Iterator[str]:
    for name, one in value.items():
        if isinstance(one, dict):
            yield from _private(one)
        elif isinstance(one, str) and PRIVATE.search(name) and len(one) > 1 and not WORD.match(one):
            yield one


@pytest.mark.parametrize(
    ("name", "verdict", "fault"),
    [
        ("optional_lists", FAILS, Fault("/space-roles", status=501, times=None)),
        ("trashed_by_id", NOT_TRIED, Fault("status=trashed", status=403, times=None)),
        ("views", FAILS, Fault("/views", status=403, times=None, every=2)),
        ("users_end", FAILS, Fault("/search/user", status=400, times=None)),
        (
            "order_pages",
            NOT_TRIED,
            Fault("/pages[?].*sort=", "records", times=None, missing=["version"]),
        ),
        (
            "containers",
            FAILS,
            Fault("comments[?]", "records", times=None, missing=["pageId", "blogPostId"]),
        ),
    ],
)
def test_another_site_gets_another_verdict(
    site: Emulator, probe: Probe, name: str, verdict: Verdict, fault: Fault
) -> None:
    site.faults.add(fault)
    found = probe.verdicts(site)
    site.faults.clear()

    assert found[name] == verdict
    assert found != probe.verdicts(site)


def test_what_it_reports_of_archived_spaces(probe: Probe) -> None:
    found = {}
    for is_hidden in (True, False):
        with Emulator(
            SiteSpec(
                folders=30,
                whiteboards=30,
                archived_space_share=0.5,
                archived_spaces_searched=not is_hidden,
            )
        ) as site:
            found[is_hidden] = probe.verdicts(site)

    assert found[True]["archived_by_default"] == FAILS
    assert found[True]["archived_included"] == HOLDS
    assert found[False]["archived_by_default"] == HOLDS
    assert found[False]["archived_included"] == FAILS


def test_what_it_reports_of_replies(probe: Probe) -> None:
    found = {}
    for are_left_out in (True, False):
        with Emulator(SiteSpec(replies_left_out=are_left_out)) as site:
            found[are_left_out] = probe.verdicts(site)["replies"]

    assert found == {True: FAILS, False: HOLDS}


def test_bad_credentials_end_it(site: Emulator, probe: Probe) -> None:
    code, report, errors = probe.run(site, api_token="wrong")

    assert (code, report) == (1, "")
    assert "wrong" not in errors
    assert len(errors.splitlines()) == 1


def test_a_rate_limit_is_respected(site: Emulator, probe: Probe) -> None:
    site.settings.limit = TokenBucket(rate=0.001, burst=10, style="seconds")
    _, report, errors = probe.run(site)
    site.remove_rate_limit()

    assert errors == ""
    assert ASSUMPTIONS["rest"] in report
    assert sum(site.requests.counts(status=429).values()) < 5
