"""How many requests, seconds and bytes it takes to read what exists."""

from __future__ import annotations

from urllib.request import Request, urlopen

from tests.benchmark.account import Account, Measured, account
from tests.benchmark.row import Row

LATENCY_MS = 50


def thousand() -> Row:
    """A refresh of 1,000 drives, joined and with one GET each."""
    with account() as ours:
        ours.own(1000)
        ours.simulator.settings.latency_ms = LATENCY_MS
        runs = [
            (ours.run("plan", drives=1000, CLOUDSIGMA_READ_WINDOW="5"), _single(ours))
            for _ in range(2)
        ]
        unread = [ours.run("plan", "-refresh=false", drives=1000) for _ in range(2)]
    none = min(unread, key=_seconds)
    joined = min((pair[0] for pair in runs), key=_seconds)
    single = min((pair[1] for pair in runs), key=_seconds)
    lists = max(len(pair[0].lists()) for pair in runs)
    gets = max(len(pair[0].singles()) for pair in runs)
    ratio = joined.seconds / single.seconds
    return Row(
        what="refresh of 1,000 drives, 50 ms latency",
        target="at most 10 list requests, no single GETs, 1/3 of the wall time of single GETs",
        measured=f"{lists} list requests, {gets} single GETs, {joined.seconds:.1f} s "
        f"(CPU {joined.cpu:.1f} s)",
        peer=f"one GET each: {len(single.singles())} GETs, {single.seconds:.1f} s "
        f"(CPU {single.cpu:.1f} s); without any read (-refresh=false): {none.seconds:.1f} s",
        ratio=ratio,
        passed=lists <= 10 and gets == 0 and ratio <= 1 / 3,
    )


def _seconds(run: Measured) -> float:
    return run.seconds


def _single(ours: Account) -> Measured:
    return ours.run("plan", drives=1000, CLOUDSIGMA_READ_WINDOW="0")


def one_of_many() -> Row:
    """A refresh of one drive in a large account."""
    with account() as ours:
        ours.own(1)
        ours.simulator.control("drives", {"count": 9_999, "name": "other"})
        run = ours.run("plan", drives=1)
        asked = [path for path in run.asked if path.startswith("drives/")]
        size = sum(_size(ours, path) for path in asked)
    return Row(
        what="refresh of 1 drive in an account of 10,000",
        target="1 request, an answer under 20 kB",
        measured=f"{len(asked)} request(s), {size} bytes",
        passed=len(asked) == 1 and size < 20_000,
    )


def _size(ours: Account, path: str) -> int:
    """The bytes of an answer before they are compressed."""
    token = ours.simulator.settings.token
    request = Request(ours.simulator.url + path, headers={"Authorization": f"Bearer {token}"})
    with urlopen(request) as answer:
        return len(answer.read())


def thousands() -> Row:
    """Plans of 1,000 and 5,000 drives: what each thousand costs."""
    cost = {}
    for drives in (1000, 5000):
        with account() as ours:
            ours.own(drives)
            cost[drives] = ours.run("plan", drives=drives)
    small, large = cost[1000], cost[5000]
    mebibytes = (large.mebibytes - small.mebibytes) / 4
    ratio = large.seconds / 5 / small.seconds
    return Row(
        what="plan of 5,000 drives, in blocks of 1,000",
        target="time and memory grow linearly; plugin below 150 MiB",
        measured=f"{large.seconds:.1f} s, plugin CPU {large.plugin_cpu:.1f} s and "
        f"{large.mebibytes:.0f} MiB: each 1,000 more take "
        f"{(large.seconds - small.seconds) / 4:.1f} s, plugin CPU "
        f"{(large.plugin_cpu - small.plugin_cpu) / 4:.1f} s and {mebibytes:.1f} MiB",
        peer=f"1,000 drives: {small.seconds:.1f} s, plugin CPU {small.plugin_cpu:.1f} s and "
        f"{small.mebibytes:.0f} MiB",
        ratio=ratio,
        passed=ratio <= 1.3 and large.mebibytes < 150,
    )
