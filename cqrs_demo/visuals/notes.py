"""A note about CQRS, ready to be kept among one's own: pictures, code, a contrast, words.

It is Markdown that GitHub, Obsidian and plain viewers show alike. Pictures lie beside it, and a
reader that draws Mermaid finds the same pictures as text.
"""

from pathlib import Path

from .. import minimal
from .contrast import CONTRAST, Row
from .diagram import Diagram
from .files import marked, write_all
from .gallery import drawn, files_of, in_markdown

NOTE = "cqrs.md"
PICTURES = ("one-glance", "crud-beside-cqrs", "when", "ladder", "eventual-consistency", "outbox")


def write_notes(folder: Path, force: bool = False) -> list[str]:
    """Write the note and its pictures; return the names of the files. Raises ShopError."""
    pictures = drawn(PICTURES)
    files = files_of(pictures, ("svg",))
    files[NOTE] = marked(NOTE, note(pictures).encode())
    write_all(folder, files, force)
    return list(files)


def note(pictures: list[Diagram]) -> str:
    """Return the whole note."""
    shown = {diagram.name: diagram for diagram in pictures}
    parts = [
        _FRONT,
        _OPENING,
        _picture(shown["one-glance"], with_mermaid=True),
        _CODE.format(minimal=Path(minimal.__file__).read_text(encoding="utf-8").strip()),
        "## CQRS and CRUD\n",
        _picture(shown["crud-beside-cqrs"]),
        contrast_table(),
        "## When to use it\n",
        _picture(shown["when"], with_mermaid=True),
        _CASES,
        "## How much of it\n",
        _picture(shown["ladder"]),
        _LADDER,
        "## Answers may be old\n",
        _picture(shown["eventual-consistency"]),
        _STALE,
        "## Nothing is lost\n",
        _picture(shown["outbox"]),
        _glossary(),
        _REFERENCES,
    ]
    return "\n".join(parts)


def _picture(diagram: Diagram, with_mermaid: bool = False) -> str:
    text = f"![{in_markdown(diagram.alt)}]({diagram.name}.svg)\n\n*{diagram.caption}*\n"
    if with_mermaid:
        text += f"\nThe same as Mermaid:\n\n```mermaid\n{diagram.mermaid}```\n"
    return text


def contrast_table() -> str:
    """Return the contrast as a Markdown table; the better side of a row is set in bold."""
    head = "| concern | CRUD | CQRS | seen in |\n|---|---|---|---|\n"
    return head + "".join(map(_row, CONTRAST)) + "\n" + _UNDER_TABLE


def _row(row: Row) -> str:
    crud = f"**{row.crud}**" if row.better == "CRUD" else row.crud
    cqrs = f"**{row.cqrs}**" if row.better == "CQRS" else row.cqrs
    seen = ", ".join(filter(None, (f"`{row.seen}`", row.also)))
    return f"| {row.concern} | {crud} | {cqrs} | {seen} |\n"


def _glossary() -> str:
    return "## Words\n\n" + "".join(f"- **{word}**: {meaning}\n" for word, meaning in GLOSSARY)


GLOSSARY = (
    ("command", "an instruction in the imperative; it returns no data and may be refused"),
    ("command handler", "the one function that carries a command out, in one transaction"),
    ("aggregate", "what is consistent at any moment; it holds the rules, and decides"),
    ("event", "a fact in the past tense; it never changes and nobody can refuse it"),
    ("write model", "what the rules need, in the form in which they need it"),
    ("outbox", "events stored in the same transaction as the change they tell of"),
    ("relay", "moves events from the outbox to the bus, again if need be"),
    ("event bus", "carries events to whoever wants to hear of them"),
    ("projection", "applies events to keep one read model up to date"),
    ("checkpoint", "the position of the last event a projection has seen"),
    ("read model", "answers in the form in which they are asked for"),
    ("query", "a question; it changes nothing"),
    ("staleness", "by how many events an answer is behind"),
    ("replay", "applying old events again, to make a read model anew"),
    ("snapshot", "an aggregate as it was at some version, so that less must be folded"),
)

_FRONT = """\
---
title: CQRS, command query responsibility segregation
tags: [architecture, cqrs, crud, event-sourcing, ddd]
---
"""
_OPENING = """\
# CQRS

CQRS uses one model to *decide* and another one to *answer*: what changes data (a command) and what
asks about it (a query) go separate ways. It needs neither two databases nor event sourcing; both
are further steps, which one may take or leave.

## Commands and queries apart
"""
_CODE = """\
## The whole of it in one screen

```python
{minimal}
```

prints

```text
asked too early: {{}}
asked again:     {{'sold': 2, 'last_order': 'order-1'}}
refused:         only 1 left
```
"""
_UNDER_TABLE = """\
The better side of a row is set in bold; where none is, it depends. Rung 2 has one database, rung 3
two stores, and rung 4 is event-sourced; more of them stands below. The tests, files and lessons
named are those of the project cqrs_demo, which wrote this note.
"""
_CASES = """\
For it:

- reads and writes differ much in load or in shape: many look, few change;
- complex domains: many rules decide whether something may be done;
- collaboration: several people work on the same things, and intentions must not be lost;
- event-sourced systems, where questions cannot be asked of the log itself.

Against it:

- simple CRUD: few rules, and people who edit their own data;
- strong consistency everywhere: every read must see the last write (one database still allows
  commands and queries to go apart);
- a team that has no time for a second model, or nobody to watch over projections.
"""
_LADDER = """\
| rung | write side | read side | consistency |
|---|---|---|---|
| 1 crud | forms that load and save rows | the same tables, joined | immediate |
| 2 one-database | commands, handlers, aggregates, tables | queries straight from SQL | immediate |
| 3 two-stores | as rung 2, plus an outbox | events, bus, projections, documents | eventual |
| 4 event-sourced | aggregates, an append-only event store | as rung 3 | eventual |
"""
_STALE = """\
Where the package cqrs_demo is installed, this shows it:

```python
from cqrs_demo import CreateUser, GetUserById, NotFound, open_shop

with open_shop("two-stores") as shop:
    shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    try:
        shop.ask(GetUserById("ada"))
    except NotFound as answer:
        print(answer, "-", shop.staleness, "event behind")
    shop.deliver()
    print(shop.ask(GetUserById("ada")).name)
```

prints

```text
there is no user 'ada' - 1 event behind
Ada Lovelace
```
"""
_REFERENCES = """\
## Read on

- Bertrand Meyer, *Object-Oriented Software Construction* (1988): commands and queries apart
- Eric Evans, *Domain-Driven Design* (2003): aggregates
- Martin Fowler, "Event Sourcing" (2005) and "CQRS" (2011), martinfowler.com
- Greg Young, "CQRS Documents" (2010)
- Vaughn Vernon, *Implementing Domain-Driven Design* (2013)
- Greg Young, *Versioning in an Event Sourced System* (2017)
- Chris Richardson, *Microservices Patterns* (2018): the transactional outbox
- Harry Percival and Bob Gregory, *Architecture Patterns with Python* (2020)
"""
