"""What a screen can do while its documents are old: four ways, and what the client sees of each.

    film(wait_with_after, lag=0.4)

Ada has an order, looks at its page and sends another shipping address. The documents hear of it
`lag` seconds later. A way is a plain function of the shop, the screen and the command; whoever
wants another one writes it and films it. Every film is a real run, and its times are measured.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .. import (
    AddOrderItem,
    AddProduct,
    ChangeShippingAddress,
    CreateOrder,
    CreateUser,
    GetOrder,
    OrderView,
    PlaceOrder,
    Shop,
    StillStale,
    open_shop,
)
from ..domain.errors import InvalidMessage
from ..hops import Hop

ORDER, OLD_ADDRESS, NEW_ADDRESS = "o-1", "2 Mill Lane", "9 Castle Hill"
PATIENCE = 1.5  # how long a person is made to wait, in seconds
LOOK_AGAIN = 0.1  # between two looks, in seconds
MOST_LOOKS = 20
LONGEST_LAG = 10.0  # in seconds: a lesson should go on


@dataclass(frozen=True)
class Moment:
    """What stands on the screen from `at` on, in seconds after the command was sent.

    `state` is what an onlooker knows of it, and the person before the screen does not: "before",
    "old", "own" (what the client itself has sent) or "current". `is_opened_again` says that nothing
    brought it there but a second visit.
    """

    at: float
    order: OrderView
    notice: str
    state: str
    is_opened_again: bool = False


@dataclass
class Screen:
    """The client's screen: it shows an order and perhaps a notice, and remembers what it showed."""

    order: OrderView
    command: ChangeShippingAddress
    clock: Callable[[], float] = time.perf_counter
    pause: Callable[[float], None] = time.sleep
    moments: list[Moment] = field(default_factory=list)
    began: float = 0.0

    def __post_init__(self) -> None:
        self.began = self.clock()
        self.moments.append(Moment(0.0, self.order, "", "before"))

    def shows(self, order: OrderView, notice: str = "", is_opened_again: bool = False) -> None:
        """Put an order on the screen, with a notice under it."""
        has_it = order.shipping_address == self.command.address
        is_own = has_it and order.version == self.order.version
        state = "own" if is_own else "current" if has_it else "old"
        if not is_own:
            self.order = order
        self._remember(Moment(self._now(), order, notice, state, is_opened_again))

    def says(self, notice: str) -> None:
        """Leave the order as it is, and put another notice under it."""
        shown = self.moments[-1]
        state = "old" if shown.state == "before" else shown.state
        self._remember(replace(shown, at=self._now(), notice=notice, state=state))

    def _now(self) -> float:
        return self.clock() - self.began

    def _remember(self, moment: Moment) -> None:
        if replace(moment, at=self.moments[-1].at) != self.moments[-1]:  # else nobody sees it
            self.moments.append(moment)


Way = Callable[[Shop, Screen, ChangeShippingAddress], None]


# What everybody writes first, and the four ways out.


def ask_at_once(shop: Shop, screen: Screen, command: ChangeShippingAddress) -> None:
    """Ask at once, and show what comes"""
    shop.send(command)
    screen.shows(shop.ask(GetOrder(command.order_id)))


def show_own_data(shop: Shop, screen: Screen, command: ChangeShippingAddress) -> None:
    """Show the command's own data"""
    shop.send(command)  # it was accepted, so what it says is true
    screen.shows(replace(screen.order, shipping_address=command.address))


def wait_with_after(shop: Shop, screen: Screen, command: ChangeShippingAddress) -> None:
    """Wait with after="""
    shop.send(command)
    screen.says("Saving …")
    try:
        order = shop.ask(GetOrder(command.order_id), after=shop.position, timeout=PATIENCE)
    except StillStale:
        screen.says("Saved. It takes longer than usual to show.")
    else:
        screen.shows(order)


def say_being_prepared(shop: Shop, screen: Screen, command: ChangeShippingAddress) -> None:
    """Say that it is being prepared"""
    shop.send(command)
    screen.shows(shop.ask(GetOrder(command.order_id)), "Saved. This page is being prepared.")


