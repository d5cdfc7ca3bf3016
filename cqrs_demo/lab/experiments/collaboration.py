"""Two editors work on one order, many times: which edits survive?

    found = measure(rounds=500)
    found.frame          # one row an approach: edits, survived, lost, overwritten, conflicts
    found.chart()
    side_by_side()       # one such round in three ways, recorded
    panel()              # the same in a notebook, with sliders

Each editor looks at the order and saves one edit. Who does what when is chosen by chance, so that
often both look before either saves. What survived is what the shop says afterwards. These are
counts, not times: the same seed gives the same counts on every machine.

Saving whole forms loses updates (Gray and Reuter, "Transaction Processing", 1992). A version column
turns the loss into a refusal (Fowler, "Optimistic Offline Lock", 2002). A command says what is
meant and touches nothing else (Young, "CQRS Documents", 2010). None of them lets two addresses
stand in one order: whoever cares must insist on what was seen, with a version, on either side.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations
from random import Random
from typing import Any, NamedTuple

import pandas as pd

from ... import (
    LADDER,
    AddOrderItem,
    AddProduct,
    CreateOrder,
    CreateUser,
    GetOrder,
    OrderView,
    Shop,
    ShopError,
    open_shop,
)
from ...domain.fields import number
from ...recording import Recording
from ...visuals.charts import Chart
from ...visuals.charts.collaboration import collaboration_chart
from ..scenarios import MORNING, SEED, Story, TickingClock, a_draft, cast
from ..scenarios.cast import PRODUCTS, STREETS
from ..watching import Watch
from . import two_editors
from .editors import (
    CommandEditor,
    Edit,
    Editor,
    FormEditor,
    InsistingEditor,
    NewAddress,
    OneMore,
    VersionedFormEditor,
    can_both_stand,
)

MOST_ROUNDS = 100_000
ROUNDS_AT_ONCE = 25  # between two looks whether to stop
ORDER = "o-1"
SKUS = tuple(sku for sku, _ in PRODUCTS[:2])

# Who acts when: "a" and "b" each look first and save later. In four of these six both look first.
INTERLEAVINGS = tuple(dict.fromkeys("".join(who) for who in permutations("aabb")))


class Approach(NamedTuple):
    """A way to edit, and whether it does so through forms (then the rung is "crud")."""

    name: str
    label: str
    editor: type[Editor]
    by_form: bool


APPROACHES = (
    Approach("forms", "CRUD: whole forms", FormEditor, True),
    Approach("version", "CRUD: forms with a version", VersionedFormEditor, True),
    Approach("commands", "CQRS: commands", CommandEditor, False),
    Approach("insisting", "CQRS: commands that insist", InsistingEditor, False),
)


class Round(NamedTuple):
    """What the dice say: the edits of a and b, and who acts when."""

    edits: dict[str, Edit]
    interleaving: str

    @property
    def overlaps(self) -> bool:
        """Say whether both look before either saves."""
        return self.interleaving[0] != self.interleaving[1]


@dataclass(frozen=True)
class Collaboration:
    """What became of the edits. `rounds` has one row an approach and round."""

    rounds: pd.DataFrame

    @property
    def frame(self) -> pd.DataFrame:
        """One row an approach. An edit survived, was lost though both could have stood, or was
        overwritten by one of the same field whose author had not seen it."""
        groups = self.rounds.groupby("approach", sort=False)
        counts = groups[["overlapping", "lost", "overwritten", "conflicts"]].sum()
        counts.insert(0, "rounds", groups.size())
        counts.insert(1, "edits", counts["rounds"] * 2)
        counts.insert(3, "survived", counts["edits"] - counts["lost"] - counts["overwritten"])
        labels = {approach.name: approach.label for approach in APPROACHES}
        return counts.astype(int).rename(index=labels).reset_index()

    def by_interleaving(self) -> pd.DataFrame:
        """One row an approach and order of looks and saves: which orders hurt."""
        told = self.rounds.assign(order=self.rounds["interleaving"].map(in_words))
        groups = told.groupby(["approach", "order"], sort=False)
        return groups[["lost", "overwritten", "conflicts"]].sum().reset_index()

    def chart(self, theme: str = "light") -> Chart:
        """Draw what was lost beside what it cost not to lose it."""
        return collaboration_chart(self.frame, theme)

    def sentences(self) -> list[str]:
        """Say what the counts show."""
        rows = dict(zip((a.name for a in APPROACHES), self.frame.to_dict("records"), strict=True))
        forms, version = rows["forms"], rows["version"]
        commands, insisting = rows["commands"], rows["insisting"]
        return [
            f"Both had the order open at once in {forms['overlapping']:,} of"
            f" {forms['rounds']:,} rounds, far more often than in a real shop.",
            f"Whole forms lost {forms['lost']:,} of {forms['edits']:,} edits, overwrote"
            f" {forms['overwritten']:,} more, and told nobody.",
            f"A version column lost {version['lost']:,}; its price is {version['conflicts']:,}"
            " conflicts, after each of which somebody typed the edit again.",
            f"Commands lost {commands['lost']:,} and had {commands['conflicts']:,} conflicts."
            f" In {commands['overwritten']:,} rounds both gave a new address, and the first was"
            " overwritten: commands do not reconcile wishes that contradict each other.",
            f"Commands that insist on the version they saw lost {insisting['lost']:,}, overwrote"
            f" {insisting['overwritten']:,}, and had {insisting['conflicts']:,} conflicts, as forms"
            " with a version have: insist where it matters, and nowhere else.",
        ]


def measure(
    rounds: int = 300, seed: int = SEED, rung: str = "one-database", watch: Watch | None = None
) -> Collaboration:
    """Play so many rounds in each of the four ways. `rung` is where commands are sent.

    All four get the same edits in the same order of events. Raises InvalidMessage for numbers out
    of range, ShopError for a rung that takes no commands, Cancelled if the watch says so.
    """
    number(1, MOST_ROUNDS)("rounds", rounds)
    number(0, 2**53)("seed", seed)
    if rung not in LADDER or rung == "crud":
        raise ShopError(f"commands are sent on {', '.join(LADDER)[6:]}, not on {rung!r}")
    watch = watch or Watch()
    rows: list[dict[str, Any]] = []
    for nth, approach in enumerate(APPROACHES):
        with open_shop("crud" if approach.by_form else rung, delivery="immediate") as shop:
            an_order(shop)
            for n, each in enumerate(rolled(rounds, seed)):
                if n % ROUNDS_AT_ONCE == 0:
                    done = nth * rounds + n
                    watch.progress(done, len(APPROACHES) * rounds, approach.label)
                rows.append(
                    {"approach": approach.name, "round": n + 1} | played(shop, approach, each)
                )
    watch.progress(len(rows), len(rows))
    return Collaboration(pd.DataFrame(rows))


def rolled(rounds: int, seed: int) -> Iterator[Round]:
    """Roll the dice. The same seed gives the same rounds."""
    chance = Random(seed)
    for _ in range(rounds):
        yield Round({who: an_edit(chance) for who in "ab"}, chance.choice(INTERLEAVINGS))


def an_edit(chance: Random) -> Edit:
    """Choose one of three things that may be edited, each as likely."""
    sku = chance.choice([None, *SKUS])
    if sku:
        return OneMore(sku)
    return NewAddress(f"{chance.randrange(10**6)} {chance.choice(STREETS)}")


def played(shop: Shop, approach: Approach, what: Round) -> dict[str, Any]:
    """Play a round, and count what became of both edits."""
    before = shop.ask(GetOrder(ORDER))
    editors = {who: approach.editor(shop, ORDER, edit) for who, edit in what.edits.items()}
    turns: Counter[str] = Counter()
    for who in what.interleaving:
        turns[who] += 1
        (editors[who].look if turns[who] == 1 else editors[who].save)()
    gone = 2 - survivors(before, shop.ask(GetOrder(ORDER)), [*what.edits.values()])
    conflicts = sum(editor.conflicts for editor in editors.values())
    compatible = can_both_stand(*what.edits.values())
    # Whoever replaces an address that was on the screen, or that a conflict told of, means to.
    unseen = what.overlaps and not conflicts
    return {
        "interleaving": what.interleaving,
        "overlapping": what.overlaps,
        "lost": gone if compatible else 0,
        "overwritten": gone if unseen and not compatible else 0,
        "conflicts": conflicts,
    }


def survivors(before: OrderView, after: OrderView, edits: list[Edit]) -> int:
    """Count the edits that can be seen in the order."""
    count = 0
    for sku in SKUS:
        wanted = edits.count(OneMore(sku))
        count += min(wanted, quantity(after, sku) - quantity(before, sku))
    addresses = [edit.address for edit in edits if isinstance(edit, NewAddress)]
    return count + addresses.count(after.shipping_address or "")


def quantity(order: OrderView, sku: str) -> int:
    return next(line.quantity for line in order.lines if line.sku == sku)


def an_order(shop: Shop) -> None:
    shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    shop.send(CreateOrder(ORDER, "ada"))
    for sku, name in PRODUCTS[:2]:
        shop.send(AddProduct(sku, name, 100, 10))
        shop.send(AddOrderItem(ORDER, sku, 1))


def in_words(interleaving: str) -> str:
    """Return "a looks, b looks, a saves, b saves" for "abab"."""
    turns: Counter[str] = Counter()
    told = []
    for who in interleaving:
        turns[who] += 1
        told.append(f"{who} {'looks' if turns[who] == 1 else 'saves'}")
    return ", ".join(told)


# The same as a story that can be watched.

STORIES: dict[str, tuple[str, Story]] = {
    "CRUD: whole forms": ("crud", two_editors.with_whole_forms),
    "CRUD: forms with a version": ("crud", two_editors.with_a_version_column),
    "CQRS: commands": ("one-database", two_editors.with_commands),
}


def recorded(label: str, seed: int = SEED) -> Recording:
    """Record two editors on one order in one of three ways. Raises ShopError for any other."""
    if label not in STORIES:
        raise ShopError(f"there is no way {label!r}; there are {', '.join(STORIES)}")
    rung, story = STORIES[label]
    the = cast(seed)
    with open_shop(rung, clock=TickingClock(MORNING - timedelta(minutes=1))) as shop:
        a_draft(shop, the)
        with shop.record("Two people edit one order", seed) as recording:
            story(shop, recording.begin_scene, the)
    return recording


def side_by_side(seed: int = SEED) -> Any:
    """Return the three recordings beside each other on one cursor."""
    from ...visuals.comparison import compare  # noqa: PLC0415 - counting needs no widget

    return compare(*(recorded(label, seed) for label in STORIES), labels=[*STORIES])


def panel() -> Any:
    """Return a panel for a notebook: choose how many rounds, and count."""
    from ..measuring_panel import MeasuringPanel, Slider  # noqa: PLC0415

    return MeasuringPanel(
        "Two editors, one order",
        "Both look at the same order and save one edit each, in an order that chance decides."
        " These are counts, not times: the same on every machine.",
        [
            Slider("rounds", "Rounds", (1, 10, 30, 100, 300, 1_000, 3_000), 300),
            Slider("seed", "Dice (seed)", range(1, 21), SEED),
        ],
        lambda chosen, watch: measure(chosen["rounds"], chosen["seed"], watch=watch),
    )
