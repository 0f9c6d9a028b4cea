"""What the toy provider manages: notes, each a JSON file in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4


class Store(NamedTuple):
    """A folder of notes, and the name under which the provider was configured."""

    folder: Path
    label: str

    def add(self, content: dict[str, Any]) -> str:
        """The id of a note that did not exist before."""
        id_ = str(uuid4())
        self.put(id_, content)
        return id_

    def put(self, id_: str, content: dict[str, Any]) -> None:
        """Replace the content of a note."""
        (self.folder / f"{id_}.json").write_text(json.dumps(content))

    def find(self, id_: str) -> dict[str, Any] | None:
        """The content of a note, if it exists."""
        file = self.folder / f"{id_}.json"
        return json.loads(file.read_text()) if file.exists() else None

    def remove(self, id_: str) -> None:
        """The note does not exist."""
        (self.folder / f"{id_}.json").unlink(missing_ok=True)

    def ids(self) -> list[str]:
        """The notes that exist."""
        return sorted(file.stem for file in self.folder.glob("*.json"))
