"""CRUD through an ORM, as much CRUD code is written: SQLAlchemy, which is not always installed.

The tables and indexes are those of the indexed CRUD, and so is the connection; only the way to it
differs. One contestant loads what belongs to an order when it is touched, a query each time; the
other asks for it beforehand. The code is in orm_shop.py.
"""

from functools import partial
from importlib.util import find_spec
from pathlib import Path

from ...domain.errors import ShopError
from .contestants import Clock, Contestant, Entry
from .contestants_crud import connect
from .crud_schema import INDEXES

MISSING = "SQLAlchemy is not installed: pip install 'cqrs-demo[compare]'"


def open_orm(folder: Path, clock: Clock, eager: bool) -> Contestant:
    """Open the contestant. Raises ShopError if SQLAlchemy is missing."""
    if find_spec("sqlalchemy") is None:
        raise ShopError(MISSING)
    try:
        from .orm_shop import OrmCrud  # noqa: PLC0415 - SQLAlchemy is slow to load
    except ImportError as error:
        raise ShopError(f"SQLAlchemy cannot be loaded: {error}") from error

    return OrmCrud(connect(folder, INDEXES), clock, eager)


ENTRIES = (
    Entry(
        "orm-lazy",
        "CRUD, ORM lazy",
        "ORM lazy",
        "ORM",
        "crud",
        "SQLAlchemy objects that load what is touched when it is touched, on the indexed tables",
        partial(open_orm, eager=False),
    ),
    Entry(
        "orm-selectin",
        "CRUD, ORM selectinload",
        "ORM",
        "ORM",
        "crud",
        "SQLAlchemy objects that load what belongs to a list beforehand, on the indexed tables",
        partial(open_orm, eager=True),
    ),
)
