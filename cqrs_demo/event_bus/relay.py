"""The relay: moves events from the log to the bus, some time after they were stored.

It decouples the two sides. A command never waits for it, and if it stops, nothing is lost:
the events wait in the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..hops import Hops
from ..write_model.event_log import EventLog
from .in_process import InProcessBus


@dataclass(frozen=True)
class Relay:
    """Reads the log from where each projection stands, and publishes on the bus."""

    log: EventLog
    bus: InProcessBus
    hops: Hops

    def run(self, checkpoints: Mapping[str, int], limit: int | None = None) -> int:
        """Publish for each projection the next `limit` events (all if None) behind its checkpoint.

        Returns how many distinct events were applied by some projection. One that stops does not
        hold up the others.
        """
        applied: set[int] = set()
        for name, checkpoint in checkpoints.items():
            for batch in self.log.batches(after=checkpoint, limit=limit):
                for recorded in batch:
                    self.hops.announce("event", "relay", "event_bus", (name, recorded))
                reached = self.bus.publish(name, batch)
                applied.update(r.position for r in batch if r.position <= reached)
                if reached < batch[-1].position:
                    break
        return len(applied)
