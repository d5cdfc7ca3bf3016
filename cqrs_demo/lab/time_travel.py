"""A slider over a log: one aggregate and its read models together, at any position.

Every stop is real: the aggregate and the documents are those of `shop.at(position)`. All stops are
worked out beforehand, so that the slider moves without asking the kernel.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import anywidget
import traitlets

from ..codec import RecordedEvent, to_time
from ..domain.errors import ShopError
from ..domain.events import Unreadable
from ..shop import Shop
from ..visuals.pages import module, stylesheet
from ..visuals.still import display_with_still, still
from ..write_model.work import NAMED_BY, aggregate_named
from .frames import TIMES, as_row, as_text
from .week import Delivery

MOST_STOPS = 60  # each is a shop that is built anew
MOST_DOCUMENTS = 6  # at one stop
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Values = dict[str, str]
Documents = dict[str, Values]  # "orders o-7" -> its fields


@dataclass(frozen=True)
class Stop:
    """One place where the slider rests.

    `position` is that of the last event in the log, `seen` that of the last one which the documents
    knew. `event` is None before the first event and where events were delivered.
    """

    position: int
    seen: int
    at: datetime | None
    event: RecordedEvent[Any] | None
    aggregate: Values
    documents: Documents


class TimeTravel(anywidget.AnyWidget):
    """The slider. `stop` is where it stands, counted from 0: read it, or set it."""

    _esm = module("stage.js", "travel.js") + "export default travel;\n"
    _css = stylesheet("explorer.css", "travel.css")

    data = traitlets.Unicode().tag(sync=True)
    stop = traitlets.Int(0).tag(sync=True)

    def __init__(self, stream: str, stops: Sequence[Stop], delivered: bool) -> None:
        self._title = f"The past of {stream}"
        self._told = _sentences(stream, stops)
        shown = _as_json(stream, stops, delivered)
        super().__init__(data=json.dumps(shown), stop=len(stops) - 1)

    @traitlets.validate("stop")
    def _within(self, proposal: dict[str, Any]) -> int:
        return max(0, min(int(proposal["value"]), len(self._told) - 1))

    def __repr__(self) -> str:
        return "\n".join([self._title, *(f"{n:>4}. {s}" for n, s in enumerate(self._told, 1))])

    def _ipython_display_(self) -> None:
        bundle: Any = self._repr_mimebundle_()
        view = {**bundle[0], "text/plain": self._title}
        display_with_still(view, still(self._title, [], self._told), repr(self))


def time_travel(shop: Shop, stream: str, deliveries: Iterable[Delivery] = ()) -> TimeTravel:
    """Return a slider over the whole log of a shop, for one stream such as "order-o-7".

    With `deliveries`, the documents are shown as they were then, as far as events had been
    delivered; without, as they are once they have caught up. A log of more than 60 events is
    travelled in the steps of the stream alone, and the newest 60 of those.

    Raises ShopError if the shop has no such stream, or remembers no history.
    """
    diary = list(deliveries)
    return TimeTravel(stream, stops(shop, stream, diary), bool(diary))


def stops(shop: Shop, stream: str, deliveries: Sequence[Delivery] = ()) -> list[Stop]:
    """Work out where the slider rests: before the first event, after each, after each delivery."""
    shop.at(0).close()  # says so if the shop remembers no history
    log = list(shop.events())
    kind, key = aggregate_named(stream)
    if all(recorded.stream != stream for recorded in log):
        raise ShopError(f"the log has no event of a stream {stream!r}")

    @cache
    def past(position: int) -> tuple[Values, Documents]:
        with shop.at(position) as then:
            return _aggregate(then, stream, kind(key)), _documents(then, kind, key)

    if len(log) > MOST_STOPS:
        log = [recorded for recorded in log if recorded.stream == stream][-MOST_STOPS:]
        deliveries = ()
    found = [Stop(0, 0, None, None, *past(0))] if log[0].position == 1 else []
    last = seen = 0
    for at, recorded, position in _in_order(log, deliveries):
        if recorded is None:
            seen = min(position, last)
        else:
            last = position
        known = seen if deliveries else last
        found.append(Stop(last, known, at, recorded, past(last)[0], past(known)[1]))
    return found


def _in_order(
    log: Sequence[RecordedEvent[Any]], deliveries: Sequence[Delivery]
) -> Iterator[tuple[datetime, RecordedEvent[Any] | None, int]]:
    """Yield the events in their order, and each delivery before the first event that is later."""
    waiting = sorted(deliveries)
    for recorded in log:
        while waiting and waiting[0].at < recorded.at:
            at, position = waiting.pop(0)
            yield at, None, position
        yield recorded.at, recorded, recorded.position
    for at, position in waiting:
        yield at, None, position


def _aggregate(then: Shop, stream: str, blank: Any) -> Values:
    """Fold the aggregate from its stream; nothing before its first event."""
    folded = list(then.events(stream=stream))
    for recorded in folded:
        if isinstance(recorded.event, Unreadable):
            raise ShopError(f"{stream!r} cannot be folded: {recorded.event.error}")
        blank.apply(recorded.event)
        blank.version = recorded.version
    return {name: _told(value) for name, value in as_row(blank).items()} if folded else {}


def _documents(then: Shop, kind: type, key: str) -> Documents:
    """Return the documents that name the aggregate, but not what projections only remember."""
    id_field = next(name for name, named in NAMED_BY.items() if named is kind)
    found = {
        f"{projection} {next(iter(document.values()), '')}": {
            name: _told(to_time(value) if name in TIMES and value else value)
            for name, value in document.items()
        }
        for projection, documents in then.documents().items()
        for document in documents
        if "." not in projection and document.get(id_field) == key
    }
    return dict(list(found.items())[:MOST_DOCUMENTS])


def _told(value: Any) -> str:
    """Return a value in few words; the lines of an order stand in both stores in another form."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple) and value:
        return "; ".join(map(_told_line, value))
    return as_text(value)


