"""Turns a request into a reply: rate limit, credentials, faults, endpoint, request log."""

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from urllib.parse import unquote

import orjson

from integration_tests.confluence_emulator import errors
from integration_tests.confluence_emulator.cursor_aliases import CursorAliases
from integration_tests.confluence_emulator.endpoint import V1, Answer, Call, Endpoint, pattern
from integration_tests.confluence_emulator.endpoints import POSTS, all_endpoints
from integration_tests.confluence_emulator.errors import (
    BadRequestError,
    ErrorBody,
    NotFoundError,
    NotPermittedError,
    PurgedError,
)
from integration_tests.confluence_emulator.fault_replies import (
    applies_to,
    has_bad_record,
    replacement_reply,
    truncated_reply,
    without_ignored,
)
from integration_tests.confluence_emulator.faults import (
    QUERY_KINDS,
    RECORD_KINDS,
    REPLACING,
    TRUNCATING,
    Fault,
    Faults,
)
from integration_tests.confluence_emulator.http import LONGEST_TARGET, Reply, Request, basic
from integration_tests.confluence_emulator.list_faults import CHANGES, Page
from integration_tests.confluence_emulator.query import Query
from integration_tests.confluence_emulator.rate_limit import retry_after_headers
from integration_tests.confluence_emulator.replies import ReplyCache, failure, success
from integration_tests.confluence_emulator.request_log import RequestLog, RequestRecord
from integration_tests.confluence_emulator.restricted_spaces import is_denied
from integration_tests.confluence_emulator.settings import Settings
from integration_tests.confluence_emulator.site import Site
from integration_tests.confluence_emulator.unknown_routes import unknown_route
from integration_tests.confluence_emulator.vendor_headers import with_vendor_headers


