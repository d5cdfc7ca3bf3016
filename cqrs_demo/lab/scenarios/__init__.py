"""Short stories, each told by a real shop that is recorded while it works.

    recording = run("place-order", shop="two-stores")

A story is a plain function of an open shop; `scene` names the steps that follow, and `the` holds
the names and numbers that a seed has chosen. What was before a story is not recorded. The explorer
shows these functions as the client's code, so they hold what a client would write, and little else.

What surprises comes first in a story, then what heals it. They stand in ordering.py, reading.py,
delivering.py and history.py; what comes before them in before.py, whom they are about in cast.py,
and read models, handlers and a reactor of their own in read_models.py. Here is the table of all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches

from ... import LADDER, Shop, ShopError, open_shop
from ...recording import Recording
from . import before, delivering, history, ordering, reading
from .before import a_draft
from .cast import (
    ALL_RUNGS,
    MORNING,
    PRODUCTS,
    SEED,
    WITH_EVENTS,
    Cast,
    Scene,
    Story,
    TickingClock,
    cast,
)
from .read_models import OUR_PROJECTIONS, OUR_QUERIES, GetBigSpenders


@dataclass(frozen=True)
class Scenario:
    """A story, what comes before it, and the read models it needs on rungs that have any."""

    title: str
    teaches: str
    rungs: tuple[str, ...]
    before: Callable[[Shop, Cast], None]
    story: Story
    read_models: tuple[str, ...]


SCENARIOS: Mapping[str, Scenario] = {
    "place-order": Scenario(
        "Place an order, then look for it",
        "Where a command goes, what it leaves behind, and why the first answer may be old.",
        ALL_RUNGS,
        before.an_unseen_draft,
        ordering.place_order,
        ("orders", "catalogue"),
    ),
    "out-of-stock": Scenario(
        "Order what is sold out",
        "The write side decides with the truth, whatever a page said; a no changes nothing.",
        ALL_RUNGS,
        before.the_last_ones_sold,
        ordering.out_of_stock,
        ("catalogue",),
    ),
    "payment-declined": Scenario(
        "A payment is declined at the last moment",
        "A command is done completely or not at all: what was written already vanishes again.",
        ALL_RUNGS,
        before.a_draft_that_will_be_declined,
        ordering.payment_declined,
        ("orders",),
    ),
    "the-client-makes-the-id": Scenario(
        "Make the id yourself, and send",
        "A command returns nothing: the client knows the id, and may send again under one name.",
        ALL_RUNGS,
        before.nothing_but_a_user_and_a_product,
        ordering.the_client_makes_the_id,
        ("orders",),
    ),
    "stale-read": Scenario(
        "Read an old price",
        "An answer can be honest but old, and what a screen holds stays old until it asks again.",
        WITH_EVENTS,
        before.a_draft,
        reading.stale_read,
        ("catalogue",),
    ),
    "read-your-own-writes": Scenario(
        "See what I have saved",
        "A client that knows the position of its own write can insist on an answer that has it.",
        WITH_EVENTS,
        before.a_draft,
        reading.read_your_own_writes,
        ("orders",),
    ),
    "an-email-is-unique": Scenario(
        "Two people, one e-mail",
        "A query may say free when it is taken; the write side guards what must be unique.",
        WITH_EVENTS,
        before.a_product,
        reading.an_email_is_unique,
        ("emails",),
    ),
    "decide-by-the-documents": Scenario(
        "A handler that peeks at the page",
        "Who decides by a copy oversells: two orders take what is there once.",
        ("event-sourced",),
        before.a_handler_that_peeks,
        reading.decide_by_the_documents,
        ("catalogue",),
    ),
    "rename-a-user": Scenario(
        "Rename a user who has old orders",
        "Documents hold copies: one event changes many of them, where tables change one row.",
        ALL_RUNGS,
        before.two_orders_of_one_user,
        reading.rename_a_user,
        ("users", "order_history"),
    ),
    "two-editors-one-order": Scenario(
        "Two people edit one order",
        "Saving whole forms loses an edit; commands say what is meant, so that both survive.",
        ALL_RUNGS,
        before.a_draft,
        ordering.two_editors_one_order,
        ("orders",),
    ),
    "a-conflict-is-a-question": Scenario(
        "Two people, two addresses",
        "A conflict asks a person, or is merged where nothing clashes; nobody repeats it blindly.",
        ALL_RUNGS,
        before.a_draft,
        ordering.a_conflict_is_a_question,
        ("orders",),
    ),
    "change-a-price": Scenario(
        "Change a price, and look at it",
        "With hardly a rule, the smallest shop does it all: count the steps on each rung.",
        ALL_RUNGS,
        before.a_product,
        ordering.change_a_price,
        ("catalogue",),
    ),
    "publish-after-commit": Scenario(
        "Stop between commit and publishing",
        "What is only in memory is lost in a crash; what is committed to an outbox is not.",
        ("two-stores",),
        before.a_publisher_without_an_outbox,
        delivering.publish_after_commit,
        ("catalogue", "users"),
    ),
    "a-bus-that-misbehaves": Scenario(
        "A bus that is late, repeats and loses",
        "A projection goes by its checkpoint, so it applies every event once and in order.",
        WITH_EVENTS,
        before.events_under_way,
        delivering.a_bus_that_misbehaves,
        ("catalogue",),
    ),
    "replay-into-a-new-read-model": Scenario(
        "A new question to old events",
        "A read model that nobody planned can be built from events that were kept.",
        WITH_EVENTS,
        before.a_new_read_model,
        history.replay_into_a_new_read_model,
        ("order_history", "big_spenders"),
    ),
    "replay-sends-no-mail": Scenario(
        "Replay everything, and send no mail",
        "A reactor acts on what is new to it; a projection may be run again, a reactor is not.",
        WITH_EVENTS,
        before.a_reactor_and_a_draft,
        history.replay_sends_no_mail,
        ("order_history",),
    ),
    "old-events-under-new-rules": Scenario(
        "A new rule, and old orders that break it",
        "Rules judge commands and never events; what an old event lacks is filled in when read.",
        ("event-sourced",),
        before.orders_from_before_the_rule,
        history.old_events_under_new_rules,
        ("orders",),
    ),
    "ship-and-cancel": Scenario(
        "Cancel an order that has been shipped",
        "Rules live with the aggregate; cancelling in time gives back the stock and the money.",
        ALL_RUNGS,
        before.two_orders_of_one_user,
        ordering.ship_and_cancel,
        ("orders", "catalogue"),
    ),
    "projection-fails-and-recovers": Scenario(
        "A projection with a bug",
        "A projection that fails stops alone, loses nothing, and goes on once it is mended.",
        WITH_EVENTS,
        before.a_bug_in_big_spenders,
        reading.projection_fails_and_recovers,
        ("order_history", "big_spenders"),
    ),
}


def run(name: str, shop: str = "two-stores", seed: int = SEED) -> Recording:
    """Have a shop on the rung `shop` live through a scenario; return the recording.

    The same seed gives the same recording, another seed the same story with other people, products
    and quantities. Raises ShopError if there is no such scenario, or not on this rung.
    """
    scenario = find(name, shop)
    the = cast(seed)
    the.projections = {name: dict(OUR_PROJECTIONS[name]) for name in scenario.read_models}
    with open_shop(
        shop,
        clock=TickingClock(MORNING - timedelta(minutes=1)),
        payments=the.payments,
        handlers=the.handlers,
        projections=the.projections,
        queries=OUR_QUERIES,
    ) as opened:
        scenario.before(opened, the)
        with opened.record(scenario.title, seed) as recording:
            scenario.story(opened, recording.begin_scene, the)
    return recording


def find(name: str, rung: str) -> Scenario:
    """Return a scenario that is told on this rung. Raises ShopError if there is none."""
    if rung not in LADDER:
        raise ShopError(f"there is no rung {rung!r}; there are {', '.join(LADDER)}")
    if name not in SCENARIOS:
        close = get_close_matches(str(name), SCENARIOS, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise ShopError(f"there is no scenario {name!r}; {hint}there are {', '.join(SCENARIOS)}")
    scenario = SCENARIOS[name]
    if rung not in scenario.rungs:
        raise ShopError(
            f"{name} makes no sense on the rung {rung!r}; it does on {' and '.join(scenario.rungs)}"
        )
    return scenario


__all__ = [
    "ALL_RUNGS",
    "MORNING",
    "PRODUCTS",
    "SCENARIOS",
    "SEED",
    "WITH_EVENTS",
    "Cast",
    "GetBigSpenders",
    "Scenario",
    "Scene",
    "Story",
    "TickingClock",
    "a_draft",
    "cast",
    "find",
    "run",
]
