"""What an administrator may do with snapshots: drop them, or take them anew."""

from dataclasses import dataclass

from .event_log import EventLog
from .event_store import fold
from .snapshots import take_snapshot
from .work import aggregate_named


@dataclass(frozen=True)
class SnapshotKeeper:
    """Works on the snapshots of all aggregates at once: nothing is lost but time."""

    log: EventLog

    def drop(self) -> None:
        with self.log.store.transaction() as connection:
            connection.execute("DELETE FROM snapshots")

    def rebuild(self) -> int:
        """Take a snapshot of every aggregate, folded from its events alone; return how many."""
        with self.log.store.transaction() as connection:
            streams = connection.execute(f"SELECT DISTINCT stream FROM {self.log.table}").fetchall()
            for (stream,) in streams:
                kind, key = aggregate_named(stream)
                take_snapshot(connection, fold(kind(key), self.log, connection))
            return len(streams)
