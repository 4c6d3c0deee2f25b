"""Tries on a real site what docs/assumptions.md assumes: python -m tools.probe_site --config FILE.

It only reads, sends about 80 requests (at most 30 for each of ten checks), and respects the site's
rate limits as a sync does. The report contains counts, statuses and yes or no, and neither content
nor names, ids or keys: it can be sent to the maintainers as it is. The config is the connector's.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from source_confluence.airbyte.inputs import read_config
from source_confluence.config.config import Config
from source_confluence.config.spec import load_spec
from source_confluence.confluence.connection import Connection
from source_confluence.confluence.errors import ConfluenceError
from source_confluence.confluence.retry_policy import RetryLimits
from source_confluence.confluence.site import Site
from tools.probe.checks import CHECKS, run_check
from tools.probe.findings import Finding, summary
from tools.probe.reader import Reader

LIMITS = RetryLimits(longest_wait=120.0, connection_attempts=2)


def main(arguments: Sequence[str]) -> int:
    """Print the report; return 1 if the site could not be read at all, and say why on stderr."""
    parser = argparse.ArgumentParser(prog="python -m tools.probe_site", description=__doc__)
    parser.add_argument("--config", required=True, help="the connector's config")
    try:
        reader = Reader(_connect(parser.parse_args(arguments).config))
        reader.require_account()
    except ConfluenceError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    findings: list[Finding] = []
    for number, (name, check) in enumerate(CHECKS, start=1):
        sys.stdout.write(f"{number}. {name}\n")
        for finding in run_check(check, reader):
            sys.stdout.write(f"{finding}\n")
            findings.append(finding)
    sys.stdout.write(f"{reader.sent} requests: {summary(findings)}\n")
    return 0


def _connect(path: str) -> Connection:
    """Return a connection that logs nothing: log messages contain paths, and these contain ids."""
    config = Config.parse(read_config(path), load_spec().connectionSpecification)
    logger = logging.getLogger("probe_site")
    logger.disabled = True
    return Connection.open(
        Site.named(config.domain_name),
        config.credentials,
        logger,
        requests_per_second=config.requests_per_second,
        limits=LIMITS,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
