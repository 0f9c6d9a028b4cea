"""A transport that answers from a script and keeps the paths it was asked for."""

from __future__ import annotations

from typing import Any

from provider.api.addresses import query_string
from provider.api.answers import Answer
from provider.api.settings import Settings

NOW = 1000.0


class Answering:
    """Gives its answers in order: records, or errors to raise."""

    def __init__(self, **settings: Any) -> None:
        self.settings = Settings(base_url="http://localhost/", token="t", **settings).checked()
        self.asked: list[str] = []
        self._answers: list[Any] = []

    def answers(self, *answers: Any) -> None:
        self._answers += answers

    def exchange(
        self, method: str, path: str, query: Any = None, body: object = None, events: Any = None
    ) -> Answer:
        self.asked.append(path + ("?" + query_string(query) if query else ""))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(method, path, 200, {}, answer)


def drive(uuid: str, **others: Any) -> dict[str, Any]:
    return {"uuid": uuid, "status": "unmounted", **others}


def listing(*records: dict[str, Any]) -> dict[str, Any]:
    return {"meta": {"total_count": len(records)}, "objects": list(records)}