def _told_line(line: Any) -> str:
    parts = line if isinstance(line, dict) else getattr(line, "__dict__", {})
    if {"quantity", "name", "unit_price_cents"} <= parts.keys():
        return f"{parts['quantity']} × {parts['name']} at {parts['unit_price_cents']}"
    return as_text(line)


def _changes(before: Values, now: Values) -> list[dict[str, str]]:
    """Return the fields of today, each with a mark, and the old value where there is another."""
    rows = []
    for name, value in now.items():
        mark = "+" if name not in before else "~" if before[name] != value else ""
        rows.append({"name": name, "value": value, "mark": mark, "old": before.get(name, "")})
    return rows


def _changed_documents(before: Documents, now: Documents) -> list[dict[str, Any]]:
    """Return the documents of today, then those that are gone, each with a mark and its fields."""
    shown = [
        {
            "name": name,
            "mark": "" if name in before else "+",
            "rows": _changes(before.get(name, {}), values),
        }
        for name, values in now.items()
    ]
    gone = [name for name in before if name not in now]
    return shown + [
        {"name": name, "mark": "−", "rows": _changes(before[name], before[name])} for name in gone
    ]


def _as_json(stream: str, stops: Sequence[Stop], delivered: bool) -> dict[str, Any]:
    return {
        "stream": stream,
        "kind": aggregate_named(stream)[0].__name__,
        "last": stops[-1].position,
        "delivered": delivered,
        "stops": [
            {
                "position": stop.position,
                "behind": stop.position - stop.seen,
                "seen": stop.seen,
                "day": f"{DAYS[stop.at.weekday()]} {stop.at.day}" if stop.at else "",
                "when": _when(stop),
                "what": _what(stop),
                "fields": _fields(stop),
                "own": bool(stop.event and stop.event.stream == stream),
                "sort": "event" if stop.event else "delivery" if stop.at else "begin",
                "version": stop.event.version if stop.event else 0,
                "says": says,
                "aggregate": _changes(before.aggregate, stop.aggregate),
                "documents": _changed_documents(before.documents, stop.documents),
            }
            for before, stop, says in zip(
                [stops[0], *stops], stops, _sentences(stream, stops), strict=False
            )
        ],
    }


def _when(stop: Stop) -> str:
    if stop.at is None:
        return "before the first event"
    return f"{DAYS[stop.at.weekday()]} {stop.at.day} {stop.at:%b %Y, %H:%M}"


def _what(stop: Stop) -> str:
    if stop.event:
        return type(stop.event.event).__name__
    return "Events delivered" if stop.at else "Nothing yet"


def _fields(stop: Stop) -> str:
    if stop.event is None:
        return ""
    return ", ".join(f"{name}: {_told(value)}" for name, value in as_row(stop.event.event).items())


def _sentences(stream: str, stops: Sequence[Stop]) -> list[str]:
    """Say for every stop what happened, and what it changed on both sides."""
    said = []
    for before, stop in zip([stops[0], *stops], stops, strict=False):
        if stop.at is None:
            said.append("Before the first event: there is nothing.")
            continue
        who = f" in {stop.event.stream}" if stop.event and stop.event.stream != stream else ""
        head = f"{_when(stop)}, position {stop.position}: {_what(stop)}{who}."
        parts = [_difference("The aggregate", before.aggregate, stop.aggregate)]
        parts += [
            _difference(name, before.documents.get(name, {}), values)
            for name, values in stop.documents.items()
        ]
        parts += [f"{name} is gone." for name in before.documents if name not in stop.documents]
        told = " ".join(filter(None, parts)) or "Nothing about it changes."
        behind = stop.position - stop.seen
        late = f" The documents are {behind} event{'s'[: behind != 1]} behind." if behind else ""
        said.append(f"{head} {told}{late}")
    return said


def _difference(name: str, before: Values, now: Values) -> str:
    if now and not before:
        return f"{name} is new."
    parts = [
        f"{field} {before.get(field, '–')} → {value}"
        for field, value in now.items()
        if before.get(field) != value and field != "version"
    ]
    return f"{name}: {', '.join(parts)}." if parts else ""
