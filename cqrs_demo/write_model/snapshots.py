"""Snapshots: an aggregate as it was at some version, so that not every event must be folded.

A snapshot is a cache, never a truth. It can be dropped at any time; one whose form is not today's
is not even looked at, since an aggregate that has changed its fields must be folded anew.
"""

import hashlib
from functools import cache
from typing import Any

import msgspec

from ..storage import Connection
from .work import A, Aggregate, stream_of

SNAPSHOTS_TABLE = """CREATE TABLE IF NOT EXISTS snapshots (
    stream TEXT PRIMARY KEY, version BIGINT NOT NULL, form TEXT NOT NULL, body TEXT NOT NULL)"""
MEANING = 1  # count up when the same fields come to mean something else


def load_snapshot(connection: Connection, kind: type[A], key: str) -> A:
    """Return the aggregate as of its snapshot, or a blank one of version 0."""
    blank = kind(key)
    sql = "SELECT body FROM snapshots WHERE stream = ? AND form = ?"
    row = connection.execute(sql, (stream_of(blank), form_of(kind))).fetchone()
    try:
        aggregate = msgspec.json.decode(row[0], type=kind) if row else blank
    except msgspec.MsgspecError:  # damaged: the events know better
        return blank
    return aggregate if aggregate.key == key else blank


def take_snapshot(connection: Connection, aggregate: Aggregate) -> None:
    """Keep the aggregate as it is now, in place of its older snapshot."""
    form, body = form_of(type(aggregate)), msgspec.json.encode(aggregate).decode()
    sql = """INSERT INTO snapshots (stream, version, form, body) VALUES (?, ?, ?, ?)
        ON CONFLICT (stream) DO UPDATE SET version = excluded.version,
            form = excluded.form, body = excluded.body"""
    connection.execute(sql, (stream_of(aggregate), aggregate.version, form, body))


def form_of(kind: Any) -> str:
    """Return what tells today's form of an aggregate from older ones: its fields and their types,
    and those of what it holds."""
    return f"{MEANING}-{_fields_of(kind)}"


@cache
def _fields_of(kind: Any) -> str:
    schema = msgspec.json.encode(msgspec.json.schema(kind), order="sorted")
    return hashlib.sha256(schema).hexdigest()
