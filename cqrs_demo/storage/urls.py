"""Store addresses, in the form SQLAlchemy users expect.

sqlite://                 in memory, gone when the shop is closed
sqlite:///relative.db     a file
sqlite:////absolute.db    a file
"""

from ..domain.errors import InvalidMessage, ShopError
from ..domain.fields import text
from ..hops import Hops
from . import Store
from .sqlite import SqliteStore


def open_store(url: str, field: str, place: str, hops: Hops) -> Store:
    """Open the database at `url`, which the caller was given as the argument `field`.

    `place` is the store's place on the map. Raises InvalidMessage for something that is not an
    address, ShopError for a kind of store that is not known, StoreUnavailable if it cannot be used.
    """
    scheme, path = split_url(url, field)
    if scheme == "postgresql" and field == "write":
        return _open_postgresql(url, place, hops)
    if scheme != "sqlite":
        known = "sqlite:// and postgresql://" if field == "write" else "sqlite://"
        raise ShopError(f"{field}: there is no store for {scheme}:// here; known: {known}")
    if path and not path.startswith("/"):
        raise ShopError(f"{field}: a SQLite file needs three slashes, as in sqlite:///shop.db")
    if "?" in path:
        raise ShopError(f"{field}: options behind a question mark are not understood")
    file = path.removeprefix("/")
    return SqliteStore(None if file in ("", ":memory:") else file, place, hops)


def _open_postgresql(url: str, place: str, hops: Hops) -> Store:
    try:
        from .postgresql import PostgresStore  # noqa: PLC0415  not everybody needs the driver
    except ImportError as error:
        problem = "PostgreSQL needs a driver: pip install 'cqrs-demo[postgresql]'"
        raise ShopError(f"write: {problem}") from error
    return PostgresStore(url, place, hops)


def split_url(url: str, field: str) -> tuple[str, str]:
    """Return scheme and the rest. Errors never repeat the rest: it may hold a password."""
    if type(url) is not str:
        raise InvalidMessage(field, f"must be an address, not {type(url).__name__}")
    scheme, separator, rest = url.partition("://")
    if not separator or not scheme.replace("+", "").isalnum():
        raise InvalidMessage(field, "must be an address such as sqlite:///shop.db")
    text(0, 1_000)(field, rest)
    return scheme.lower(), rest
