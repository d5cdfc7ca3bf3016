"""What a hop is in words: its name, its payload, and the facts that its sentence needs.

There is one function for each road on the map and kind of message. They only look at what was
announced and at what the recorder has seen so far.
"""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from ..codec import RecordedEvent
from ..crud.forms import OpenForm, SaveForm
from ..domain.commands import AddProduct, CreateOrder, CreateUser
from ..domain.errors import ConcurrencyConflict, NotFound, StillStale
from ..hops import Hop
from ..lab.narration import counted, listed, money, shortened, without_direction
from ..write_model.work import stream_of
from .messages import as_json, as_python, clean, named, said
from .sources import deciding_method, running_code
from .stores import Stores

NOTABLE = {  # field of an answer -> how it is told; what a story is about comes first
    "status": "status",
    "shipping_address": "address",
    "name": "name",
    "user_name": "name",
    "price_cents": "price",
    "stock": "stock",
}
MOST_OF_AN_ANSWER = 58  # letters, so that its sentence stays whole
MOST_FIELDS = 3
CREATING = (CreateUser, AddProduct, CreateOrder)  # commands that bring an id which the client made


@dataclass(frozen=True)
class Told:
    """One hop in words; `situation` and `facts` choose and fill its sentence."""

    name: str
    situation: str
    payload: Any = None
    facts: dict[str, Any] = field(default_factory=dict)


def type_name(value: Any) -> str:
    return type(value).__name__


def words(message: Any) -> str:
    """Return a message as a heading: "Place order o-7"."""
    name = " ".join(re.findall(r"[A-Z]?[^A-Z]+|[A-Z]+(?![^A-Z])", type_name(message))).lower()
    first = next((v for v in vars_of(message).values() if isinstance(v, str)), "")
    return without_direction(clean(f"{name[:1].upper()}{name[1:]} {first[:20]}".strip()))


def vars_of(message: Any) -> dict[str, Any]:
    return dict(getattr(message, "__dict__", {}))


def key_of(row: Any) -> str:
    """Return the key of a row, which comes first; a learner may have sent anything as a row."""
    first = next(iter(row.values()), None) if isinstance(row, dict) else None
    return "an unnamed row" if first is None else clean(str(as_json(first)))


def command(hop: Hop, stores: Stores) -> Told:
    message = hop.message if isinstance(hop.message, SaveForm) else hop.message[0]
    if isinstance(message, SaveForm):
        situation = "form" if message.version is None else "form with a version"
        key = key_of(message.row)
        return Told(f"form {key}", situation, as_json(message.row), {"key": key})
    return Told(type_name(message), "command", named(message), {"command": type_name(message)})


def decide(hop: Hop, stores: Stores) -> Told:
    aggregate, events = hop.message
    names = [type_name(event) for event in events]
    facts = {**vars_of(aggregate), "key": aggregate.key, "facts": listed(names) if names else ""}
    facts["kind"] = type_name(aggregate).lower()
    situation = "decide" if names else "decide nothing"
    if names in (["StockReserved"], ["OrderPlaced"]):
        situation, facts["quantity"] = f"decide {names[0]}", getattr(events[0], "quantity", None)
    method = deciding_method(aggregate, events[0]) if names else None
    if names and _is_made_by_handler(names[0], method):
        situation, method = "decide unasked", None
    return Told(method.co_name if method else "decide", situation, named(events), facts)


def _is_made_by_handler(event: str, method: CodeType | None) -> bool:
    """Say whether a handler makes an event without a call of the method whose decision it is."""
    handler = running_code(sys._getframe())
    if handler is None or f"{event}(" not in handler.source:
        return False
    return method is None or f".{method.co_name}(" not in handler.source


def load_aggregate(hop: Hop, stores: Stores) -> Told:
    aggregate = hop.message
    kind = type_name(aggregate).lower()
    facts = {"kind": kind, "key": aggregate.key, "version": aggregate.version}
    return Told(f"{kind} {aggregate.key}", "load", named(aggregate), facts)


