"""Plan checks that ask the API: what cannot be asked stops no plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeAlias

from provider.api import errors

PlanCheck: TypeAlias = Callable[[Any, Any, Any], None]

# What is noted once a check could not ask, so that there is one warning, and no more questions.
UNREACHABLE: Final = "unreachable"
FORBIDDEN: Final = "forbidden"
# Terraform plans as usual before it plans a destroy, and stops at what this refuses.
OR_DESTROY: Final = "To destroy what there is instead, run terraform destroy -refresh=false."


def asking_the_api(check: PlanCheck) -> PlanCheck:
    """The check, left out with one warning where the API cannot be asked, or not by this user."""
    forbidden = f"{FORBIDDEN} {check.__name__}"

    @wraps(check)
    def asking(ctx: Any, prior: Any, plan: Any) -> None:
        if ctx.api is None or not {UNREACHABLE, forbidden}.isdisjoint(ctx.api.noted):
            return
        try:
            check(ctx, prior, plan)
        except errors.PermissionDenied as error:
            ctx.api.note(forbidden)
            warn_once(ctx, FORBIDDEN, f"CloudSigma does not tell this user: {error}.")
        except errors.ApiError as error:
            if not error.transient:
                raise
            warn_once(ctx, UNREACHABLE, f"CloudSigma could not be asked: {error}.")

    return asking


def warn_once(ctx: Any, fact: str, why: str) -> None:
    """Tell for all objects of a command that a plan was not checked."""
    if not ctx.api.note(fact):
        ctx.warn("Plan not checked against the API", f"{why} What it would refuse shows at apply.")
