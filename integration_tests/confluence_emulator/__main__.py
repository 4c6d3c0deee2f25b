"""Run the emulator as a process: `python -m integration_tests.confluence_emulator --help`.

Prints one line of JSON with its url, email and token when it is ready. Stops on SIGTERM, SIGINT
or, with --end-with-stdin, when stdin closes because the parent process ended.
"""

import argparse
import signal
import sys
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta
from threading import Event, Thread

import orjson

from integration_tests.confluence_emulator.emulator import Emulator
from integration_tests.confluence_emulator.rate_limit import RETRY_AFTER_STYLES, TokenBucket
from integration_tests.confluence_emulator.settings import FEATURES, Settings, utc_now
from integration_tests.confluence_emulator.spec import SiteSpec


def main(arguments: list[str]) -> None:
    """Serve until a signal or, with --end-with-stdin, the end of stdin."""
    options = _parser().parse_args(arguments)
    spec = SiteSpec(**{field.name: getattr(options, field.name) for field in fields(SiteSpec)})
    limit = TokenBucket(options.rate, options.burst, options.retry_after) if options.rate else None
    settings = Settings(
        email=options.email,
        token=options.token,
        admin=not options.not_admin,
        missing_features=frozenset(options.missing_features),
        latency=options.latency,
        bandwidth=options.bandwidth,
        limit=limit,
        fast=options.fast,
        clock=_clock(timedelta(seconds=options.skew)),
    )
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with Emulator(spec, settings, options.port) as emulator:
        ready = {"url": emulator.url, "email": emulator.email, "token": emulator.token}
        sys.stdout.write(orjson.dumps(ready).decode() + "\n")
        sys.stdout.flush()
        if options.end_with_stdin:
            Thread(target=_end_with_stdin, args=(ended,), daemon=True).start()
        ended.wait()


def _end_with_stdin(ended: Event) -> None:
    sys.stdin.read()
    ended.set()


def _clock(skew: timedelta) -> Callable[[], datetime]:
    return lambda: utc_now() + skew


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="confluence_emulator", description=__doc__)
    for field in fields(SiteSpec):
        option = "--" + field.name.replace("_", "-")
        if isinstance(field.default, bool):
            parser.add_argument(option, action="store_true")
        else:
            parser.add_argument(option, type=type(field.default), default=field.default)
    settings = Settings()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--email", default=settings.email)
    parser.add_argument("--token", default=settings.token)
    parser.add_argument("--not-admin", action="store_true")
    parser.add_argument("--missing-features", nargs="*", default=[], choices=sorted(FEATURES))
    parser.add_argument("--latency", type=float, default=0.0, help="seconds per response")
    parser.add_argument("--bandwidth", type=int, default=0, help="bytes per second and connection")
    parser.add_argument("--rate", type=float, help="requests per second; 429 above")
    parser.add_argument("--burst", type=float, help="requests at once; default: one second's worth")
    parser.add_argument("--retry-after", choices=RETRY_AFTER_STYLES, default="seconds")
    parser.add_argument("--fast", action="store_true", help="cache responses")
    parser.add_argument("--skew", type=float, default=0.0, help="seconds the clock runs ahead")
    parser.add_argument("--end-with-stdin", action="store_true")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
