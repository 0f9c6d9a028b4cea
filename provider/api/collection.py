"""The calls that all collections of the API share: find, list, create, edit, delete, act.

Chapter: https://cloudsigma-docs.readthedocs.io/en/latest/general.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar, cast

from provider.api import addresses, wait
from provider.api.errors import AnswerLost, NotFound
from provider.api.records import present

if TYPE_CHECKING:
    import builtins
    from collections.abc import Callable, Iterable

    from provider.api.answers import Answer
    from provider.api.client import Client

Record = TypeVar("Record", bound=Mapping[str, Any])


class Page(NamedTuple):
    """Some objects of a list, and how many there are on all pages."""

    records: list[dict[str, Any]]
    total: int


class Collection(Generic[Record]):
    """One kind of object, such as `tags`, and the calls on it.

    A `look` passed to a call that must not be repeated blindly returns the
    object if the call had its effect, and None if it provably had none.
    """

    required: ClassVar[tuple[str, ...]] = ()
    """The keys that every whole record has."""

    def __init__(self, client: Client, name: str) -> None:
        self.client = client
        self.name = name

    def check(self, answer: Answer, record: dict[str, Any]) -> None:
        """Raises `Malformed` for a record that the API cannot have meant."""

    def find(self, uuid: str) -> Record | None:
        """The object, or None when the API says that there is none."""
        try:
            return self.client.call("GET", self._path(uuid), read=self._same(uuid))
        except NotFound:
            return None

    def find_new(self, uuid: str) -> Record | None:
        """An object that may just have been created, so that its absence is "not yet" at first."""
        client = self.client
        return wait.until_seen(lambda: self.find(uuid), client.operation, client.delays())

    def list(
        self,
        *,
        fields: Iterable[str] | None = None,
        detail: bool = True,
        page: int = 0,
        **filters: str | Iterable[str],
    ) -> list[Record]:
        """All objects that match every filter; a filter may give several alternatives.

        `fields` asks for these keys alone, and `page` for so many objects in one
        answer instead of all. Collections without a detailed list need
        `detail=False`.
        """
        path = self._path("detail") if detail and fields is None else self._path()
        query = {"limit": str(page)}
        if fields is not None:
            query["fields"] = ",".join(fields)
        query |= {key: addresses.filter_value(value) for key, value in filters.items()}
        read = self._page if fields is None else self._part
        first = self.client.call("GET", path, query=query, read=read)
        # The documented answer to limit=0 is everything; a server may still send pages.
        whole = len(first.records) >= first.total
        return cast("list[Record]", first.records if whole else self._all(first, path, query, read))

    def _all(
        self,
        first: Page,
        path: str,
        query: Mapping[str, str],
        read: Callable[[Answer], Page],
    ) -> builtins.list[Any]:
        """The objects of all pages, each once. What is missing is never taken for absent."""
        found, offset = _by_uuid(first.records), len(first.records)

        def read_new(answer: Answer) -> Page:
            page = read(answer)
            if not _by_uuid(page.records).keys() - found.keys():
                raise answer.malformed("holds nothing new of a list that is not complete")
            return page

        operation = self.client.operation
        while len(found) < first.total:
            operation.pause(0.0)
            if operation.remaining() <= 0:
                words = "The list was not complete when the time ran out"
                raise AnswerLost(words, method="GET", path=path)
            rest = {**query, "offset": str(offset)}
            more = self.client.call("GET", path, query=rest, read=read_new).records
            found |= _by_uuid(more)
            offset += len(more)
        return [*found.values()]

    def count(self) -> int:
        """How many objects there are."""
        query = {"limit": "1", "fields": "uuid"}
        return self.client.call("GET", self._path(), query=query, read=self._part).total

    def create(
        self,
        body: object,
        *,
        query: Mapping[str, str] | None = None,
        look: Callable[[], Record | None] | None = None,
    ) -> Record:
        """The created object, as the API answered; it may not be ready."""
        return self._post(self._path(), body, query, look)

    def edit(
        self,
        uuid: str,
        body: Mapping[str, object],
        *,
        look: Callable[[], Record | None] | None = None,
    ) -> Record:
        """The object as the API answered after replacing its definition.

        With a `look`, an edit is repeated only where it says so; without, always.
        """
        read, repeatable = self._same(uuid), look is None
        return self.client.call(
            "PUT", self._path(uuid), body=body, read=read, look=look, repeatable=repeatable
        )

    def delete(self, uuid: str) -> None:
        """The deletion is accepted, or the object did not exist."""
        try:
            self.client.call("DELETE", self._path(uuid), read=lambda _: {})
        except NotFound:
            return

    def action(
        self,
        uuid: str,
        do: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        look: Callable[[], Record | None] | None = None,
    ) -> Record:
        """The answer to an action."""
        # Bodies of actions are never empty: the API has failed on those.
        body = {} if body is None else body
        return self._post(self._path(uuid, "action"), body, {"do": do, **(query or {})}, look)

    def _post(
        self,
        path: str,
        body: object,
        query: Mapping[str, str] | None,
        look: Callable[[], Record | None] | None,
    ) -> Record:
        return self.client.call("POST", path, query=query, body=body, read=self._one, look=look)

    def _one(self, answer: Answer) -> Record:
        record = single(answer)
        self._check_whole(answer, record)
        return cast("Record", record)

    def _check_whole(self, answer: Answer, record: dict[str, Any]) -> None:
        self.check(answer, record)
        for key in self.required:
            if not record.get(key):
                raise answer.malformed(f"holds no {key}")

    def _same(self, uuid: str) -> Callable[[Answer], Record]:
        def read(answer: Answer) -> Record:
            record = self._one(answer)
            if str(record.get("uuid", uuid)).lower() != uuid.lower():
                raise answer.malformed("is about another object")
            return record

        return read

    def _page(self, answer: Answer) -> Page:
        found = page(answer)
        for record in found.records:
            self._check_whole(answer, record)
        return found

    def _part(self, answer: Answer) -> Page:
        """A page of objects of which some keys were asked for."""
        found = page(answer)
        for record in found.records:
            self.check(answer, record)
        return found

    def _path(self, *segments: str) -> str:
        return addresses.path(self.name, *segments)


def _by_uuid(records: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The objects by what tells them apart, which is all of them where there is no UUID."""
    return {str(record.get("uuid") or record).lower(): record for record in records}


def single(answer: Answer) -> dict[str, Any]:
    """The one object of an answer, which some calls wrap in `objects` and others do not."""
    body = answer.json
    if isinstance(body, dict) and "objects" in body:
        body = body["objects"][0] if isinstance(body["objects"], list) and body["objects"] else None
    if not isinstance(body, dict):
        raise answer.malformed("holds no object")
    return present(body)


def page(answer: Answer) -> Page:
    """The content of a list answer."""
    body = answer.json
    records = body.get("objects") if isinstance(body, dict) else None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise answer.malformed("holds no list of objects")
    meta = body.get("meta")
    total = meta.get("total_count") if isinstance(meta, dict) else None
    if total is None:
        total = len(records)
    if type(total) is not int:
        raise answer.malformed("does not say how many objects there are")
    return Page([present(record) for record in records], total)
