"""`make demo`: a real sync of an emulated Confluence, from `spec` to an incremental read."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from integration_tests.confluence_emulator import SiteSpec
from integration_tests.confluence_emulator.process import EmulatorProcess
from integration_tests.connector import Connector, Json, Run, catalog_of

OUTPUT = Path("demo-output")
SITE = SiteSpec(pages=2000, spaces=40, blog_posts=200, groups=30, audit_records=500)
LATENCY = 0.02
EDITS = 5
WIDTH = 34
ROW = re.compile(r"INFO (\w+) +[\d,]+ records? +([\d,]+) requests? ")
"""How a row of the table begins that the connector logs at its end."""


@dataclass(frozen=True)
class Read:
    """A read, what it cost, and how long it took."""

    run: Run
    requests: int
    seconds: float

    @cached_property
    def requests_by_stream(self) -> dict[str, int]:
        """The requests that each stream has caused."""
        found = (match for log in self.run.logs if (match := ROW.match(log)) is not None)
        return {
            name: int(requests.replace(",", "")) for name, requests in map(re.Match.groups, found)
        }


def main() -> None:
    """Run the demo; exits with an error if any step fails."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    with EmulatorProcess(SITE, "--latency", str(LATENCY)) as emulator:
        print(f"An emulated Confluence serves {SITE.pages:,} pages at {emulator.url}.\n")
        connector = Connector(OUTPUT, config_of(emulator))

        spec = succeeded("spec", connector.spec())
        print(f"spec      {len(properties_of(spec))} fields")
        check = succeeded("check", connector.check())
        print(f"check     {check.connection_status['status']}")
        discover = succeeded("discover", connector.discover())
        catalog = configured(discover)
        names = [entry["stream"]["name"] for entry in catalog["streams"]]
        print(f"discover  {len(names)} streams\n")

        full = timed_read(emulator, connector, catalog, None)
        edit_some(emulator, full.run)
        again = timed_read(emulator, connector, catalog, list(full.run.states.values()))

    (OUTPUT / "full.jsonl").write_bytes(full.run.stdout)
    (OUTPUT / "incremental.jsonl").write_bytes(again.run.stdout)
    print(f"A full read, then {EDITS} edits, and an incremental read:\n")
    print_table(names, full, again)
    print(f"\nThe messages are in {OUTPUT}/full.jsonl and {OUTPUT}/incremental.jsonl;")
    print(f"the config, the catalog and the last state beside them, in {OUTPUT}.")


def config_of(emulator: EmulatorProcess) -> Json:
    """Return the config that reads the emulated site."""
    return {"domain_name": emulator.url, "email": emulator.email, "api_token": emulator.token}


def succeeded(command: str, run: Run) -> Run:
    """Return the run. Raises SystemExit if it has failed."""
    if run.returncode != 0:
        raise SystemExit(f"{command} failed: {run.stdout.decode()[-2000:]}")
    return run


def properties_of(spec: Run) -> Json:
    """Return the fields of the config that the spec describes."""
    (message,) = [message for message in spec.messages if message["type"] == "SPEC"]
    properties: Json = message["spec"]["connectionSpecification"]["properties"]
    return properties


def configured(discover: Run) -> Json:
    """Return the catalog with every stream, incremental where that is possible."""
    (message,) = [message for message in discover.messages if message["type"] == "CATALOG"]
    streams = message["catalog"]["streams"]
    return catalog_of(
        {
            stream["name"]: "incremental"
            if "incremental" in stream["supported_sync_modes"]
            else "full_refresh"
            for stream in streams
        }
    )


def timed_read(
    emulator: EmulatorProcess, connector: Connector, catalog: Json, states: list[Json] | None
) -> Read:
    """Read, and count what that costs."""
    emulator.reset()
    started = time.monotonic()
    run = succeeded("read", connector.read(catalog, states))
    return Read(run, len(emulator.requests), time.monotonic() - started)


def edit_some(emulator: EmulatorProcess, run: Run) -> None:
    """Edit a few pages."""
    for page in run.records["pages"][:EDITS]:
        emulator.mutate("edit", kind="page", content_id=page["id"])


def seconds_of(stream: str, run: Run) -> float:
    """Return how long a stream took, from STARTED to COMPLETE."""
    moments = [
        message["trace"]["emitted_at"] / 1000
        for message in run.messages
        if message["type"] == "TRACE"
        and message["trace"].get("stream_status", {}).get("stream_descriptor", {}).get("name")
        == stream
    ]
    return float(max(moments) - min(moments)) if moments else 0.0


def print_table(names: list[str], *reads: Read) -> None:
    """Print records, requests and seconds of each stream in each read."""
    heading = f"{'records':>9} {'requests':>9} {'seconds':>8}"
    print(f"{'stream':<{WIDTH}}" + "  |".join(heading for _ in reads))
    for name in names:
        cells = (
            f"{len(read.run.records.get(name, [])):>9,} "
            f"{read.requests_by_stream.get(name, 0):>9,} {seconds_of(name, read.run):>8.2f}"
            for read in reads
        )
        print(f"{name:<{WIDTH}}" + "  |".join(cells))
    totals = (
        f"{sum(map(len, read.run.records.values())):>9,} {read.requests:>9,} {read.seconds:>8.2f}"
        for read in reads
    )
    print(f"{'in all':<{WIDTH}}" + "  |".join(totals))


if __name__ == "__main__":
    main()
