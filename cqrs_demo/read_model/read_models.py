"""What query handlers of rungs 3 and 4 read from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..domain.errors import ShopError, StillStale
from ..hops import Hops
from ..storage import Connection
from .checkpoints import error_at, read_checkpoint
from .documents import SqlDocuments


@dataclass(frozen=True)
class ReadModels:
    """What a query handler reads from: the documents of every projection, at one moment.

    `after` is a position that the documents must have reached: reading from a projection that is
    behind raises StillStale, so a query waits for just those projections that serve it.
    """

    connection: Connection
    names: Collection[str]
    errors: Mapping[str, tuple[int, str]]  # of projections that stopped: position, error
    after: int
    hops: Hops

    def __getitem__(self, name: str) -> SqlDocuments:
        if name not in self.names:
            raise ShopError(f"there is no projection {name!r}; there are {', '.join(self.names)}")
        checkpoint = read_checkpoint(self.connection, name)
        if checkpoint < self.after:
            problem = f"{name!r} has seen the events up to {checkpoint}, not up to {self.after}"
            error = error_at(checkpoint, self.errors.get(name))
            raise StillStale(f"{problem}; it stopped: {error}" if error else problem, bool(error))
        self.hops.announce("load", "read_store", "query_handler", name, self.connection)
        return SqlDocuments(self.connection, name)
