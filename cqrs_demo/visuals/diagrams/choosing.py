"""When to use CQRS, and how much of it: a few questions that end in a rung."""

from dataclasses import dataclass

from ...ladder import LADDER
from ..diagram import Diagram
from ..drawing.scene import Link, Node, Scene


@dataclass(frozen=True)
class Question:
    """A question; whoever gives the answer `ends` is done, and takes the rung."""

    id: str
    text: str
    ends: str  # "yes" or "no"
    rung: str

    @property
    def goes_on(self) -> str:
        return "no" if self.ends == "yes" else "yes"


# History comes first, since what was not kept cannot be had later.
QUESTIONS = (
    Question("history", "Is what happened worth as much as what is now?", "yes", "event-sourced"),
    Question(
        "rules", "Do many rules decide, or do many people edit different parts of a record?",
        "no", "crud",
    ),
    Question("old", "May an answer be a moment old?", "no", "one-database"),
    Question(
        "load", "Do reads and writes differ so much in load or shape that one store hurts?",
        "no", "one-database",
    ),
)  # fmt: skip
LAST = "two-stores"  # for those whom no answer has ended
SUITS = {
    "crud": "simple forms, a version column: smaller, and enough",
    "one-database": "complex rules, collaboration, strong consistency",
    "two-stores": "many readers, pages of their own",
    "event-sourced": "audit, undo, new answers from old facts",
}
_X, _LEAF_X, _W, _LEAF_W = 180, 640, 360, 360
_STEP, _H = 108, 72


def choice() -> Diagram:
    """A decision tree; after history, nothing is added that nobody has asked for."""
    nodes, links = [], []
    for n, question in enumerate(QUESTIONS):
        nodes.append(
            Node(question.id, question.text, "read", "diamond", _X, 36 + n * _STEP, _W, _H)
        )
    leaves = _leaves()
    nodes += [_leaf(rung, rows) for rung, rows in leaves.items()]
    for n, question in enumerate(QUESTIONS):
        y = 36 + n * _STEP
        across = f"M {_X + _W / 2} {y} H {_LEAF_X - _LEAF_W / 2 - 2}"
        links.append(Link(question.id, question.rung, across, label=question.ends, at=(408, y - 8)))
        if n + 1 < len(QUESTIONS):
            down = f"M {_X} {y + 36} V {y + _STEP - 38}"
            links.append(Link(question.id, QUESTIONS[n + 1].id, down, label=question.goes_on,
                              at=(_X + 10, y + 58), anchor="start"))  # fmt: skip
    last = 36 + (len(QUESTIONS) - 1) * _STEP
    turn = f"M {_X} {last + 36} V {last + _STEP} H {_LEAF_X - _LEAF_W / 2 - 2}"
    links.append(Link(QUESTIONS[-1].id, LAST, turn, label=QUESTIONS[-1].goes_on,
                      at=(_X + 10, last + 58), anchor="start"))  # fmt: skip
    scene = Scene(_LEAF_X + _LEAF_W / 2, 72 + len(QUESTIONS) * _STEP, tuple(nodes), tuple(links),
                  direction="TB")  # fmt: skip
    return Diagram(
        "when", "When to use CQRS, and how much of it", "Which rung is enough?", _alt(), scene
    )


def _leaves() -> dict[str, list[int]]:
    """Return which rows a rung's box stands beside."""
    leaves: dict[str, list[int]] = {}
    for n, question in enumerate(QUESTIONS):
        leaves.setdefault(question.rung, []).append(n)
    return {**leaves, LAST: [len(QUESTIONS)]}


def _leaf(rung: str, rows: list[int]) -> Node:
    middle = 36 + _STEP * sum(rows) / len(rows)
    high = _H - 8 + _STEP * (len(rows) - 1)
    number = list(LADDER).index(rung) + 1
    role = {"crud": "neutral", "one-database": "command", "two-stores": "event"}.get(rung)
    return Node(rung, f"Rung {number}: {rung}", role or "aggregate", "box", _LEAF_X, middle,
                _LEAF_W, high, sub=SUITS[rung], size=17)  # fmt: skip


def _alt() -> str:
    told = []
    for question in QUESTIONS:
        end = f"{question.ends.capitalize()}: rung {question.rung}, {SUITS[question.rung]}."
        told.append(f"{question.text} {end} {question.goes_on.capitalize()}:")
    return f"{' '.join(told)} rung {LAST}, {SUITS[LAST]}."
