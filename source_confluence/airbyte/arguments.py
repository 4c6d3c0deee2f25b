"""The command lines, parsed without the CDK: importing it takes longer than printing the help."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from typing_extensions import override

PACKAGE = "source-confluence"
COMMANDS = {
    "spec": "print the specification of the config",
    "check": "check whether a config gives access to the site",
    "discover": "print the available streams as a catalog",
    "read": "print the records of the configured streams, and their states",
    "cost": "print how many requests a sync takes, and how long, from a few cheap requests",
}


class PrintVersion(argparse.Action):
    """Prints the version of the installed package and exits."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(
            option_strings, dest, 0, default=argparse.SUPPRESS, help="print the version and exit"
        )

    @override
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version  # noqa: PLC0415  # slow, and signals come meanwhile

        print(version(PACKAGE))  # noqa: T201  # as argparse does for its own
        parser.exit()


def parse(args: Sequence[str]) -> argparse.Namespace:
    """Return the parsed arguments of `source-confluence`.

    Exits after `--help` and `--version`, and with 2 if the arguments are wrong. The CDK's own
    parser also accepts the files of a declarative connector and ignores them.
    """
    parser = argparse.ArgumentParser(prog="source-confluence")
    parser.add_argument("--version", action=PrintVersion)
    commands = parser.add_subparsers(title="commands", dest="command", required=True)
    for name, purpose in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=purpose)
        if name != "spec":
            command.add_argument(
                "--config", metavar="FILE", required=True, help="the config, in JSON"
            )
        if name in ("read", "cost"):
            default = "" if name == "read" else " (default: every stream)"
            command.add_argument(
                "--catalog",
                metavar="FILE",
                required=name == "read",
                help="the streams to read and how, as source-confluence-catalog prints them"
                + default,
            )
        if name == "cost":
            command.add_argument(
                "--requests-per-second",
                metavar="N",
                type=_rate,
                help="the rate to count with, if Confluence allows less than the workers reach",
            )
        if name == "read":
            command.add_argument(
                "--state",
                metavar="FILE",
                help="the last states that an earlier read printed, as a list",
            )
        command.add_argument("--debug", action="store_true", help="also log every request")
    return parser.parse_args(args or ["--help"])


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise argparse.ArgumentTypeError("must be a number that is more than 0")
    return rate


def parse_catalog(args: Sequence[str]) -> argparse.Namespace:
    """Return the parsed arguments of `source-confluence-catalog`; exits as `parse` does."""
    parser = argparse.ArgumentParser(
        prog="source-confluence-catalog",
        description="Print a configured catalog for `source-confluence read`: each stream "
        "incremental and deduplicated where possible, otherwise as a full refresh that "
        "overwrites. Needs neither network nor credentials.",
        epilog="Example: source-confluence-catalog pages page_labels users > catalog.json",
    )
    parser.add_argument("--version", action=PrintVersion)
    parser.add_argument(
        "streams", nargs="*", metavar="STREAM", help="a stream to read (default: every stream)"
    )
    return parser.parse_args(args)
