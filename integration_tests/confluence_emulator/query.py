"""A request's query, validated as strictly as Confluence validates known parameters."""

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import parse_qs

from integration_tests.confluence_emulator.errors import BadRequestError


class Query:
    """Parameters by name; unknown ones are ignored."""

    def __init__(self, parameters: Mapping[str, Sequence[str]]) -> None:
        """Wrap decoded parameters."""
        self.parameters = parameters

    @classmethod
    def parse(cls, text: str) -> "Query":
        """Return the query of a URL's query string."""
        return cls(parse_qs(text, keep_blank_values=True))

    def having(self, **values: object) -> "Query":
        """Return the query with some parameters changed; None removes one."""
        kept = {name: v for name, v in self.parameters.items() if name not in values}
        changed = {name: [str(v)] for name, v in values.items() if v is not None}
        return Query({**kept, **changed})

    def text(self, name: str) -> str | None:
        """Return the first value, or None."""
        values = self.parameters.get(name)
        return values[0] if values else None

    def texts(self, name: str, max_values: int | None = None) -> list[str] | None:
        """Return the elements of a comma-separated list, or None; raises BadRequestError."""
        values = self.parameters.get(name)
        if values is None:
            return None
        elements = [element for value in values for element in value.split(",") if element]
        if max_values is not None and len(elements) > max_values:
            raise BadRequestError(f"Parameter '{name}' takes at most {max_values} values")
        return elements

    def numbers(self, name: str, max_values: int | None = None) -> list[int] | None:
        """Return the elements of a list of ids, or None; raises BadRequestError."""
        elements = self.texts(name, max_values)
        if elements is None:
            return None
        return [_integer(name, element) for element in elements]

    def number(self, name: str, default: int) -> int:
        """Return an integer; raises BadRequestError."""
        value = self.text(name)
        return default if value is None else _integer(name, value)

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        """Return one of the allowed values, or None; raises BadRequestError."""
        value = self.text(name)
        if value is not None and value not in allowed:
            raise BadRequestError(
                f"Provided value {{{value}}} for '{name}' is not valid. "
                f"Expected one of {sorted(allowed)}"
            )
        return value

    def choices(self, name: str, allowed: Collection[str]) -> list[str] | None:
        """Return a list of allowed values, or None; raises BadRequestError."""
        values = self.texts(name)
        for value in values or ():
            if value not in allowed:
                raise BadRequestError(
                    f"Provided value {{{value}}} for '{name}' is not valid. "
                    f"Expected some of {sorted(allowed)}"
                )
        return values

    def flag(self, name: str) -> bool:
        """Return a boolean that is false by default; raises BadRequestError."""
        return self.choice(name, ("true", "false")) == "true"


def _integer(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise BadRequestError(
            f"Provided value {{{value}}} for '{name}' is not the correct type. "
            "Expected type is integer"
        ) from None
