"""Opaque cursors in Atlassian's form: base64 keysets, without state on the server."""

from base64 import b64decode, b64encode
from dataclasses import dataclass

import orjson

from integration_tests.confluence_emulator.errors import BadRequestError

SortValue = int | str


@dataclass(frozen=True)
class Keyset:
    """The last row served: its id and its sort value."""

    order: str
    value: SortValue
    id: int

    def encode(self) -> str:
        """Return the cursor. It always ends with `=`, which a URL must percent-encode."""
        content = {"id": str(self.id), "contentOrder": self.order, "contentOrderValue": self.value}
        text = orjson.dumps(content)
        return b64encode(text if len(text) % 3 else text + b" ").decode()

    @classmethod
    def decode(cls, cursor: str, order: str) -> "Keyset":
        """Return the keyset of a cursor for this sort order; raises BadRequestError."""
        try:
            content = orjson.loads(b64decode(cursor, validate=True))
            keyset = cls(content["contentOrder"], content["contentOrderValue"], int(content["id"]))
        except (ValueError, KeyError, TypeError):
            raise BadRequestError(f"Provided value {{{cursor}}} for 'cursor' is invalid") from None
        if keyset.order != order:
            raise BadRequestError(f"The cursor was made for sort '{keyset.order}', not '{order}'")
        return keyset


def encode_position(position: int) -> str:
    """Return the cursor of a search in v1's form."""
    return f"_f_{b64encode(str(position).encode()).decode()}_sa_{b64encode(b'[]').decode()}"


def decode_position(cursor: str) -> int:
    """Return the position that a search cursor encodes; raises BadRequestError."""
    try:
        prefix, _, _ = cursor.removeprefix("_f_").partition("_sa_")
        return int(b64decode(prefix, validate=True))
    except ValueError:
        raise BadRequestError(f"Could not parse cursor: {cursor}") from None