def poll(shop: Shop, screen: Screen, command: ChangeShippingAddress) -> None:
    """Poll: ask again and again"""
    shop.send(command)
    for _ in range(MOST_LOOKS):
        order = shop.ask(GetOrder(command.order_id))
        if order.shipping_address == command.address:
            screen.shows(order)
            return
        screen.shows(order, "Saved. Looking again …")
        screen.pause(LOOK_AGAIN)
    screen.says("Saved. Look again later.")


FOUR_WAYS: tuple[Way, ...] = (show_own_data, wait_with_after, say_being_prepared, poll)


@dataclass(frozen=True)
class Film:
    """What a client saw, moment by moment, after saving an address.

    `caught_up` is when the documents had heard, in seconds; `queries` counts how often the shop was
    asked meanwhile. Displaying it draws the screens.
    """

    title: str
    address: str
    moments: tuple[Moment, ...]
    queries: int
    caught_up: float

    def _repr_html_(self) -> str:
        from .screen_drawing import to_html  # noqa: PLC0415 - it needs pandas

        return to_html(self)

    def __repr__(self) -> str:
        from .screen_drawing import to_text  # noqa: PLC0415

        return to_text(self)


def film(way: Way, lag: float = 0.4) -> Film:
    """Open a shop that delivers in the background, have a way work on it, and film the screen.

    Raises InvalidMessage for a lag that is no number of seconds from 0 to 10.
    """
    if type(lag) not in (int, float) or not 0 <= lag <= LONGEST_LAG:
        raise InvalidMessage("lag", f"must be a number of seconds, from 0 to {LONGEST_LAG:g}")
    with open_shop("two-stores", delivery="background", lag=lag) as shop:
        prepare(shop)
        return act(way, shop)


def prepare(shop: Shop) -> None:
    """Have Ada place an order, and see to it that the documents know."""
    shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    shop.send(AddProduct("mug", "Mug", price_cents=1200, stock=3))
    shop.send(CreateOrder(ORDER, "ada"))
    shop.send(AddOrderItem(ORDER, "mug", quantity=2))
    shop.send(ChangeShippingAddress(ORDER, OLD_ADDRESS))
    shop.send(PlaceOrder(ORDER))
    shop.deliver()


def act(
    way: Way,
    shop: Shop,
    clock: Callable[[], float] = time.perf_counter,
    pause: Callable[[float], None] = time.sleep,
) -> Film:
    """Have a way change the address in a shop that was prepared. At the end Ada, if she has not
    seen her change confirmed, opens the page once more."""
    command = ChangeShippingAddress(ORDER, NEW_ADDRESS)
    screen = Screen(shop.ask(GetOrder(ORDER)), command, clock, pause)
    watch = _Watch(clock)
    shop.hops.listeners.append(watch.hear)
    try:
        way(shop, screen, command)
        queries = watch.queries
        _wait_until_heard(shop)
    finally:
        shop.hops.listeners.remove(watch.hear)
    if screen.moments[-1].state != "current":
        pause(LOOK_AGAIN)
        screen.shows(shop.ask(GetOrder(ORDER)), is_opened_again=True)
    title = (way.__doc__ or way.__name__).strip().splitlines()[0]
    return Film(
        title, command.address, tuple(screen.moments), queries, watch.caught_up - screen.began
    )


def _wait_until_heard(shop: Shop) -> None:
    if shop.options.delivery == "manual":
        shop.deliver()
    shop.ask(GetOrder(ORDER), after=shop.position, timeout=LONGEST_LAG + PATIENCE)


@dataclass
class _Watch:
    """Counts queries, and notes when the documents that serve the page were committed."""

    clock: Callable[[], float]
    queries: int = 0
    caught_up: float = 0.0
    is_saved: bool = False

    def hear(self, hop: Hop) -> None:
        match hop.kind, hop.target:
            case "query", _:
                self.queries += 1
            case "save", "read_store":
                self.is_saved = True
            case "commit", "read_store" if self.is_saved:
                self.caught_up, self.is_saved = self.clock(), False
