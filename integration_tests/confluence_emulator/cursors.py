"""Opaque cursors: Atlassian's base64 keysets, which hold no state on the server."""

from base64 import b64decode, b64encode
from dataclasses import dataclass

import orjson

from integration_tests.confluence_emulator.errors import BadRequestError

SortValue = int | str


@dataclass(frozen=True)
class Keyset:
    """The last row that was served: its id and the value that the list is ordered by."""

    order: str
    value: SortValue
    id: int

    def encode(self) -> str:
        """Return the cursor, always with a `=` at its end, which a URL must percent-encode."""
        content = {"id": str(self.id), "contentOrder": self.order, "contentOrderValue": self.value}
        text = orjson.dumps(content)
        return b64encode(text if len(text) % 3 else text + b" ").decode()

    @classmethod
    def decode(cls, cursor: str, order: str) -> "Keyset":
        """Return the keyset of a cursor made for this order; raises BadRequestError."""
        try:
            content = orjson.loads(b64decode(cursor, validate=True))
            keyset = cls(content["contentOrder"], content["contentOrderValue"], int(content["id"]))
        except (ValueError, KeyError, TypeError):
            raise BadRequestError(f"Provided value {{{cursor}}} for 'cursor' is invalid") from None
        if keyset.order != order:
            raise BadRequestError(f"The cursor was made for sort '{keyset.order}', not '{order}'")
        return keyset


def encode_position(position: int) -> str:
    """Return the cursor of a search, in the form that v1 gives it."""
    return f"_f_{b64encode(str(position).encode()).decode()}_sa_{b64encode(b'[]').decode()}"


def decode_position(cursor: str) -> int:
    """Return the position behind a search cursor; raises BadRequestError."""
    try:
        prefix, _, _ = cursor.removeprefix("_f_").partition("_sa_")
        return int(b64decode(prefix, validate=True))
    except ValueError:
        raise BadRequestError(f"Could not parse cursor: {cursor}") from None