def load_tables(hop: Hop, stores: Stores) -> Told:
    if isinstance(hop.message, dict):  # a row, for a form
        key = key_of(hop.message)
        return Told(f"row {key}", "load", as_json(hop.message), {"key": key})
    sql, *values = hop.message
    payload = {"SQL": " ".join(sql.split()), "values": as_json(values[0]) if values else []}
    tables = listed(list(dict.fromkeys(re.findall(r"(?:FROM|JOIN) (\w+)", payload["SQL"]))))
    return Told("rows", "read tables", payload, {"tables": tables or "the tables"})


def load_documents(hop: Hop, stores: Stores) -> Told:
    facts = {"projection": hop.message}
    return Told(hop.message, "read documents", facts, facts)


def save_aggregate(hop: Hop, stores: Stores) -> Told:
    aggregate, events, *where = hop.message
    kind = type_name(aggregate).lower()
    names = listed([type_name(event) for event in events])
    stream = stream_of(aggregate)
    facts = {"kind": kind, "key": aggregate.key, "facts": names, "stream": stream}
    facts["go"] = "goes" if len(events) == 1 else "go"
    payload = {type_name(aggregate): as_json(aggregate), "events": named(events)}
    situation = "save, event in memory" if where else "save"  # lab/shortcuts.py
    return Told(f"{kind} {aggregate.key}", situation, payload, facts)


def save_row(hop: Hop, stores: Stores) -> Told:
    key = key_of(hop.message)
    return Told(f"row {key}", "save", as_json(hop.message), {"key": key})


def save_document(hop: Hop, stores: Stores) -> Told:
    projection, recorded, kind, key = hop.message
    facts = {"projection": projection, "key": key, "event": type_name(recorded.event)}
    situation = "remember" if kind else "apply"
    return Told(f"{projection} / {key}", situation, as_json(recorded), facts)


def outside(hop: Hop, stores: Stores) -> Told:
    what, order_id, cents = hop.message
    facts = {"key": order_id, "money": money(cents)}
    payload = {what: {"order_id": order_id, "cents": cents}}
    return Told(f"{what} {money(cents)}", what, payload, facts)


def commit(hop: Hop, stores: Stores) -> Told:
    return Told("commit", "commit")


def rollback(hop: Hop, stores: Stores) -> Told:
    situation = "rollback documents" if hop.target == "read_store" else "rollback"
    return Told("rollback", situation)


def accept(hop: Hop, stores: Stores) -> Told:
    if isinstance(hop.message, SaveForm):
        return Told("saved", "form saved")
    behind = stores.behind()
    facts = {"behind": counted(behind, "event")}
    done = "accept, created" if isinstance(hop.message, CREATING) else "accept"
    return Told("nothing", "accept, events wait" if behind else done, None, facts)


def reject_command(hop: Hop, stores: Stores) -> Told:
    _, error = hop.message
    situation = "conflict" if isinstance(error, ConcurrencyConflict) else "reject"
    return Told(type_name(error), situation, *_told_error(error))


def query(hop: Hop, stores: Stores) -> Told:
    message = hop.message
    if isinstance(message, OpenForm):
        return Told(f"form {message.key}", "open form", named(message), {"key": message.key})
    return Told(type_name(message), "query", named(message), {"query": as_python(message)})


def answer(hop: Hop, stores: Stores) -> Told:
    message, dto = hop.message
    if isinstance(message, OpenForm):
        version = dto["version"]
        return Told(f"form {message.key}", "form filled in", as_json(dto), {"version": version})
    name = counted(len(dto), "row") if isinstance(dto, list) else type_name(dto)
    facts = {"answer": _gist(name, dto), **_seen(stores)}
    return Told(name, f"answer{_age(stores)}", named(dto), facts)


def _gist(name: str, dto: Any) -> str:
    """Return what a reader wants to know of an answer: "1 row (name Blue mug, price 4.50)"."""
    several = isinstance(dto, list) and len(dto) > 1
    fields = vars_of(dto[0] if isinstance(dto, list) and dto else dto)
    told = ""
    notable = [known for known in NOTABLE if known in fields] or list(fields)
    for known in notable[:MOST_FIELDS]:
        found = _told_field(known, fields[known])
        longer = f"{told}, {found}" if told else f"{'first: ' if several else ''}{found}"
        if len(f"{name} ({longer})") > MOST_OF_AN_ANSWER:
            break
        told = longer
    return f"{name} ({told})" if told else name


