"""Plan checks that ask the API: what cannot be asked stops no plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeAlias

from provider.api import errors

PlanCheck: TypeAlias = Callable[[Any, Any, Any], None]

UNREACHABLE: Final = "unreachable"  # what is noted once a check could not ask


def asking_the_api(check: PlanCheck) -> PlanCheck:
    """The check, left out with one warning while the API cannot be asked."""

    @wraps(check)
    def asking(ctx: Any, prior: Any, plan: Any) -> None:
        if ctx.api is None or UNREACHABLE in ctx.api.noted:
            return
        try:
            check(ctx, prior, plan)
        except errors.ApiError as error:
            if not error.transient:
                raise
            if not ctx.api.note(UNREACHABLE):
                ctx.warn(
                    "Plan not checked against the API",
                    f"CloudSigma could not be asked: {error}. What it would refuse shows at apply.",
                )

    return asking
