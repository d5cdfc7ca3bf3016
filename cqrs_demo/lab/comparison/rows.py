"""The rows of the comparison: what is asked, done and counted, and in which unit."""

from typing import NamedTuple

MS, MB, SECONDS = "ms", "MB", "s"


class Row(NamedTuple):
    """One thing that is compared. `factor` turns what was measured into the unit."""

    name: str
    label: str
    unit: str
    told: str
    factor: float = 1_000.0  # seconds to milliseconds


READS = (
    Row("last_orders", "a user's last ten orders", MS, "a list on the user's page"),
    Row("history", "a user's full history", MS, "all orders that the user ever placed"),
    Row("order", "one order with its lines", MS, "by its id"),
    Row("best_sellers", "ten best sellers", MS, "sums over all lines, by revenue"),
    Row("recent_orders", "ten newest orders of all", MS, "the shopkeeper's first screen"),
    Row("search", "search the catalogue", MS, "products with a word in their name"),
    Row("buyers", "unplanned: who bought X?", MS, "nobody made an index or a document for it"),
)
PLACE = Row("place", "place order: stored", MS, "until it is stored")
PLACE_SEEN = Row(
    "place_seen", "place order: lists show it", MS, "with the read side brought up to date"
)
RENAME = Row("rename", "rename user: stored", MS, "until it is stored")
RENAME_SEEN = Row(
    "rename_seen", "rename user: lists show it", MS, "wherever the name was copied to"
)
WRITES = (PLACE, PLACE_SEEN, RENAME, RENAME_SEEN)
LAG = Row("lag", "place order: seen, with lag", MS, "with the delivery lag that was chosen")
MIX = Row("mix", "an order and its reads", MS, "the machine's time for both sides")
REBUILD = Row("rebuild", "rebuild copies for reading", SECONDS, "from tables or events", 1.0)
STORAGE = Row("storage", "storage", MB, "all database files, as filled", 1e-6)
LINES = Row("lines", "lines of code that run", "", "counted from the sources", 1.0)
FUNCTIONS = Row("functions", "functions that run", "", "each is a part that can break", 1.0)
STORED = Row("stored", "tables, documents, indexes", "", "what has to be kept in step", 1.0)
COSTS = (REBUILD, STORAGE, LINES, FUNCTIONS, STORED)
ROWS = {row.name: row for row in (*READS, *WRITES, LAG, MIX, *COSTS)}
TIMED = {row.name for row in (*READS, *WRITES, LAG, MIX)}  # in every round

# How often a user of a shop asks what, out of 100 reads. It is a guess; change it and see.
MIXTURE = {
    "last_orders": 40,
    "order": 35,
    "search": 15,
    "history": 5,
    "recent_orders": 4,
    "best_sellers": 1,
}
