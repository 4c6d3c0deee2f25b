"""The console script `source-confluence`, and `python -m source_confluence`."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command that the arguments name. Exits with 1 if it fails."""
    # The CDK's import makes a million objects that stay: searching them for garbage takes a tenth
    # of the time until the first request.
    gc.disable()
    from source_confluence.run import run  # noqa: PLC0415  # what takes the time

    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