def _told_field(name: str, value: Any) -> str:
    """Return a field as one would say it: "price 4.50", "no address"."""
    label = NOTABLE.get(name, name.removesuffix("_cents"))
    if value is None:
        return f"no {label}"
    amount = name.endswith("_cents") and type(value) is int and value >= 0
    told = money(value) if amount else str(as_json(value))
    return f"{label} {shortened(told, 24)}"


def reject_query(hop: Hop, stores: Stores) -> Told:
    _, error = hop.message
    payload, facts = _told_error(error)
    situation = "refused query"
    if isinstance(error, NotFound):
        situation = f"not found{_age(stores)}"
    elif isinstance(error, StillStale):
        situation = "still stale, stopped" if error.stopped else "still stale"
    return Told(type_name(error), situation, payload, {**facts, **_seen(stores)})


def reject_form_or_query(hop: Hop, stores: Stores) -> Told:
    """On the rung "crud" one model turns down both."""
    is_query = isinstance(hop.message[0], OpenForm) or stores.is_query(hop.message[0])
    return reject_query(hop, stores) if is_query else reject_command(hop, stores)


def collect(hop: Hop, stores: Stores) -> Told:
    events = counted(len(hop.message), "event")
    log = "outbox" if hop.source == "outbox" else "event store"
    return Told(events, "collect", as_json(hop.message), {"events": events, "log": log})


def publish(hop: Hop, stores: Stores) -> Told:
    _, recorded = hop.message
    name = type_name(recorded.event)
    return Told(name, "publish", as_json(recorded), {"event": f"{name} ({recorded.position})"})


def bring(hop: Hop, stores: Stores) -> Told:
    projection, recorded = hop.message
    name = type_name(recorded.event)
    facts = {"event": f"{name} ({recorded.position})", "projection": projection}
    return Told(name, "bring", as_json(recorded), facts)


def look_for_news(hop: Hop, stores: Stores) -> Told:
    """A reactor looks for what lies behind its own checkpoint (lab/reactor.py)."""
    if isinstance(hop.message[-1], RecordedEvent):
        return fill_gap(hop, stores)
    reactor, checkpoint, positions = hop.message
    events = counted(len(positions), "event")
    facts = {"reactor": reactor, "checkpoint": checkpoint, "events": events}
    situation = "react" if positions else "react to nothing"
    return Told(events, situation, {"checkpoint": checkpoint, "new": positions}, facts)


def fill_gap(hop: Hop, stores: Stores) -> Told:
    """A projection was brought an event beyond its checkpoint + 1."""
    projection, checkpoint, recorded = hop.message
    first, last = checkpoint + 1, recorded.position - 1
    missing = str(first) if first == last else f"{first} to {last}"
    facts = {"projection": projection, "checkpoint": checkpoint, "position": recorded.position}
    facts |= {"missing": missing, "log": "outbox" if hop.source == "outbox" else "event store"}
    payload = {"checkpoint": checkpoint, "brought": recorded.position, "missing": missing}
    return Told(f"missing: {missing}", "fill gap", payload, facts)


def pass_over(hop: Hop, stores: Stores) -> Told:
    """A projection was brought an event that it has seen."""
    projection, checkpoint, recorded = hop.message
    event = f"{type_name(recorded.event)} ({recorded.position})"
    facts = {"projection": projection, "checkpoint": checkpoint, "event": event}
    payload = {"checkpoint": checkpoint, "brought": recorded.position}
    return Told("passed over", "pass over", payload, facts)


def mail(hop: Hop, stores: Stores) -> Told:
    """A reactor has a mail sent (lab/reactor.py)."""
    reactor, recorded, sent = hop.message
    event = f"{type_name(recorded.event)} ({recorded.position})"
    payload = {"mail": {"to": as_json(sent.user_id), "text": as_json(sent.text)}}
    return Told("mail", "mail", payload, {"reactor": reactor, "event": event, "key": sent.user_id})


