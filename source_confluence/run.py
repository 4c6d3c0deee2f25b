"""The console script `source-confluence`."""

from __future__ import annotations

import gc
from collections.abc import Sequence


def run(args: Sequence[str] | None = None) -> None:
    """Run the command that the arguments name. Exits with 1 if it fails."""
    # The CDK's import makes a million objects that stay: searching them for garbage takes a tenth
    # of the time until the first request.
    gc.disable()
    from source_confluence.airbyte.entrypoint import main  # noqa: PLC0415  # what takes the time

    gc.freeze()
    gc.enable()
    main(args)