class Application:
    """The emulated Confluence without sockets."""

    def __init__(self, site: Site, settings: Settings) -> None:
        """Serve the site with these settings."""
        self.site = site
        self.settings = settings
        self.faults = Faults()
        self.request_log = RequestLog()
        self.stopping = Event()
        self.base = ""
        """The site's URL with its context path; set once the server listens."""
        self._routes = {
            method: [(pattern(endpoint.path), endpoint) for endpoint in endpoints]
            for method, endpoints in (("GET", all_endpoints()), ("POST", POSTS))
        }
        self._v1_resources = {
            endpoint.path.removeprefix(f"{V1}/").partition("/")[0]
            for endpoint in all_endpoints()
            if endpoint.path.startswith(f"{V1}/")
        }
        self._aliases = CursorAliases()
        self._reply_cache = ReplyCache()

    def handle(self, request: Request) -> Reply:
        """Return the reply to a request and log the request."""
        self.request_log.begin()
        arrived = time.monotonic()
        if self.settings.on_request is not None:
            self.settings.on_request(request)
        query = Query.parse(request.query)
        template, path_params, endpoint = self._route(request.method, request.path)
        reply = self._rejection(request, endpoint) or self._reply(
            request, endpoint, query, path_params
        )
        self.stopping.wait(self.settings.latency - (time.monotonic() - arrived))
        self.request_log.end(
            RequestRecord(
                method=request.method,
                path=request.path,
                template=template,
                query={name: list(values) for name, values in query.parameters.items()},
                status=reply.status,
                bytes=len(reply.body),
                arrived_at=arrived,
                authorized="authorization" in request.headers,
            )
        )
        self.stopping.wait(reply.delay)
        own = {**self.settings.date_headers(), **reply.headers}
        headers = with_vendor_headers(request.path, self.settings.clock(), own)
        return replace(reply, headers=headers)

    def warm(self, target: str) -> int:
        """Cache the replies of a list, from this path with query to the end of the list.

        Returns the number of requests this takes. Raises ValueError for an unknown path.
        """
        link: str | None = target
        requests = 0
        while link is not None:
            request = Request("GET", link, {})
            _, path_params, endpoint = self._route("GET", request.path)
            if endpoint is None:
                raise ValueError(f"Nothing is at {request.path}")
            call = Call(self.site, Query.parse(request.query), self.base, path_params)
            reply = self._cached_reply(request, endpoint, call)
            requests += 1
            link = orjson.loads(reply.body)["_links"].get("next")
        return requests

    def _route(self, method: str, path: str) -> tuple[str, dict[str, str], Endpoint | None]:
        for compiled, endpoint in self._routes.get(method, ()):
            if match := compiled.fullmatch(path):
                return endpoint.path, match.groupdict(), endpoint
        return path, {}, None

    def _rejection(self, request: Request, endpoint: Endpoint | None) -> Reply | None:
        settings = self.settings
        if settings.limit is not None and (wait := settings.limit.take()) is not None:
            headers = retry_after_headers(settings.limit.style, wait, settings.clock())
            return failure(errors.too_many_requests(), headers)
        if len(request.target) > LONGEST_TARGET:
            return failure(ErrorBody(414, {"code": 414, "message": "URI Too Long"}))
        if request.headers.get("authorization") == basic(settings.email, settings.scoped_token):
            return Reply(401, errors.TOMCAT_401, {"Content-Type": "text/html;charset=utf-8"})
        if request.headers.get("authorization") != basic(settings.email, settings.token):
            return failure(errors.bad_credentials(request.path))
        if request.method != "GET" and endpoint is None:
            return failure(ErrorBody(405, {"code": 405, "message": "Method Not Allowed"}))
        return self._lacking(request.path) or self._forbidden(request.path)

    def _lacking(self, path: str) -> Reply | None:
        for expression, (status, title) in self.settings.lacking.items():
            if re.search(expression, path):
                return failure(errors.of_status(path, status, title))
        return None

    def _forbidden(self, path: str) -> Reply | None:
        for expression, status in self.settings.forbidden.items():
            if re.search(expression, path):
                return failure(errors.denial(path, status))
        if is_denied(self.site, path, self.settings.denied_in_spaces):
            return failure(errors.not_permitted())
        return None

    def _reply(
        self, request: Request, endpoint: Endpoint | None, query: Query, path_params: dict[str, str]
    ) -> Reply:
        if endpoint is None:
            return unknown_route(request, self.base, self._v1_resources)
        settings = self.settings
        call = Call(
            self.site,
            query,
            self.base,
            path_params,
            settings.admin,
            settings.missing_features,
            request.body,
        )
        try:
            if settings.fast and not len(self.faults) and request.method == "GET":
                return self._cached_reply(request, endpoint, call)
            return self._reply_with_faults(endpoint, call, unquote(request.target))
        except BadRequestError as error:
            return failure(errors.bad_request(request.path, str(error)))
        except PurgedError as error:
            return failure(errors.purged(request.path, str(error)))
        except NotFoundError as error:
            return failure(errors.not_found(request.path, str(error)))
        except NotPermittedError:
            return failure(errors.no_permission(request.path))

    def _cached_reply(self, request: Request, endpoint: Endpoint, call: Call) -> Reply:
        query = tuple(sorted((name, *v) for name, v in call.query.parameters.items()))
        key = (request.path, query, call.admin, call.missing_features)
        with self.site.lock:
            reply = self._reply_cache.get(key, self.site.revision)
            if reply is None:
                reply = success(self._answer(endpoint, call))
                self._reply_cache.put(key, reply)
        return reply

    def _answer(self, endpoint: Endpoint, call: Call) -> Answer:
        with self.site.lock:
            resolved = replace(call, query=self._aliases.resolve(call.query))
            answer = endpoint.answer(resolved)
            if self._aliases.is_end(call.query):
                return Page(endpoint, resolved, answer, self._aliases).emptied()
            return answer

    def _reply_with_faults(self, endpoint: Endpoint, call: Call, target: str) -> Reply:
        faults = self.faults.matching(target)
        for fault in faults:
            acts = fault.kind in REPLACING and applies_to(fault, call.query)
            if acts and self.faults.count(fault):
                return replacement_reply(fault, self.settings.clock())
        for fault in faults:
            if fault.kind in QUERY_KINDS and self.faults.count(fault):
                call = replace(call, query=without_ignored(fault, call.query))
        answer = self._answer_with_faults(endpoint, call, faults)
        if isinstance(answer, Reply):
            return answer
        reply = success(answer)
        for fault in faults:
            if fault.kind in TRUNCATING and self.faults.count(fault):
                reply = truncated_reply(fault, reply)
        return reply

    def _answer_with_faults(
        self, endpoint: Endpoint, call: Call, faults: Sequence[Fault]
    ) -> Answer | Reply:
        with self.site.lock:
            answer = self._answer(endpoint, call)
            resolved = replace(call, query=self._aliases.resolve(call.query))
            for fault in faults:
                if fault.kind in RECORD_KINDS:
                    if has_bad_record(fault, call.query, answer) and self.faults.count(fault):
                        return replacement_reply(fault, self.settings.clock())
                elif fault.kind in CHANGES:
                    page = Page(endpoint, resolved, answer, self._aliases)
                    changed = CHANGES[fault.kind](fault, page)
                    if changed is not None and self.faults.count(fault):
                        answer = changed
            return answer
