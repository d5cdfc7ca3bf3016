"""The relay: moves events from the log to the bus, some time after they were stored.

It decouples the two sides. A command never waits for it, and if it stops, nothing is lost:
the events wait in the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..hops import Hops
from ..write_model.event_log import EventLog
from .in_process import Bus


@dataclass(frozen=True)
class Relay:
    """Reads the log from where each projection stands, and publishes on the bus."""

    log: EventLog
    bus: Bus
    hops: Hops

    def run(self, checkpoints: Mapping[str, int], limit: int | None = None) -> int:
        """Publish for each projection the next `limit` events (all if None) behind its checkpoint.

        Projections that have come equally far get the same events, which are read once for all.
        Returns how many distinct events were applied by some projection. One that stops does not
        hold up the others.
        """
        applied: set[int] = set()
        for checkpoint in sorted(set(checkpoints.values())):
            names = [name for name, position in checkpoints.items() if position == checkpoint]
            for batch in self.log.batches(after=checkpoint, limit=limit):
                self.hops.announce("load", self.log.place, "relay", batch)
                for recorded in batch:
                    self.hops.announce("event", "relay", "event_bus", (names, recorded))
                reached = self.bus.publish(names, batch)
                furthest = max(reached.values())
                applied.update(r.position for r in batch if r.position <= furthest)
                names = [name for name in names if reached[name] >= batch[-1].position]
                if not names:
                    break
        return len(applied)
