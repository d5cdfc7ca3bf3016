"""The outbox, and the hole between two writes that it closes."""

from ..diagram import Diagram
from ..drawing.scene import Area, Link, Node, Scene, Words


def outbox() -> Diagram:
    """Two writes that a crash can part, and one write that it cannot."""
    return Diagram(
        "outbox",
        "The transactional outbox",
        "What does a crash between two writes lose?",
        "Above, a command handler saves to the write store and then publishes to the event bus: "
        "a crash in between loses the event for ever, though the state has changed. Below, state "
        "and outbox are saved in one transaction; a relay sends what waits in the outbox, and "
        "after a crash it sends it again, so that an event may come twice but is never lost.",
        _outbox_scene(),
    )


def _outbox_scene() -> Scene:
    nodes = (
        Node("handler1", "Command handler", "command", "tag", 90, 80, 132, 60),
        Node("store1", "Write store", "aggregate", "cylinder", 320, 80, 120, 68),
        Node("bus1", "Event bus", "event", "pipe", 730, 80, 132, 60),
        Node("crash", "Crash", "rejection", "octagon", 490, 156, 112, 48, solid=True),
        Node("handler2", "Command handler", "command", "tag", 90, 302, 132, 60),
        Node("store2", "Write store", "aggregate", "cylinder", 302, 302, 120, 68),
        Node("outbox", "Outbox", "event", "envelope", 412, 302, 84, 60),
        Node("relay", "Relay", "process", "pill", 564, 302, 110, 60),
        Node("bus2", "Event bus", "event", "pipe", 730, 302, 132, 60),
    )
    links = (
        Link("handler1", "store1", "M 156 80 H 258", label="1 save", at=(207, 70)),
        Link("handler1", "crash", "M 90 110 V 156 H 432", False, "none", label="2 publish",
             at=(260, 146)),
        Link("crash", "bus1", "M548 156H730V114", False, label="never hears of it", at=(638, 176),
             role="rejection", broken=True),
        Link("handler2", "store2", "M 156 302 H 230", label="1 save", at=(193, 292)),
        Link("outbox", "relay", "M 462 302 H 507", False, label="2", at=(484, 292)),
        Link("relay", "bus2", "M 619 302 H 662", False, label="3", at=(640, 292)),
    )  # fmt: skip
    areas = (
        Area("TWO WRITES", "state changed, event lost", "rejection", 0, 0, 840, 196,
             holds=("handler1", "store1", "crash", "bus1")),
        Area("ONE WRITE, THEN A RELAY", "nothing lost; an event may come twice", "read", 0, 212,
             840, 172, holds=("handler2", "store2", "outbox", "relay", "bus2")),
        Area("one transaction", "", "aggregate", 232, 260, 230, 84, "frame", "below"),
    )  # fmt: skip
    words = (Words("after a crash it sends again", 564, 359, 13, "process", "middle"),)
    return Scene(840, 384, nodes, links, areas, words)
