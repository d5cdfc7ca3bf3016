"""Numbers in a table, with as many digits as a reader can use."""

from math import isnan
from typing import Any


def as_cell(value: Any) -> str:
    """Return a value with as many digits as a reader can use."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–" if value is None else str(value)
    if isnan(value):  # nothing was measured
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:.3g}"
