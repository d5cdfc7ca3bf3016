"""Exercises of lesson 06: count copies, choose a rung, measure fairly, and a question that nobody
had planned for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from ... import (
    LADDER,
    AddOrderItem,
    AddProduct,
    CancelOrder,
    CreateOrder,
    CreateUser,
    EmptyOrder,
    GetCatalogue,
    GetOrderHistory,
    PlaceOrder,
    RenameUser,
    Restock,
    ShipOrder,
    Shop,
    ShopError,
)
from .exercise import Exercise
from .trial import Trial
from .trial import shown as in_short

SUMMARY = """Documents answer the pages they were made for without joins, and are rewritten whenever
what they copy changes; they take room, and may be behind. Tables answer any question, also those
that nobody planned, and are never old. Commands and aggregates pay where rules are many and people
work on the same data; a second store pays where reading hurts; a log pays where the past is asked
for. Where none of this is so, forms with a version column are smaller, and enough."""


def buy(shop: Shop, order: str, user: str, *skus: str) -> None:
    """Have a user place an order for one piece of each product."""
    shop.send(CreateOrder(order, user))
    for sku in skus:
        shop.send(AddOrderItem(order, sku, 1))
    shop.send(PlaceOrder(order))


def fill(shop: Shop) -> None:
    """Put two customers and two products into a shop."""
    shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    shop.send(CreateUser("grace", "Grace Hopper", "grace@example.org"))
    shop.send(AddProduct("mug", "Mug", 1200, 50))
    shop.send(AddProduct("tea", "Tea", 500, 50))


# 1. Count the copies


def starter_documents_touched(shop: Shop, command: object) -> int:
    shop.send(command)
    return len(shop.documents())


def solution_documents_touched(shop: Shop, command: object) -> int:
    shop.deliver()
    before = shop.documents()
    shop.send(command)
    shop.deliver()
    after = shop.documents()
    pages = [name for name in after if "." not in name]
    return sum(document not in before[name] for name in pages for document in after[name])


Count = Callable[[Shop, object], Any]
CHANGED = "look-ups left out, the number of documents changed"
NEW_OR_CHANGED = "look-ups left out, the number of documents new or changed"


def a_shop_up_to_date(trial: Trial, *buyers: str) -> Shop:
    """Return a shop in which each of these users has bought a mug (o-1, o-2 ...), delivered."""
    shop = trial.shop("two-stores")
    fill(shop)
    for n, user_id in enumerate(buyers, start=1):
        buy(shop, f"o-{n}", user_id, "mug")
    shop.deliver()
    return shop


def copies_of_a_name(count: Count, trial: Trial) -> None:
    shop = a_shop_up_to_date(trial, "ada", "ada", "ada")
    trial.does("a user with three orders is renamed")
    # her profile, three orders, three lines of the history
    trial.equal(7, count(shop, RenameUser("ada", "Ada King")), CHANGED)


def fewer_copies_of_a_name(count: Count, trial: Trial) -> None:
    shop = a_shop_up_to_date(trial, "grace")
    trial.does("a user with one order is renamed")
    trial.equal(3, count(shop, RenameUser("grace", "Grace Murray Hopper")), CHANGED)
    trial.does("a user who has ordered nothing is renamed")
    trial.equal(1, count(shop, RenameUser("ada", "Ada King")), CHANGED)


def new_documents_count_too(count: Count, trial: Trial) -> None:
    shop = a_shop_up_to_date(trial)
    for name in ("Zoe", "Bea"):
        trial.does(f"{name} signs up, and has a profile from now on")
        command = CreateUser(name.lower(), name, f"{name.lower()}@example.org")
        trial.equal(1, count(shop, command), NEW_OR_CHANGED)


def an_order_on_two_pages(count: Count, trial: Trial) -> None:
    shop = a_shop_up_to_date(trial, "ada")
    trial.does("an order is shipped, which its own page and the history say")
    trial.equal(2, count(shop, ShipOrder("o-1")), CHANGED)


def what_waited_does_not_count(count: Count, trial: Trial) -> None:
    shop = a_shop_up_to_date(trial)
    shop.send(Restock("tea", 5))
    trial.does("mugs are restocked while an older event still waits")
    trial.equal(1, count(shop, Restock("mug", 5)), "the number of documents that Restock changed")


def no_copies_no_cost(count: Count, trial: Trial) -> None:
    shop = trial.shop("one-database")
    fill(shop)
    trial.does("a user is renamed in a shop with one database")
    trial.equal(0, count(shop, RenameUser("ada", "Ada King")), CHANGED)


COUNT_THE_COPIES = Exercise(
    name="06-count-the-copies",
    lesson="06",
    title="Count the copies",
    task=(
        "Write documents_touched(shop, command): send the command, and return how many documents "
        "are new or different once its events have been delivered. Events that waited before are "
        "not the command's doing. Projections keep look-ups beside their documents, under names "
        "with a dot such as 'orders.users'. No page shows them: leave them out."
    ),
    minutes=5,
    core=True,
    starter=starter_documents_touched,
    solution=solution_documents_touched,
    hints=(
        "shop.documents() shows all documents as they are now: {projection: [document, ...]}, and "
        "look-ups as {'projection.look-up': [...]}.",
        "Deliver what waits, look, send, deliver, look again, and compare the two looks.",
        "Count each document of the second look that is not in the first look's list of the same "
        "projection. Pass over the names with a dot: if '.' not in name.",
    ),
    cases=(
        copies_of_a_name,
        what_waited_does_not_count,
        fewer_copies_of_a_name,
        new_documents_count_too,
        an_order_on_two_pages,
        no_copies_no_cost,
    ),
)


# 2. Choose a rung


def starter_choose(needs: set[str]) -> str:
    return "event-sourced"


def solution_choose(needs: set[str]) -> str:
    if "history" in needs:
        return "event-sourced"
    if "pages of their own" in needs and "always current" not in needs:
        return "two-stores"
    return "one-database" if "rules" in needs else "crud"


Choose = Callable[[set[str]], Any]


def chosen(choose: Choose, trial: Trial, *needs: str) -> Shop:
    """Open the rung that was chosen, or fail if it is none."""
    rung = trial.call(choose, set(needs))
    trial.expect(rung in LADDER, f"{rung!r} is no rung; there are {', '.join(LADDER)}")
    shop = trial.shop(rung)
    fill(shop)
    return shop


def no_more_than(shop: Shop, trial: Trial, enough: str) -> None:
    """Fail if the rung has more than what is needed."""
    rungs = list(LADDER)
    more = rungs.index(shop.architecture) > rungs.index(enough)
    told = f"{shop.architecture} does it, and so does {enough}, with fewer parts to run and know"
    trial.expect(not more, told)


def nothing_special(choose: Choose, trial: Trial) -> None:
    trial.does("nothing special is needed")
    no_more_than(chosen(choose, trial), trial, "crud")


def rules_that_hold(choose: Choose, trial: Trial) -> None:
    trial.does("many rules decide, whoever edits")
    shop = chosen(choose, trial, "rules")
    shop.send(CreateOrder("o-1", "ada"))
    if shop.architecture == "crud":
        row = shop.crud.load("orders", "o-1")
        shop.crud.save("orders", {**row, "status": "shipped"})
        trial.expect(False, "somebody has saved a form that ships an empty order")
    trial.refuses(EmptyOrder, lambda: shop.send(PlaceOrder("o-1")), "an empty order was placed")
    no_more_than(shop, trial, "one-database")


def rules_and_nothing_old(choose: Choose, trial: Trial) -> None:
    trial.does("many rules decide, and staff must see the newest stock")
    shop = chosen(choose, trial, "rules", "always current")
    nothing_is_old(shop, trial)
    trial.expect(shop.architecture != "crud", "a form can save what no rule allows")


def nothing_is_old(shop: Shop, trial: Trial) -> None:
    shop.deliver()
    shop.send(Restock("mug", 5))
    stock = shop.ask(GetCatalogue())[0].stock
    trial.equal(55, stock, "the stock of mugs that staff see right after 5 were added to 50")


def pages_of_their_own(choose: Choose, trial: Trial) -> None:
    trial.does("readers need pages of their own, without joins")
    shop = chosen(choose, trial, "rules", "pages of their own")
    shop.deliver()
    told = f"{shop.architecture} keeps no documents: every page is joined from the tables"
    trial.expect(shop.documents(), told)
    no_more_than(shop, trial, "two-stores")


def pages_that_may_not_be_old(choose: Choose, trial: Trial) -> None:
    trial.does("many rules decide, and pages must be quick and never old")
    shop = chosen(choose, trial, "rules", "pages of their own", "always current")
    nothing_is_old(shop, trial)
    no_more_than(shop, trial, "one-database")
    trial.expect(shop.architecture != "crud", "a form can save what no rule allows")


def what_was_last_week(choose: Choose, trial: Trial) -> None:
    trial.does("an auditor asks what was so last week")
    for needs in (("rules", "history", "pages of their own"), ("history",)):
        shop = chosen(choose, trial, *needs)
        shop.send(RenameUser("ada", "Ada King"))
        told = f"{shop.architecture} cannot be relied on for that"
        trial.expect(shop.architecture == "event-sourced", f"{told}{_why_no_past(shop)}")


def history_comes_first(choose: Choose, trial: Trial) -> None:
    trial.does("an auditor asks what was so last week, and staff want the newest stock")
    for needs in (("history", "always current"), ("rules", "history", "always current")):
        shop = chosen(choose, trial, *needs)
        told = f"{shop.architecture} cannot be relied on for last week, and history comes first: "
        told += "what was not kept cannot be had later"
        trial.expect(shop.architecture == "event-sourced", told)


def nothing_but_new(choose: Choose, trial: Trial) -> None:
    trial.does("few rules, and staff must see the newest stock")
    shop = chosen(choose, trial, "always current")
    nothing_is_old(shop, trial)
    no_more_than(shop, trial, "crud")


def _why_no_past(shop: Shop) -> str:
    try:
        shop.at(1).close()
    except ShopError as error:
        return f": {error}"
    return ": its outbox is there to be emptied, and its tables know today alone"


CHOOSE_A_RUNG = Exercise(
    name="06-choose-a-rung",
    lesson="06",
    title="Choose a rung",
    task=(
        "Write choose(needs): it returns the smallest rung that is enough. needs is a set that may "
        "hold 'history' (what happened is worth as much as what is now: only a log that is kept "
        "will do), 'rules' (many rules decide, or many people edit different things of one record "
        "at once: only commands will do), 'pages of their own' (on top of rules: reads and writes "
        "differ so much that one store hurts) and 'always current' (no answer may be old, which "
        "forbids 'two-stores'; history comes before that)."
    ),
    minutes=5,
    core=True,
    starter=starter_choose,
    solution=solution_choose,
    hints=(
        "Go up the ladder from the bottom. What is the first need that rung 1 cannot meet?",
        "Rules: rung 2. Pages of their own: rung 3, unless 'always current' takes it away. "
        "History: rung 4, whatever else is needed. Several needs: the highest.",
        "Ask for the highest first: if 'history' in needs return 'event-sourced'; then for pages "
        "of their own that may be old; and so on down.",
    ),
    cases=(
        nothing_special,
        rules_that_hold,
        rules_and_nothing_old,
        pages_of_their_own,
        pages_that_may_not_be_old,
        what_was_last_week,
        history_comes_first,
        nothing_but_new,
    ),
)


# 3. Find the bug in a measurement


def starter_ratio(
    first: Callable[[], object],
    second: Callable[[], object],
    clock: Callable[[], float],
    repeats: int,
) -> float:
    start = clock()
    for _ in range(repeats):
        first()
    middle = clock()
    for _ in range(repeats):
        second()
    return (middle - start) / (clock() - middle)


def solution_ratio(
    first: Callable[[], object],
    second: Callable[[], object],
    clock: Callable[[], float],
    repeats: int,
) -> float:
    def timed(action: Callable[[], object]) -> float:
        start = clock()
        action()
        return clock() - start

    return median(timed(first) / timed(second) for _ in range(repeats))


@dataclass
class Machine:
    """A machine with a clock of its own: what an action takes on it is written down here."""

    seconds: float = 0.0
    calls: list[str] = field(default_factory=list)
    slower_after: int = 10**9  # calls; from then on everything takes three times as long
    hiccup_at: int = -1  # the call that takes a thousand times as long

    def clock(self) -> float:
        return self.seconds

    def action(self, name: str, takes: float, work: Callable[[], object]) -> Callable[[], object]:
        def act() -> object:
            n = len(self.calls)
            self.calls.append(name)
            hiccup = 1000 if n == self.hiccup_at else 1
            self.seconds += takes * hiccup * (3 if n >= self.slower_after else 1)
            return work()

        return act


Ratio = Callable[..., Any]


def measure(
    ratio: Ratio, trial: Trial, machine: Machine, scene: str, documents_first: bool = False
) -> None:
    """Joins take twice as long as documents, on any machine, whatever happens to it meanwhile."""
    tables, documents = trial.shop("one-database"), trial.shop("two-stores")
    for shop in (tables, documents):
        fill(shop)
        shop.deliver()
    trial.does(scene)
    joins = machine.action("joins", 2.0, lambda: tables.ask(GetOrderHistory("ada")))
    look_up = machine.action("documents", 1.0, lambda: documents.ask(GetOrderHistory("ada")))
    pair = (look_up, joins) if documents_first else (joins, look_up)
    got = ratio(*pair, machine.clock, 9)
    trial.expect(
        isinstance(got, int | float), f"it should return a number, and gave {in_short(got)}"
    )
    for name in ("joins", "documents"):
        count = machine.calls.count(name)
        trial.expect(count >= 9, f"9 repeats were asked for, and {name} ran {count} times")
    true, told = 2.0, "joins take twice as long as documents"
    if documents_first:
        true, told = 0.5, "documents take half as long as joins"
    told = f"{told}, and the ratio came out as {got:.2f}"
    trial.expect(0.9 * true <= got <= 1.1 * true, told)


def on_a_calm_machine(ratio: Ratio, trial: Trial) -> None:
    measure(ratio, trial, Machine(), "both are measured on a calm machine")


def the_other_way_round(ratio: Ratio, trial: Trial) -> None:
    scene = "both are measured on a calm machine, and the documents come first"
    measure(ratio, trial, Machine(), scene, documents_first=True)


def on_a_machine_that_gets_slow(ratio: Ratio, trial: Trial) -> None:
    scene = "both are measured, and halfway the machine gets three times slower"
    measure(ratio, trial, Machine(slower_after=8), scene)


def on_a_machine_with_a_hiccup(ratio: Ratio, trial: Trial) -> None:
    scene = "both are measured, and one single call takes a thousand times as long"
    measure(ratio, trial, Machine(hiccup_at=7), scene)


MEASURE_FAIRLY = Exercise(
    name="06-find-the-unfair-clock",
    lesson="06",
    title="Find the unfair measurement",
    task=(
        "This function says how many times as long first takes as second; clock tells the "
        "time. On a calm machine it is right. On a real one, which gets slower for a while or "
        "stumbles once, it is wrong. Mend it, so that neither can decide who wins. Every call "
        "goes through the functions that you are given, each as often as repeats says."
    ),
    minutes=10,
    finds_bug=True,
    starter=starter_ratio,
    solution=solution_ratio,
    hints=(
        "All of one ran before any of the other. What if somebody started a backup in between?",
        "Take turns: first, second, first, second. And which average does one huge number not "
        "move?",
        "Time each call on its own, in turns, and take the ratio of each pair; then the median of "
        "all ratios, with median from the module statistics.",
    ),
    cases=(
        on_a_calm_machine,
        the_other_way_round,
        on_a_machine_that_gets_slow,
        on_a_machine_with_a_hiccup,
    ),
)


# 4. A question that nobody had planned for


def starter_buyers_of(shop: Shop, sku: str) -> list[str]:
    return []


def solution_buyers_of(shop: Shop, sku: str) -> list[str]:
    sold = [each for each in shop.documents()["orders"] if each["status"] in ("placed", "shipped")]
    return sorted(
        {order["user_id"] for order in sold if any(line["sku"] == sku for line in order["lines"])}
    )


Buyers = Callable[[Shop, str], Any]


def a_shop_with_buyers(trial: Trial) -> Shop:
    shop = trial.shop("two-stores")
    fill(shop)
    buy(shop, "o-1", "grace", "mug", "tea")
    buy(shop, "o-2", "ada", "mug")
    return shop


def each_buyer_once(buyers_of: Buyers, trial: Trial) -> None:
    shop = a_shop_with_buyers(trial)
    trial.does("Ada buys a mug twice, and Grace a mug and tea")
    buy(shop, "o-3", "ada", "mug")
    shop.deliver()
    trial.equal(["ada", "grace"], buyers_of(shop, "mug"), "the list of those who bought a mug")
    trial.equal(["grace"], buyers_of(shop, "tea"), "the list of those who bought tea")


def a_draft_is_no_purchase(buyers_of: Buyers, trial: Trial) -> None:
    shop = a_shop_with_buyers(trial)
    trial.does("Ada has put tea into a draft")
    shop.send(CreateOrder("o-4", "ada"))
    shop.send(AddOrderItem("o-4", "tea", 1))
    shop.deliver()
    trial.equal(["grace"], buyers_of(shop, "tea"), "the list of those who bought tea")


def cancelled_and_shipped(buyers_of: Buyers, trial: Trial) -> None:
    shop = a_shop_with_buyers(trial)
    trial.does("Grace's order is cancelled, and Ada's shipped")
    shop.send(CancelOrder("o-1", "changed her mind"))
    shop.send(ShipOrder("o-2"))
    shop.deliver()
    trial.equal(["ada"], buyers_of(shop, "mug"), "the list of those who bought a mug")


def the_documents_are_asked(buyers_of: Buyers, trial: Trial) -> None:
    shop = a_shop_with_buyers(trial)
    shop.deliver()
    trial.does("Ada has bought tea a moment ago, and the event waits")
    buy(shop, "o-5", "ada", "tea")
    waiting = shop.staleness
    found = buyers_of(shop, "tea")
    told = "your function has delivered what waited, and nobody has asked for a delivery. A "
    told += "question changes nothing: answer what the documents say now"
    trial.expect(shop.staleness == waiting, told)
    told = "Ada is in the list, and the documents have not heard of it yet: the answer comes from "
    told += "elsewhere, such as the tables. Look at shop.documents()['orders'] alone"
    trial.expect(found != ["ada", "grace"], told)
    trial.equal(["grace"], found, "the list of those who bought tea, as far as documents know")


WHO_BOUGHT_IT = Exercise(
    name="06-who-bought-it",
    lesson="06",
    title="A question that nobody had planned for",
    task=(
        "Who bought this product? No read model was made for that. Write buyers_of(shop, sku): the "
        "ids of the users with an order for it that is placed or shipped, sorted, each once. You "
        "are on the read side, whose store has no tables: look at shop.documents()['orders'] "
        "alone, at all of them, as they are now."
    ),
    minutes=10,
    starter=starter_buyers_of,
    solution=solution_buyers_of,
    hints=(
        "Look at one of shop.documents()['orders'] in a cell. What does it hold?",
        "Go through all orders, and keep those with the right status and a line for the product. "
        "In SQL it would be one join with an index; here everything is read.",
        "A set comprehension makes each user appear once; sorted(...) makes a list of it.",
    ),
    cases=(each_buyer_once, a_draft_is_no_purchase, cancelled_and_shipped, the_documents_are_asked),
)

EXERCISES = (COUNT_THE_COPIES, CHOOSE_A_RUNG, MEASURE_FAIRLY, WHO_BOUGHT_IT)
