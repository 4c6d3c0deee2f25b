"""The emulator in the test's own process."""

from threading import Thread

from integration_tests.confluence_emulator.application import Application
from integration_tests.confluence_emulator.control import Control
from integration_tests.confluence_emulator.controls import Controls
from integration_tests.confluence_emulator.faults import Faults
from integration_tests.confluence_emulator.generators.named_accounts import name_deactivated
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.mutations import Mutations
from integration_tests.confluence_emulator.request_log import RequestLog
from integration_tests.confluence_emulator.server import Server
from integration_tests.confluence_emulator.settings import Settings
from integration_tests.confluence_emulator.site import Site
from integration_tests.confluence_emulator.spec import SiteSpec


class Emulator(Controls):
    """An emulated Confluence, served by threads of this process while the context is open."""

    def __init__(
        self, spec: SiteSpec | None = None, settings: Settings | None = None, port: int = 0
    ) -> None:
        """Generate the site; port 0 picks a free port."""
        self.site = Site(spec or SiteSpec())
        name_deactivated(self.site)
        self.settings = settings or Settings()
        self._application = Application(self.site, self.settings)
        self._control = Control(self._application)
        self._port = port
        self.email = self.settings.email
        self.token = self.settings.token

    @property
    def faults(self) -> Faults:
        """Return the active faults."""
        return self._application.faults

    @property
    def requests(self) -> RequestLog:
        """Return the log of requests; it keeps growing."""
        return self._application.request_log

    @property
    def mutations(self) -> Mutations:
        """Return the methods that change the site."""
        return Mutations(self.site, self.settings.clock, self._application.base)

    def perform(self, operation: str, arguments: Json) -> Json:
        """Perform an operation of control.Control."""
        return self._control.perform(operation, arguments)

    def __enter__(self) -> "Emulator":
        """Listen and serve."""
        self._server = Server(self._port, self._application)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._application.base = f"{self.url}/wiki"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._application.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.close_connections()
        self._thread.join()
