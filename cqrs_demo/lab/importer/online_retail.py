"""The "Online Retail" data set of the UCI repository: from a CSV file to rows that make sense.

A row that cannot become part of an order is skipped with a reason, never repaired or rounded.
The whole file is read before anything is done with it.
"""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from os import PathLike
from typing import NamedTuple

from ...domain.errors import ShopError

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)

NOBODY = ("", "0", "nan", "null", "none")  # how a missing customer is written, once it is plain

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_PLAIN_ID = re.compile(r"(?P<digits>\d+)\.0+", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_SLASHED = re.compile(
    r"(?P<first>\d\d?)/(?P<second>\d\d?)/(?P<year>\d{4}|\d\d)"
    r"[ T](?P<hour>\d\d?):(?P<minute>\d\d)(:(?P<second_of_minute>\d\d))?",
    re.ASCII,
)


class Record(NamedTuple):
    """One record of the file; `line` is where it starts, and the header stands on line 1."""

    line: int
    original: tuple[str, ...]  # the eight columns, exactly as they were
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What a record means, if it makes sense. Description and country are kept as they were."""

    record: Record
    invoice: str
    sku: str
    description: str
    quantity: int
    at: datetime
    price_cents: int
    customer: str
    country: str


class Skipped(NamedTuple):
    """A record that is not imported. Reasons of one `kind` are counted together."""

    record: Record
    kind: str
    detail: str = ""

    @property
    def reason(self) -> str:
        return self.detail or self.kind


def read_rows(
    path: str | PathLike[str], encoding: str = "utf-8-sig"
) -> tuple[list[Row], list[Skipped]]:
    """Read a file; return the rows that make sense and the records that do not.

    Times are taken as UTC unless they have an offset. Slash dates: see `read_dates`.

    Raises ShopError if the file is empty, lacks columns or is not CSV in this encoding, OSError
    if it cannot be read.
    """
    records = _read_records(path, encoding)
    dates = read_dates(record.original[4] for record in records if not record.problem)
    rows, skipped = [], []
    for record in records:
        try:
            rows.append(_row(record, dates))
        except ValueError as problem:
            skipped.append(Skipped(record, str(problem)))
    return rows, skipped


def _read_records(path: str | PathLike[str], encoding: str) -> list[Record]:
    try:
        with open(path, encoding=encoding, newline="") as file:
            return list(_records(file))
    except UnicodeError as error:
        other = "utf-16" if _begins_as_utf_16(path) else "latin-1"
        raise ShopError(f"{path}: is not text in {encoding}; try --encoding {other}") from error
    except (LookupError, ValueError) as error:  # a ValueError if the name holds a NUL
        raise ShopError(
            f"there is no text encoding {encoding!r}; try --encoding latin-1"
        ) from error
    except ShopError as error:
        raise ShopError(f"{path}: {error}") from error


def _begins_as_utf_16(path: str | PathLike[str]) -> bool:
    with open(path, "rb") as file:
        return file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _records(file: Iterable[str]) -> Iterator[Record]:
    """Yield the records below the header. Lines without anything are not records."""
    numbered = _numbered(file)
    _, header = next(numbered, (0, None))
    if header is None:
        raise ShopError("is empty")
    places = _places(header)
    shared: dict[str, str] = {}  # most texts stand in many rows: keep each once
    for line, values in numbered:
        padded = values + [""] * len(header)
        original = tuple(shared.setdefault(padded[i], padded[i]) for i in places)
        problem = "" if len(values) == len(header) else "too many columns"
        yield Record(line, original, problem if len(values) >= len(header) else "too few columns")


def _numbered(file: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(file, strict=True)  # or a quote left open would swallow the rest
    line = 1
    try:
        for values in reader:
            if values:
                yield line, values
            line = reader.line_num + 1  # a quoted field may span lines
    except csv.Error as error:
        raise ShopError(f"is not CSV, see line {line}: {error}") from error


def _places(header: list[str]) -> list[int]:
    """Return where each of the eight columns stands."""
    names = [name.strip().removeprefix("\ufeff") for name in header]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise ShopError(f"these columns are missing: {', '.join(missing)}")
    twice = [column for column in COLUMNS if names.count(column) > 1]
    if twice:
        raise ShopError(f"these columns stand there more than once: {', '.join(twice)}")
    return [names.index(column) for column in COLUMNS]


def _row(record: Record, dates: dict[str, datetime]) -> Row:
    """Raises ValueError with the reason if the record makes no sense."""
    if record.problem:
        raise ValueError(record.problem)
    number, code, description, pieces, date, price, who, country = record.original
    invoice, sku, customer = _plain_id(number), _plain_id(code), _plain_id(who)
    if invoice.startswith(("C", "c")):
        raise ValueError("credit note")
    if customer.lower() in NOBODY:
        raise ValueError("no customer")
    quantity, cents = _quantity(pieces), _cents(price)
    if date not in dates:
        raise ValueError("date cannot be read")
    return Row(record, invoice, sku, description, quantity, dates[date], cents, customer, country)


def _plain_id(text: str) -> str:
    """Undo what spreadsheets do to ids: 17850.0 is 17850."""
    text = text.strip()
    number = _PLAIN_ID.fullmatch(text)
    return number["digits"] if number else text


def _quantity(text: str) -> int:
    numerator, denominator = _number(text, "quantity")
    if denominator != 1:
        raise ValueError("quantity is not a whole number")
    if numerator <= 0:
        raise ValueError("quantity is not positive")
    return numerator


def _cents(text: str) -> int:
    numerator, denominator = _number(text, "price")
    if numerator < 0:
        raise ValueError("price is negative")
    if numerator == 0:
        raise ValueError("price is zero")
    cents, rest = divmod(numerator * 100, denominator)
    if rest:
        raise ValueError("price is not whole cents")
    return cents


def _number(text: str, what: str) -> tuple[int, int]:
    """Return a fraction: unlike Decimal's arithmetic, it never rounds."""
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError(f"{what} is not a number")
    return Decimal(text.strip()).as_integer_ratio()


def read_dates(texts: Iterable[str]) -> dict[str, datetime]:
    """Return the date of each text that can be read, in UTC.

    2010-12-01 08:26:00 is clear. Whether 12/1/10 8:26 or 01/12/2010 08:26 start with the day or
    the month is decided once for all dates with two-digit years, and once for all with four:

    - One date that is possible one way only decides for all. (If such dates contradict each
      other, each is read in the only way it can be, and the others as if there were none.)
    - Otherwise two-digit years start with the month, as spreadsheets in the US write them.
      Four-digit years start with the day, unless a day or month has a single digit.
    """
    found: dict[str, datetime] = {}
    slashed: dict[int, dict[str, re.Match[str]]] = {2: {}, 4: {}}  # by digits of the year
    for text in set(texts):
        match = _SLASHED.fullmatch(text.strip())
        if match:
            slashed[len(match["year"])][text] = match
        elif moment := _iso_moment(text.strip()):
            found[text] = moment
    for year_digits, matches in slashed.items():
        found |= _slash_dates(matches, year_digits)
    return found


def _slash_dates(matches: dict[str, re.Match[str]], year_digits: int) -> dict[str, datetime]:
    ways = {text: (_moment(match, True), _moment(match, False)) for text, match in matches.items()}
    ways = {text: both for text, both in ways.items() if both != (None, None)}
    some_start_with_day = any(month_first is None for _, month_first in ways.values())
    some_start_with_month = any(day_first is None for day_first, _ in ways.values())
    if some_start_with_day != some_start_with_month:
        starts_with_day = some_start_with_day
    else:
        starts_with_day = year_digits == 4 and all(_is_padded(matches[text]) for text in ways)
    found = {}
    for text, (day_first, month_first) in ways.items():
        preferred, other = (day_first, month_first) if starts_with_day else (month_first, day_first)
        if moment := preferred or other:
            found[text] = moment
    return found


def _is_padded(match: re.Match[str]) -> bool:
    return len(match["first"]) == len(match["second"]) == 2


def _moment(match: re.Match[str], day_first: bool) -> datetime | None:
    day, month = (int(match["first"]), int(match["second"]))[:: 1 if day_first else -1]
    year = int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)
    hour, minute, second = match["hour"], match["minute"], match["second_of_minute"] or 0
    try:
        return datetime(year, month, day, int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        return None


def _iso_moment(text: str) -> datetime | None:
    if not _ISO.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
