"""Fifty clients at once, and every answer is the one that was due."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

import aiohttp
import pytest

from simulator import Simulator

GIB = 2**30
CLIENTS = 50


class Customer:
    """One client with its own drives; an answer with another status than expected is an error."""

    def __init__(self, session: aiohttp.ClientSession, name: str, statuses: Counter[int]) -> None:
        self.session = session
        self.name = name
        self.statuses = statuses

    async def call(self, method: str, path: str, expected: int, body: Any = None) -> Any:
        async with self.session.request(method, path, json=body) as answer:
            content = await answer.read()
            self.statuses[answer.status] += 1
            assert answer.status == expected, (method, path, answer.status, content[:300])
            return await answer.json() if content else None

    async def ready(self, uuid: str) -> dict[str, Any]:
        while True:
            drive: dict[str, Any] = await self.call("GET", f"drives/{uuid}/", 200)
            if drive["status"] == "unmounted":
                return drive

    async def work(self) -> None:
        """The life of a drive and of its clone."""
        body = {"name": self.name, "media": "disk", "size": GIB}
        uuid = (await self.call("POST", "drives/", 201, body))["objects"][0]["uuid"]
        await self.ready(uuid)
        await self.call("PUT", f"drives/{uuid}/", 200, {**body, "meta": {"k": "v"}})
        resize = f"drives/{uuid}/action/?do=resize"
        await self.call("POST", resize, 202, {**body, "size": 2 * GIB})
        assert (await self.ready(uuid))["size"] == 2 * GIB
        copies = (await self.call("POST", f"drives/{uuid}/action/?do=clone", 202, {}))["objects"]
        await self.ready(copies[0]["uuid"])
        await self.call("POST", "driveusers/", 201, {"drive": uuid, "amount": 1})
        mine = await self.call("GET", f"drives/?name={self.name}&fields=uuid", 200)
        assert mine["meta"]["total_count"] == 2
        for doomed in (copies[0]["uuid"], uuid):
            await self.ready(doomed)
            await self.call("DELETE", f"drives/{doomed}/", 204)
            await self.call("GET", f"drives/{doomed}/", 200)
            await self.call("GET", f"drives/{doomed}/", 404)


async def load(simulator: Simulator, seconds: float) -> Counter[int]:
    """The statuses that the clients saw."""
    statuses: Counter[int] = Counter()
    end = time.monotonic() + seconds
    token = {"Authorization": f"Bearer {simulator.settings.token}"}
    connector = aiohttp.TCPConnector(limit=CLIENTS)
    async with aiohttp.ClientSession(simulator.url, headers=token, connector=connector) as session:

        async def client(number: int) -> None:
            customer = Customer(session, f"client-{number}", statuses)
            while time.monotonic() < end:
                await customer.work()

        await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return statuses


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_fifty_clients_get_only_the_answers_that_were_due(seconds: float) -> None:
    with Simulator(rate_limits={}) as simulator:
        statuses = asyncio.run(load(simulator, seconds))
        left = simulator.control("state")["counts"]

    assert statuses[201] >= 2 * CLIENTS
    assert (left["drives"], left["operations"], left["rds_records"]) == (0, 0, 0)
    print(f"{sum(statuses.values()) / seconds:.0f} answers a second: {dict(statuses)}")
