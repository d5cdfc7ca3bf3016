"""Every benchmark, by name. A group's name stands for all of its benchmarks."""

from collections.abc import Sequence

from ...domain.errors import ShopError
from . import appending, commanding, dispatching, loading, projecting, querying, scanning
from .benchmark import Benchmark

BENCHMARKS: tuple[Benchmark, ...] = (
    *dispatching.BENCHMARKS,
    *appending.BENCHMARKS,
    *loading.BENCHMARKS,
    *scanning.BENCHMARKS,
    *projecting.BENCHMARKS,
    *querying.BENCHMARKS,
    *commanding.BENCHMARKS,
)


def chosen(names: Sequence[str], is_full: bool) -> list[Benchmark]:
    """Return the benchmarks of these names, all if there are none; large ones if they are named
    or everything is wanted. Raises ShopError for a name that is not known."""
    known = {name for b in BENCHMARKS for name in (b.name, b.group)}
    for name in names:
        if name not in known:
            raise ShopError(f"there is no benchmark {name!r}; --list says which there are")
    return [
        b
        for b in BENCHMARKS
        if b.name in names or ((not names or b.group in names) and (is_full or not b.is_large))
    ]
