"""How promptly drives that become ready are reported."""

from __future__ import annotations

import json
from datetime import datetime

from tests.benchmark.account import Measured, account
from tests.benchmark.row import Row

TICK = 0.1


def hundred() -> Row:
    """100 drives that are ready after 0.4 s, ten at a time."""
    ready = 0.4
    with account(clock=f"seconds:{ready}") as ours:
        run = ours.run("apply", "-auto-approve", "-json", "-parallelism=10", drives=100)
    begun, ended = moments(run, "apply_start"), moments(run, "apply_complete")
    late = max(ended[address] - begun[address] for address in ended) - ready
    whole = max(ended.values()) - min(begun.values())
    waves = whole / ready
    looks = len([path for path in run.lists() if "fields=uuid,status" in path])
    per_tick = looks / (whole / TICK)
    return Row(
        what="create 100 drives, each ready after 0.4 s, -parallelism=10",
        target="each reported within 0.3 s, at most 13 waves, at most 2 status requests per tick",
        measured=f"last {late:.2f} s late (from its start), {waves:.1f} waves, {looks} status "
        f"requests in {whole / TICK:.0f} ticks, {len(run.lists()) - looks} lists of ready "
        f"drives, {len(run.singles())} single GETs",
        peer="ideal: 10 waves",
        ratio=waves / 10,
        passed=late <= 0.3 and waves <= 13 and per_tick <= 2,
    )


def at_once() -> Row:
    """100 drives that are ready after 1 s, all at once."""
    with account(clock="seconds:1") as ours:
        nothing = ours.run("apply", "-auto-approve", drives=0)
        run = ours.run("apply", "-auto-approve", "-parallelism=100", drives=100)
    beyond = run.seconds - nothing.seconds
    return Row(
        what="100 creates of 1 s, -parallelism=100",
        target="under 2.5 s of apply beyond start-up",
        measured=f"{beyond:.1f} s",
        peer=f"start-up (an apply of nothing): {nothing.seconds:.1f} s",
        passed=beyond < 2.5,
    )


def moments(run: Measured, kind: str) -> dict[str, float]:
    """When Terraform reported something of each address."""
    events = [json.loads(line) for line in run.stdout.splitlines()]
    return {
        event["hook"]["resource"]["addr"]: datetime.fromisoformat(event["@timestamp"]).timestamp()
        for event in events
        if event["type"] == kind
    }
