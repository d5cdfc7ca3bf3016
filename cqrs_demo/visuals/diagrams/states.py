"""What may happen to an order, found by asking the aggregate itself."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ...domain.errors import CommandRejected
from ...domain.events import Event
from ...domain.order import Order
from ...domain.product import Product
from ..diagram import Diagram
from ..drawing.engine import arranged
from ..drawing.mermaid import described, quoted
from ..drawing.scene import Link, Node, Scene

_TEA = Product("tea", "Earl Grey", 920, 12, version=1)
# What the commands ask of an order. The second address differs, as the same one changes nothing.
ATTEMPTS: dict[str, Callable[[Order], list[Event]]] = {
    "AddOrderItem": lambda order: order.add_item(_TEA, 1),
    "RemoveOrderItem": lambda order: order.remove_item("tea"),
    "ChangeShippingAddress": lambda order: order.change_address(f"not {order.shipping_address}"),
    "PlaceOrder": lambda order: order.place(),
    "ShipOrder": lambda order: order.ship(),
    "CancelOrder": lambda order: order.cancel("too late"),
}


class Transition(NamedTuple):
    command: str
    before: str
    after: str


def transitions() -> list[Transition]:
    """Try every command on an order in every status it can get into, from its first on."""
    found: list[Transition] = []
    waiting = [[*_created(), *_with_a_line()]]
    seen: set[str] = set()
    while waiting:
        history = waiting.pop(0)
        before = _replayed(history).status
        if before in seen:
            continue
        seen.add(before)
        for command, attempt in ATTEMPTS.items():
            try:
                events = attempt(_replayed(history))
            except CommandRejected:
                continue
            after = _replayed([*history, *events]).status
            found.append(Transition(command, before, after))
            waiting.append([*history, *events])
    return found


def _created() -> list[Event]:
    return Order("o-7").create("ada")


def _with_a_line() -> list[Event]:
    return _replayed(_created()).add_item(_TEA, 2)


def _replayed(history: Iterable[Event]) -> Order:
    order = Order("o-7")
    for event in history:
        order.apply(event)
    return order


def life_cycle() -> Diagram:
    """The states of an order, and the commands that lead from one to the next."""
    steps = transitions()
    first = steps[0].before
    states = list(dict.fromkeys([first, *(state for step in steps for state in step[1:])]))
    labels = _labels(steps)
    nodes = [Node("start", "", "neutral", "start", w=22, h=22, solid=True)]
    nodes += [_state(state, steps) for state in states]
    links = [Link("start", first, "", label="CreateOrder")]
    links += [
        Link(before, after, "", label=", ".join(commands))
        for (before, after), commands in labels.items()
        if before != after
    ]
    return Diagram(
        "life-cycle",
        "The life cycle of an order",
        "What may happen to an order, and when?",
        _alt(first, steps),
        Scene(0, 0, tuple(nodes), tuple(links), pinned=False),
        arranged,
        _state_diagram(first, steps),
    )


def _labels(steps: list[Transition]) -> dict[tuple[str, str], list[str]]:
    labels: dict[tuple[str, str], list[str]] = {}
    for step in steps:
        labels.setdefault((step.before, step.after), []).append(step.command)
    return labels


def _state(state: str, steps: list[Transition]) -> Node:
    """Return a state; what may happen within it stands inside, so that no line runs in circles."""
    stays = [step.command for step in steps if step.before == state == step.after]
    rows = tuple((command, "") for command in stays)
    if rows:
        return Node(state, state, "aggregate", "table", w=226, h=36 + 20 * len(rows),
                    sub="meanwhile", rows=rows)  # fmt: skip
    is_end = all(step.before != state for step in steps)
    return Node(state, state, "aggregate", "pill", w=130, h=52, sub="the end" if is_end else "")


def _alt(first: str, steps: list[Transition]) -> str:
    moves = [
        f"{s.command} leads from {s.before} to {s.after}" for s in steps if s.before != s.after
    ]
    stays = [f"{s.command} in {s.before}" for s in steps if s.before == s.after]
    return f"An order begins as {first}. {'; '.join(moves)}. Without leaving: {', '.join(stays)}."


def _state_diagram(first: str, steps: list[Transition]) -> str:
    lines = ["stateDiagram-v2", *described("The life cycle of an order", _alt(first, steps))]
    lines += ["  direction LR", f"  [*] --> {first}: CreateOrder"]
    for (before, after), commands in _labels(steps).items():
        lines.append(f"  {before} --> {after}: {quoted(', '.join(commands))}")
    ends = {s.after for s in steps} - {s.before for s in steps}
    lines += [f"  {state} --> [*]" for state in sorted(ends)]
    return "\n".join(lines) + "\n"
