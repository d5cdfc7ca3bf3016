"""A reactor: acts on events, such as by sending a mail, and never on a replay.

A projection may be run again whenever one likes: it only writes documents, and the second time it
writes the same ones. What a reactor does cannot be taken back, so it has a checkpoint that no
rebuild touches, and it begins with the events that come after it was set up, not with the old ones.

It acts first and moves its checkpoint afterwards. A crash in between makes it act again, as any
delivery may (at least once); so the mail goes out under a key, and the post office sends each key
once. Moving the checkpoint first would lose a mail instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..codec import RecordedEvent
from ..domain.errors import ShopError
from ..eventful_shop import EventfulShop
from ..hops import Hops
from ..shop import Shop

REACTORS_TABLE = """CREATE TABLE IF NOT EXISTS reactors (
    name TEXT PRIMARY KEY, position BIGINT NOT NULL)"""


class Mail(NamedTuple):
    """What is sent to a user, and because of what."""

    user_id: str
    text: str


Act = Callable[[RecordedEvent[Any], "PostOffice"], None]


@dataclass
class PostOffice:
    """Sends mails, or rather keeps them, so that one can count. A key that was sent is not sent
    again, however often somebody asks."""

    sent: dict[str, Mail] = field(default_factory=dict)
    hops: Hops | None = None
    because: tuple[str, Any] = ("", None)  # the reactor and the event that it acts on

    def send(self, key: str, user_id: str, text: str) -> None:
        if key in self.sent:
            return
        self.sent[key] = Mail(user_id, text)
        if self.hops:
            self.hops.announce("outside", "projections", "client", (*self.because, self.sent[key]))


@dataclass
class Reactor:
    """Acts on the events of a shop that are new to it; `actions` says what to do on which.

    Its checkpoint lies in the write store, under its name, and outlives the program. Raises
    ShopError on a rung that keeps no events.
    """

    name: str
    shop: Shop
    actions: Mapping[type, Act]
    post: PostOffice = field(default_factory=PostOffice)

    def __post_init__(self) -> None:
        if not isinstance(self.shop, EventfulShop):
            raise ShopError(f"the rung {self.shop.architecture!r} has no events to react to")
        self.post.hops = self.shop.hops
        with self.shop.commands.store.transaction() as connection:
            connection.execute(REACTORS_TABLE)
            last = self.shop.relay.log.last_position(connection)
            sql = "INSERT INTO reactors (name, position) VALUES (?, ?) ON CONFLICT DO NOTHING"
            connection.execute(sql, (self.name, last))

    @property
    def checkpoint(self) -> int:
        """The position of the last event that it has acted on, or had no use for."""
        with self.shop.commands.store.reading() as connection:
            sql = "SELECT position FROM reactors WHERE name = ?"
            return int(connection.execute(sql, (self.name,)).fetchone()[0])

    def run(self) -> int:
        """Act on what is new; return how many events were."""
        shop = self.shop
        assert isinstance(shop, EventfulShop)
        shop.hops.announce("call", "client", "client", ("react", self.name))
        new = list(shop.events(self.checkpoint))
        told = (self.name, self.checkpoint, [recorded.position for recorded in new])
        shop.hops.announce("load", shop.relay.log.place, "projections", told)
        for recorded in new:
            act = self.actions.get(type(recorded.event))
            if act:
                self.post.because = self.name, recorded
                act(recorded, self.post)
            if act or recorded is new[-1]:  # those that it has no use for need no note each
                self._move_to(recorded.position)
        return len(new)

    def _move_to(self, position: int) -> None:
        sql = "UPDATE reactors SET position = ? WHERE name = ?"
        with self.shop.commands.store.transaction() as connection:
            connection.execute(sql, (position, self.name))
