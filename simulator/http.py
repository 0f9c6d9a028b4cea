"""Serving: every request from its first byte to the last one of its answer.

The order is: record, faults, rate limit, authentication, media type, route, body, work.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import web

from simulator import breakage, encoding, operations
from simulator.auth import Guard
from simulator.errors import ApiError, MethodNotAllowed, Missing, missing
from simulator.exchange import JSON, Answer, Call, Route, check_query
from simulator.faults import Faults
from simulator.limits import RateLimits
from simulator.records import fresh_uuid
from simulator.routes import ROUTES

if TYPE_CHECKING:
    from simulator.faults import Rule
    from simulator.world import World

API = "/api/2.0/"
# `detail` and its like are no identifiers, so verbs they do not know answer 405
IDENTIFIER = "{uuid:(?!(?:detail|schema|availability_groups)/)[^/{}]+}"
KEPT_RECORDS = 20_000
LARGEST_BODY = 16 * 2**20


@dataclass
class Record:
    """One request as it was received, and the status of its answer (0 when it got none)."""

    method: str
    path: str
    status: int = 0
    body: Any = None
    request_id: str = ""


Handler = Callable[[web.Request], Awaitable[web.Response]]


class Service:
    """The API over HTTP, for one account."""

    def __init__(
        self, world: World, save: Callable[[], None], refuse: Callable[[float], None]
    ) -> None:
        self.world = world
        self.save = save
        self.refuse = refuse
        self.guard = Guard(world.settings)
        self.limits = RateLimits(world.settings.rate_limits, world.now)
        self.faults = Faults()
        self.requests: deque[Record] = deque(maxlen=KEPT_RECORDS)
        self.counts: Counter[str] = Counter()

    def add_routes(self, app: web.Application) -> None:
        """Serve the API's addresses; anything else below its prefix is unknown."""
        for route in ROUTES:
            path = API + route.path.replace("{uuid}", IDENTIFIER)
            app.router.add_route(route.method, path, partial(self._serve, route))

    async def respond(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer one request below the API's prefix."""
        record = Record(request.method, request.path_qs, request_id=fresh_uuid())
        self.requests.append(record)
        self.counts[request.method] += 1
        record.body = encoding.readable(await request.read())
        await asyncio.sleep(self.world.settings.latency_ms / 1000)
        path = request.path_qs.removeprefix(API)
        drawn = self.faults.drawn(request.method, path)
        if drawn:
            response = await self._broken(request, handler, *drawn)
        else:
            response = await self._answered(request, handler)
        if request.transport is not None and not request.transport.is_closing():
            record.status = response.status
        response.headers["X-REQUEST-ID"] = record.request_id
        # documented: the answer is gzip when the caller accepts it
        raw = breakage.content(response)
        if raw and "gzip" in request.headers.get("Accept-Encoding", ""):
            response.body = encoding.zipped(raw)
            response.headers["Content-Encoding"] = "gzip"
        return response

    async def _broken(
        self, request: web.Request, handler: Handler, rule: Rule, fault: str
    ) -> web.Response:
        """The answer to a request for which a rule has a fault."""
        instead = breakage.answer_instead(rule, fault)
        breakage.disturb(self.world, rule, fault, request.path_qs.removeprefix(API))
        response = web.Response()
        if fault != "reset_before" and (instead is None or rule.work):
            response = await self._answered(request, handler)
        if isinstance(instead, ApiError):
            response = self._refused(request, instead)
        elif instead is not None:
            response = instead
        breakage.entangle(self.world, self.faults, rule, fault, response)
        breakage.spoil(self.world, rule, fault, response)
        if fault == "refuse":
            response.force_close()
            self.refuse(1 if rule.seconds is None else rule.seconds)
        if fault in breakage.CONNECTIONS:
            await breakage.CONNECTIONS[fault](rule, request, response)
        return response

    async def _answered(self, request: web.Request, handler: Handler) -> web.Response:
        try:
            self.limits.count(request.method)
            header = request.headers.get("Authorization", "")
            self.guard.check(header, request.method, request.raw_path)
            encoding.wants_xml(request.headers.get("Accept", ""), request.query.get("format"))
            if request.method == "OPTIONS":
                return self._options(request)
            if self.faults.hides(request.method, request.path):
                raise missing(request.path)
            return await handler(request)
        except ApiError as error:
            return self._refused(request, error)
        except web.HTTPMethodNotAllowed as error:
            allow = {"Allow": ",".join(sorted(error.allowed_methods))}
            text = f"{request.method} is not allowed here"
            return self._refused(request, MethodNotAllowed(text, headers=allow))
        except web.HTTPNotFound:
            # assumed: an address without its closing slash is unknown, and never redirected
            return self._refused(request, Missing(f"There is nothing at {request.path}"))

    async def _serve(self, route: Route, request: web.Request) -> web.Response:
        """Do the work of a route between two looks at the clock, and keep it."""
        raw = await request.read()
        body = encoding.decode(raw, request.headers) if route.has_body else None
        query = list(request.query.items())
        check_query(route, query)
        operations.advance(self.world)
        answer = route.serve(Call(self.world, request.match_info, query, body))
        self.world.count_reads(answer.shown)
        response = self._response(request, answer)
        operations.advance(self.world)
        self.save()
        return response

    def _is_xml(self, request: web.Request) -> bool:
        try:
            return encoding.wants_xml(
                request.headers.get("Accept", ""), request.query.get("format")
            )
        except ApiError:
            return False

    def _options(self, request: web.Request) -> web.Response:
        # documented: OPTIONS answers 200 with the verbs of the address
        error = request.match_info.http_exception
        if not isinstance(error, web.HTTPMethodNotAllowed):
            raise Missing(f"There is nothing at {request.path}")
        return web.Response(text=",".join(sorted(error.allowed_methods)))

    def _refused(self, request: web.Request, refusal: ApiError) -> web.Response:
        answer = Answer(refusal.body, refusal.status, headers=refusal.headers)
        return self._response(request, answer)

    def _response(self, request: web.Request, answer: Answer) -> web.Response:
        headers = dict(answer.headers)
        if answer.content_type:
            headers["Content-Type"] = answer.content_type
        if answer.status == 204:
            return web.Response(status=204, headers=headers)
        if xml := self._is_xml(request):
            headers["Content-Type"] = JSON.replace("json", "xml")
        raw = encoding.encode(answer.body, xml=xml)
        return web.Response(status=answer.status, body=raw, headers=headers)
