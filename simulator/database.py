"""Everything an account holds, kept in one SQLite file across restarts and kills."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.world import Table

UPSERT = (
    "INSERT INTO objects (kind, uuid, body) VALUES (?, ?, ?) "
    "ON CONFLICT (kind, uuid) DO UPDATE SET body = excluded.body"
)
DELETE = "DELETE FROM objects WHERE kind = ? AND uuid = ?"


class Database:
    """One row for each object, in the order of creation."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # A committed transaction is in the file's log when the answer leaves, so a killed
        # process loses nothing; only a power cut could.
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS objects "
            "(kind TEXT, uuid TEXT, body TEXT, PRIMARY KEY (kind, uuid))"
        )

    def load(self, tables: Mapping[str, Table[Any]]) -> bool:
        """Fill the tables; False when the file is empty."""
        rows = self.connection.execute("SELECT kind, uuid, body FROM objects ORDER BY rowid")
        loaded = False
        for kind, uuid, body in rows:
            table = tables[kind]
            table.rows[uuid] = table.record(**json.loads(body))
            loaded = True
        return loaded

    def save(self, tables: Mapping[str, Table[Any]]) -> None:
        """Write what changed, in one transaction."""
        changed = [(kind, table) for kind, table in tables.items() if table.changed]
        if not changed:
            return
        self.connection.execute("BEGIN")
        for kind, table in changed:
            for uuid in table.changed:
                row = table.find(uuid)
                if row is None:
                    self.connection.execute(DELETE, (kind, uuid))
                else:
                    self.connection.execute(UPSERT, (kind, uuid, json.dumps(vars(row))))
        self.connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()
