"""The console script `source-confluence-catalog`: prints a configured catalog.

Running `read` by hand requires this file.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from source_confluence.airbyte.arguments import parse_catalog
from source_confluence.airbyte.output import output_to
from source_confluence.airbyte.signals import exiting_on_signals


def main(args: Sequence[str] | None = None) -> None:
    """Print a configured catalog. Exits with 1 and a message on stderr for unknown streams."""
    with output_to(sys.stdout) as output, exiting_on_signals(output):
        parsed = parse_catalog(sys.argv[1:] if args is None else args)
        from source_confluence.airbyte.default_catalog import as_json  # noqa: PLC0415  # slow
        from source_confluence.confluence.errors import ConfigError  # noqa: PLC0415

        try:
            output.write_line(as_json(parsed.streams))
        except ConfigError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
