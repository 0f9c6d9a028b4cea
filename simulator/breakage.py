"""What each fault does to a request: to the world before it, to its answer, to its connection."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from aiohttp import web

from simulator import errors, fates

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from simulator.errors import ApiError
    from simulator.faults import Faults, Rule
    from simulator.world import World

PAGE = "<html><head><title>{0}</title></head><body><h1>{0} Error</h1><hr>nginx</body></html>"


def _page(status: int) -> web.Response:
    return web.Response(status=status, text=PAGE.format(status), content_type="text/html")


def _refusal(kind: type[ApiError], text: str) -> Callable[[Rule], ApiError]:
    def make(rule: Rule) -> ApiError:
        wait = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
        return kind(text, headers=wait)

    return make


# answers that a rule gives in place of the real one
REFUSALS: Mapping[str, Callable[[Rule], ApiError]] = {
    "401": _refusal(errors.Unauthorized, "Authentication credentials are wrong"),
    "402": _refusal(errors.ShortOfMoney, "The account is short of money"),
    "403": _refusal(errors.Forbidden, "Permission denied"),
    "409": _refusal(errors.Conflict, "Conflict"),
    "429": _refusal(errors.TooManyRequests, "Too many requests"),
    "500": _refusal(errors.Broken, "Internal server error"),
    "503_concurrency": _refusal(errors.Busy, "Conflicting concurrent operations"),
    "503_capacity": _refusal(
        errors.OutOfCapacity,
        "We currently cannot provide enough resources to create a nvme drive",
    ),
}
PAGES = {"502": 502, "504": 504, "html": 502}


def answer_instead(rule: Rule, fault: str) -> ApiError | web.Response | None:
    """The answer that replaces the real one, if the fault is an answer."""
    if fault in REFUSALS:
        return REFUSALS[fault](rule)
    if fault in PAGES:
        return _page(int(rule.status or PAGES[fault]))
    return None


def disturb(world: World, rule: Rule, fault: str, path: str) -> None:
    """Change the world before the request is served, as somebody else would."""
    named = (world.drives.find(uuid) for uuid in re.findall(r"[0-9a-f-]{36}", path))
    drive = next(filter(None, named), None)
    if drive is None:
        return
    if fault == "vanish":
        fates.forget(world, drive)
    elif fault == "edit":
        fates.overwrite(world, drive, rule.changes)
    elif fault == "unavailable":
        fates.take_down(world, drive, rule.reads, rule.seconds or 0)


def content(response: web.Response) -> bytes:
    """The bytes of an answer."""
    return response.body if isinstance(response.body, bytes) else b""


def _objects(response: web.Response) -> tuple[Any, list[dict[str, Any]]]:
    """The parsed body and the objects in it; none when it is no JSON."""
    try:
        body = json.loads(content(response))
    except ValueError:
        return None, []
    found = body.get("objects", [body]) if isinstance(body, dict) else []
    return body, [item for item in found if isinstance(item, dict)]


def entangle(world: World, faults: Faults, rule: Rule, fault: str, response: web.Response) -> None:
    """Change what becomes of the objects in an answer."""
    _, objects = _objects(response)
    uuids = [item["uuid"] for item in objects if "uuid" in item]
    if fault == "stuck":
        for operation in world.operations:
            if not set(uuids).isdisjoint(operation.subjects):
                operation.stuck = True
                world.operations.put(operation)
    elif fault == "eventual":
        # A record of users has no UUID but that of its drive, which stays visible.
        records = [f"driveusers/{item['drive']['uuid']}" for item in objects if "drive" in item]
        faults.hidden.update(dict.fromkeys([*uuids, *records], rule.reads))


def spoil(world: World, rule: Rule, fault: str, response: web.Response) -> None:
    """Change the answer on its way out."""
    raw = content(response)
    if fault == "truncate":
        response.body = raw[: len(raw) // 2]
    elif fault == "empty":
        response.body = b""
        response.set_status(int(rule.status or response.status))
    elif fault == "wrong_type":
        response.headers["Content-Type"] = "text/plain; charset=utf-8"
    elif fault == "skew":
        offset = 3600 if rule.seconds is None else rule.seconds
        response.headers["Date"] = formatdate(world.now() + offset, usegmt=True)
    elif fault == "unknown_status":
        body, objects = _objects(response)
        for item in objects:
            item["status"] = rule.status or "quiescing"
        if objects:
            response.body = json.dumps(body).encode()


async def _reset(_: Rule, request: web.Request, __: web.Response) -> None:
    """Close the connection with an RST: closing with linger 0 discards what was not sent."""
    transport = request.transport
    if transport is not None:
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


async def _slow(rule: Rule, _: web.Request, __: web.Response) -> None:
    await asyncio.sleep(1 if rule.seconds is None else rule.seconds)


async def _stall(rule: Rule, request: web.Request, response: web.Response) -> None:
    """Send half of what Content-Length promises, then nothing."""
    raw = content(response)
    half = web.StreamResponse(status=response.status, headers=response.headers)
    half.content_length = len(raw)
    await half.prepare(request)
    await half.write(raw[: len(raw) // 2])
    await asyncio.sleep(60 if rule.seconds is None else rule.seconds)
    await _reset(rule, request, response)


CONNECTIONS: Mapping[str, Callable[[Rule, web.Request, web.Response], Awaitable[None]]] = {
    "reset_before": _reset,
    "reset_after": _reset,
    "slow": _slow,
    "stall": _stall,
}