def peek(hop: Hop, stores: Stores) -> Told:
    """A handler decides by a copy (lab/shortcuts.py)."""
    return Told(hop.message, "peek", {"projection": hop.message}, {"projection": hop.message})


def crash(hop: Hop, stores: Stores) -> Told:
    """The program stops between commit and publishing (lab/shortcuts.py)."""
    kept, lost = hop.message
    situation = "crash, lost" if lost else "crash, kept"
    names = listed([type_name(event) for event in lost or kept] or ["nothing"])
    return Told("crash", situation, named(lost or kept), {"facts": names})


def rebuild(hop: Hop, stores: Stores) -> Told:
    projection, count = hop.message
    events = counted(count, "event")
    facts = {"projection": projection, "events": events}
    situation = "rebuild" if count else "rebuild from nothing"
    return Told(events, situation, {"rebuild": projection, "events": count}, facts)


def tampered(hop: Hop, stores: Stores) -> Told:
    """The bus did something to a message (lab/faults.py)."""
    done, recorded = hop.message
    event = f"{type_name(recorded.event)} ({recorded.position})"
    return Told(
        type_name(recorded.event), "tampered", as_json(recorded), {"done": done, "event": event}
    )


def fault(hop: Hop, stores: Stores) -> Told:
    if hop.target == "payments":
        payload, facts = _told_error(hop.message)
        return Told(type_name(hop.message), "undo failed", payload, facts)
    projection, recorded, error = hop.message
    payload, facts = _told_error(error)
    facts |= {"projection": projection, "position": recorded.position}
    return Told(type_name(error), "fault", {**payload, "event": as_json(recorded)}, facts)


def anything(hop: Hop, stores: Stores) -> Told:
    """A port of a learner's own may announce what nobody here has heard of."""
    facts = {"kind": hop.kind, "source": hop.source, "target": hop.target}
    return Told(hop.kind, "anything", named(hop.message), facts)


def _told_error(error: BaseException) -> tuple[dict[str, Any], dict[str, Any]]:
    name, message = type_name(error), said(error)
    reason = message.strip().rstrip(".")
    return {name: message}, {"error": name, "because": f": {reason}" if reason else ""}


def _age(stores: Stores) -> str:
    if not stores.checkpoints:
        return ""
    return ", old" if stores.seen_by_query < stores.written else ", current"


def _seen(stores: Stores) -> dict[str, Any]:
    events = counted(stores.written, "event")
    return {"seen": stores.seen_by_query, "events": events, "after": stores.asked_after}


Teller = Callable[[Hop, Stores], Told]

# (kind, source, target) -> who tells of it; None stands for any place
TELLERS: dict[tuple[str, str | None, str | None], Teller] = {
    ("command", "client", None): command,
    ("command", "command_handler", "aggregate"): decide,
    ("load", "write_store", "aggregate"): load_aggregate,
    ("load", "write_store", "one_model"): load_tables,
    ("load", "write_store", "query_handler"): load_tables,
    ("load", "read_store", "query_handler"): load_documents,
    ("load", None, "relay"): collect,
    ("save", "aggregate", "write_store"): save_aggregate,
    ("save", "one_model", "write_store"): save_row,
    ("save", "projections", "read_store"): save_document,
    ("outside", None, "payments"): outside,
    ("outside", "projections", "client"): mail,
    ("load", None, "projections"): look_for_news,
    ("load", "read_store", "command_handler"): peek,
    ("fault", "outbox", "relay"): crash,
    ("commit", None, None): commit,
    ("rollback", None, None): rollback,
    ("accept", None, "client"): accept,
    ("reject", "command_handler", "client"): reject_command,
    ("reject", "query_handler", "client"): reject_query,
    ("reject", "one_model", "client"): reject_form_or_query,
    ("query", "client", None): query,
    ("answer", None, "client"): answer,
    ("event", "relay", "event_bus"): publish,
    ("event", "event_bus", "projections"): bring,
    ("event", "projections", "projections"): pass_over,
    ("event", None, "projections"): rebuild,
    ("fault", "event_bus", "event_bus"): tampered,
    ("fault", None, None): fault,
}
