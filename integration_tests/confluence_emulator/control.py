"""Operations on a running emulator, called from its own process or over HTTP."""

from collections.abc import Callable, Mapping

import orjson

from integration_tests.confluence_emulator.application import Application
from integration_tests.confluence_emulator.faults import Fault
from integration_tests.confluence_emulator.http import Reply, Request
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.mutations import Mutations
from integration_tests.confluence_emulator.rate_limit import TokenBucket
from integration_tests.confluence_emulator.selection import Selection
from integration_tests.confluence_emulator.truth import expected

PREFIX = "/_emulator/"

_CHANGEABLE = (
    "latency",
    "admin",
    "forbidden",
    "denied_in_spaces",
    "lacking",
    "missing_features",
    "email",
    "token",
    "fast",
    "date",
    "date_hours",
)


class Control:
    """The operations by name; arguments and results are JSON objects."""

    def __init__(self, application: Application) -> None:
        """Control this application."""
        self._application = application
        self._operations: Mapping[str, Callable[[Json], Json]] = {
            "faults": self._add_fault,
            "clear_faults": self._clear_faults,
            "rate": self._set_rate,
            "settings": self._change_settings,
            "clock": self._set_clock,
            "mutations": self._mutate,
            "requests": self._requests,
            "truth": self._truth,
            "reset": self._reset,
            "warm": self._warm,
        }

    def perform(self, operation: str, arguments: Json) -> Json:
        """Return the operation's result; raises ValueError, TypeError, KeyError."""
        if operation not in self._operations:
            raise ValueError(f"Unknown operation: {operation}")
        return self._operations[operation](arguments)

    def _add_fault(self, arguments: Json) -> Json:
        self._application.faults.add(Fault(**arguments))
        return {}

    def _clear_faults(self, _: Json) -> Json:
        self._application.faults.clear()
        return {}

    def _set_rate(self, arguments: Json) -> Json:
        self._application.settings.limit = TokenBucket(**arguments) if arguments else None
        return {}

    def _change_settings(self, arguments: Json) -> Json:
        for name, value in arguments.items():
            if name not in _CHANGEABLE:
                raise ValueError(f"Not a setting that can be changed: {name}")
            changed = frozenset(value) if name == "missing_features" else value
            setattr(self._application.settings, name, changed)
        return {}

    def _set_clock(self, arguments: Json) -> Json:
        self._application.settings.set_clock(**arguments)
        return {}

    def _mutate(self, arguments: Json) -> Json:
        application = self._application
        mutations = Mutations(application.site, application.settings.clock, application.base)
        action = arguments.pop("action")
        if action.startswith("_") or not hasattr(mutations, action):
            raise ValueError(f"Unknown mutation: {action}")
        record: Json = getattr(mutations, action)(**arguments)
        return record

    def _requests(self, _: Json) -> Json:
        return self._application.request_log.as_json()

    def _truth(self, arguments: Json) -> Json:
        stream = arguments.pop("stream")
        selection = Selection(self._application.site, self._application.base, **arguments)
        return {"records": expected(stream, selection)}

    def _reset(self, _: Json) -> Json:
        self._application.request_log.clear()
        self._application.faults.clear()
        return {}

    def _warm(self, arguments: Json) -> Json:
        return {"requests": self._application.warm(**arguments)}

    def reply(self, request: Request) -> Reply:
        """Return the result as JSON, or a 400 that names the error."""
        operation, _, stream = request.path.removeprefix(PREFIX).partition("/")
        try:
            arguments: Json = orjson.loads(request.body) if request.body else {}
            if stream:
                arguments["stream"] = stream
            return Reply(200, orjson.dumps(self.perform(operation, arguments)))
        except (ValueError, TypeError, KeyError) as error:
            return Reply(400, orjson.dumps({"error": f"{type(error).__name__}: {error}"}))
