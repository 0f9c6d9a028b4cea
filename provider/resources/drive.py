"""cloudsigma_drive: a block device that servers mount.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from provider import adoption, defaults, imports, journal, notes
from provider.api.drives import READY
from provider.bridge import (
    Context,
    Model,
    Resource,
    Timeouts,
    at_least,
    at_least_one_of,
    computed,
    each,
    each_key,
    if_known,
    is_uuid,
    length,
    one_of,
    optional,
    required,
    timeouts,
)
from provider.checks import drive as checks
from provider.checks import refusals
from provider.definition import (
    IMMUTABLE,
    NEWEST_JOBS,
    NO_NULL,
    RESTRICTED,
    as_told,
    asked,
    body,
    differences,
    drive_state,
    same_size,
    unsaid,
)
from provider.shapes import DriveLicense, Grantee, Reference, Runtime

if TYPE_CHECKING:
    from provider.api.client import Client
    from provider.api.records import DriveJSON

    Ctx: TypeAlias = Context[Client, "Drive"]


class Drive(Model):
    """A drive."""

    id: str = computed("The same as `uuid`.", stable=True)
    uuid: str = computed("UUID of the drive.", stable=True)
    resource_uri: str = computed("Path of the drive in the API.", stable=True)
    name: str = required("Name of the drive. Names need not be unique.", check=length(1))
    media: str = required(
        "How servers see the drive: `disk` or `cdrom`.", check=one_of("disk", "cdrom")
    )
    size: int = optional(
        "Size in bytes. The API rounds it up to the next 16 KiB. Drives grow in place and never "
        "shrink; a drive mounted on a running server is not resized. A clone without a size gets "
        "its source's.",
        computed=True,
        stable=True,
        same=same_size,
        check=(at_least(1, " byte"), at_least_one_of("clone_drive_id")),
    )
    storage_type: str = optional(
        "Storage the drive lives on, such as `dssd`. Default: the location's choice, or the "
        "source's for a clone. A drive cannot change it: another value replaces the drive and "
        "loses its data.",
        computed=True,
        stable=True,
        replace=if_known,
        check=length(1),
    )
    clone_drive_id: str | None = optional(
        "UUID of the drive, or library drive, to clone. Used when the drive is created; a later "
        "change keeps the drive as it is.",
        create_only=True,
        check=is_uuid(),
    )
    avoid: list[str] | None = optional(
        "UUIDs of drives, or of servers for all their drives, to keep away from, the most "
        "important first. Best effort, and only when the drive is created.",
        create_only=True,
        check=(NO_NULL, each(is_uuid())),
    )
    tags: frozenset[str] = optional(
        "UUIDs of the drive's tags.",
        computed=True,
        stable=True,
        when_removed=[],
        check=(NO_NULL, each(length(1))),
    )
    meta: dict[str, str] = optional(
        "Notes on the drive, by key. Only the keys named here are managed; others are kept.",
        computed=True,
        stable=True,
        when_removed={},
        check=(NO_NULL, each_key(length(1, 32)), each_key(adoption.NOT_THE_TOKEN)),
    )
    tags_all: frozenset[str] = computed(
        "UUIDs of all tags of the drive, those of the provider's `default_tags` included.",
        stable=True,
    )
    meta_all: dict[str, str] = computed(
        "All managed notes, those of the provider's `default_meta` included.", stable=True
    )
    allow_multimount: bool = optional(
        "Whether several servers may mount the drive.", computed=True, stable=True
    )
    affinities: list[str] = optional(
        "Affinities of the drive; a legacy of the API.", computed=True, stable=True, check=NO_NULL
    )
    iops: int | None = optional(
        "Input and output operations per second, where the location offers a choice.",
        computed=True,
        stable=True,
        check=at_least(1),
    )
    deletion_protection: bool = optional(
        "Refuse to destroy or replace the drive. Known to Terraform only, not to the API. What "
        "`-replace`, `terraform taint` and `replace_triggered_by` ask for is refused by the apply; "
        "the plan does not tell.",
        default=False,
    )
    status: str = computed("State of the drive, such as `unmounted` or `mounted`.")
    owner: Reference | None = computed("Owner of the drive.", stable=True)
    mounted_on: list[Reference] = computed(
        "Servers the drive is attached to, running or not.", stable=True
    )
    runtime: Runtime | None = computed("What the storage reports.")
    snapshots: list[Reference] = computed("Snapshots of the drive.", stable=True)
    jobs: list[Reference] = computed(f"The last {NEWEST_JOBS} background jobs the API lists.")
    licenses: list[DriveLicense] = computed(
        "Licenses the drive needs when its server runs.", stable=True
    )
    grantees: list[Grantee] = computed("Who the drive is shared with.", stable=True)
    permissions: list[str] = computed("What you may do with a drive of somebody else.", stable=True)
    timeouts: Timeouts | None = timeouts(create="30m", update="30m", delete="10m")


class DriveFilter(Model):
    """What `terraform query` lists."""

    name: str | None = optional("Exactly this name.")
    name_contains: str | None = optional("A part of the name, in any case.")
    tag: str | None = optional("UUID of a tag.", check=is_uuid())
    storage_type: str | None = optional("Storage the drive lives on.")
    status: str | None = optional("State, such as `unmounted`.")


class DriveResource(Resource["Client", Drive]):
    """A block device that servers mount.

    Growing happens in place and completely, or fails with an error; another `storage_type`
    replaces the drive.
    """

    name = "drive"
    model = Drive
    identity = ("uuid",)
    plan_checks = checks.ALL
    list_model = DriveFilter

    def create(self, ctx: Ctx, plan: Drive) -> Drive:
        """A drive that is ready, made by POST or, from a source, by the clone action."""
        notes.forget_found(ctx)
        wanted = asked(ctx.config, None, plan)
        making = adoption.exactly_one(ctx, wanted, plan.clone_drive_id, plan.avoid or ())
        with making as (made, marked):
            ctx.save(drive_state(Drive, made, plan))  # it exists, whatever happens from here on
            drive = ctx.api.drives.wait_until_ready(made["uuid"], jobs=made.get("jobs") or ())
            left = differences(as_told(drive, plan), marked) | unsaid(drive, marked) - IMMUTABLE
            if left:
                ctx.save(drive_state(Drive, drive, plan))
                drive = ctx.api.drives.edit(drive["uuid"], body(drive, marked, left))
            return self._checked(ctx, self._ready(ctx, drive), plan, wanted)

    def read(self, ctx: Ctx, prior: Drive) -> Drive | None:
        """The drive as the API has it."""
        drive = ctx.api.drives.read(prior.uuid)
        if drive is None and ctx.unfinished:
            drive = ctx.api.drives.find_new(prior.uuid)
        if drive is None:
            return None
        journal.forget(adoption.token_of(drive), journal.place())
        if drive["status"] in READY:
            ctx.unfinished = False  # what else is left to do shows as a difference
        return drive_state(Drive, drive, prior if prior.name else defaults.unseen(Drive, ctx))

    def update(self, ctx: Ctx, prior: Drive, plan: Drive) -> Drive:
        """The drive as planned: by PUT, or by the resize action, which applies all or nothing."""
        drives, wanted = ctx.api.drives, asked(ctx.config, prior, plan)
        with self._known_after_failure(ctx, prior):
            answer = self._ready(ctx, drives.present(prior.uuid))
            drive = as_told(answer, prior)
            keys = notes.managed(ctx, prior.meta, prior.meta_all)
            left = differences(drive, wanted, keys)
            kept = left & RESTRICTED
            change = drives.resize if kept else drives.edit
            if left:
                sent = body(drive, wanted, left | unsaid(answer, wanted) - IMMUTABLE, keys)
                with refusals.refusals_explained(ctx.api, prior, kept):
                    answer = change(prior.uuid, sent)
            answer = self._ready(ctx, answer)
            if "size" in left & answer.keys() and answer["size"] == drive.get("size"):
                # It has not grown: that is no other rounding.
                refusals.refuse_differences(answer, {"size": wanted["size"]})
            return self._checked(ctx, answer, plan, wanted)

    def delete(self, ctx: Ctx, prior: Drive) -> None:
        """The drive is gone, confirmed by the API."""
        refusals.refuse_protected(prior, "destroyed")
        with refusals.refusals_explained(ctx.api, prior):
            ctx.api.drives.delete(prior.uuid)
        ctx.api.drives.wait_until_gone(prior.uuid)

    def modify_plan(self, ctx: Ctx, plan: Drive) -> Drive:
        """All tags and notes, the provider block's included."""
        notes.remember_found(ctx)
        return defaults.merged(ctx, plan)

    def check_destroy(self, ctx: Ctx, prior: Drive, *, replacing: bool) -> None:
        """Refuse what is protected; say what a replacement loses."""
        refusals.refuse_protected(prior, "replaced" if replacing else "destroyed")
        if replacing:
            refusals.refuse_blind_replacement(prior)
            refusals.warn_of_losses(ctx, prior)

    def import_state(self, ctx: Ctx, id_: str) -> Drive:
        """The drive with the UUID, or with the name after `name:`."""
        name, api = imports.name_in(id_), ctx.api
        drive = api.drives.find(id_.lower()) if name is None else imports.only_one(api, name)
        if drive is None:
            raise imports.absent(id_)
        return self._imported(ctx, drive)

    def check_import(self, ctx: Ctx, state: Drive) -> None:
        """Refuse a library drive."""
        drive = ctx.api.drives.find(state.uuid)
        if drive is not None:
            self._imported(ctx, drive)

    def list(self, ctx: Ctx, config: DriveFilter, limit: int) -> Iterable[Drive]:  # noqa: ARG002
        """The drives of the account that pass the filter."""
        asked = {"name": config.name, "name__contains": config.name_contains, "tag": config.tag}
        filters: dict[str, Any] = {key: text for key, text in asked.items() if text is not None}
        for drive in ctx.api.drives.list(**filters):
            if config.storage_type in (None, drive.get("storage_type")) and config.status in (
                None,
                drive["status"],
            ):
                yield self._imported(ctx, drive)

    def display_name(self, state: Drive) -> str:
        """Its name."""
        return state.name

    def _imported(self, ctx: Ctx, drive: DriveJSON) -> Drive:
        """The state of a drive that no state knows yet."""
        imports.refuse_library(drive)
        return drive_state(Drive, drive, defaults.unseen(Drive, ctx))

    def _ready(self, ctx: Ctx, drive: DriveJSON) -> DriveJSON:
        """The drive once it is usable."""
        if drive["status"] in READY:
            return drive
        return ctx.api.drives.wait_until_ready(drive["uuid"], jobs=drive.get("jobs") or ())

    @contextmanager
    def _known_after_failure(self, ctx: Ctx, prior: Drive) -> Iterator[None]:
        """However a change ends, Terraform learns what the drive has, if the API can say it."""
        try:
            yield
        except Exception:
            with suppress(Exception):
                drive = ctx.api.drives.find(prior.uuid)
                if drive is not None:
                    ctx.save(drive_state(Drive, drive, prior))
            raise

    def _checked(self, ctx: Ctx, drive: DriveJSON, plan: Drive, wanted: dict[str, object]) -> Drive:
        """The state of a drive that is what was asked for; anything else is an error."""
        state = drive_state(Drive, drive, plan)
        ctx.save(state)
        notes.forget_found(ctx)
        refusals.refuse_differences(as_told(drive, plan), wanted)
        refusals.warn_of_unsaid(ctx, drive, wanted)
        return state
