"""How far are documents behind when somebody looks? For several lags and loads.

    found = measure(lags=(0.0, 0.1), loads=(20, 200))
    found.frame          # one row a rung, lag and load: p50, p95 and the most
    found.chart()
    panel()              # the same in a notebook, with sliders

On rungs 3 and 4 a thread delivers each event in the background, `lag` seconds after it was stored.
Meanwhile a client sends commands, `load` of them a second, each of which records one event; and
readers look at the checkpoint of the order documents. Two numbers are taken at each look:

- events behind: those that are stored, and that the documents do not show yet;
- milliseconds behind: how long ago the first of those events was stored, or 0 if there is none.

Commands are sent, and readers look, at random moments, as independent clients would. Readers who
come so see what is the case on average over time (Wolff, "Poisson Arrivals See Time Averages",
1982); readers who came right after each command would see the worst.

All of it happens in one process, so at a high load sending, delivering and looking wait for each
other, too: the figures hold for this machine and this program.
"""

import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pandas as pd

from ... import ChangeShippingAddress, CreateOrder, CreateUser, Shop, ShopError, open_shop
from ...domain.errors import InvalidMessage
from ...domain.fields import number
from ...visuals.charts import Chart
from ...visuals.charts.staleness import in_ms, staleness_chart
from ..watching import Watch
from ..workload import SEED

RUNGS = ("two-stores", "event-sourced")
LAGS, LOADS = (0.0, 0.05, 0.2), (20, 200)  # seconds; commands a second
MOST_LAG, MOST_LOAD = 10.0, 100_000
LOOKS_A_SECOND = 200
SETTLING_SECONDS = 0.1  # after the first lag is over; what is seen before does not count
ORDERS = 50
DOCUMENTS = "orders"  # whose checkpoint readers look at


Looks = list[tuple[int, float]]  # events behind, milliseconds behind


class Run(NamedTuple):
    """One run: a rung, a lag in seconds, a load in commands a second."""

    rung: str
    lag_s: float
    load: int


@dataclass(frozen=True)
class Staleness:
    """What readers saw. `looks` has one row a look, `sent` one a run."""

    looks: pd.DataFrame
    sent: pd.DataFrame

    @property
    def frame(self) -> pd.DataFrame:
        """One row a rung, lag and load, over the looks of all repeats.

        `current` is the part of looks that found nothing missing. `ms_p95_low` and `ms_p95_high`
        are those of single repeats; `sent_per_second` tells whether the load was reached.
        """
        keys = [*Run._fields]
        groups = self.looks.groupby(keys, sort=True)
        events, ms = groups["events"], groups["ms"]
        sent = self.sent.groupby(keys)[["commands", "seconds"]].sum()
        single = self.looks.groupby([*keys, "repeat"])["ms"].quantile(0.95).groupby(keys)
        columns = {
            "sent_per_second": sent["commands"] / sent["seconds"],
            "looks": groups.size(),
            "current": events.agg(lambda seen: (seen == 0).mean()),
            "events_p50": events.median(),
            "events_p95": events.quantile(0.95),
            "events_max": events.max(),
            "ms_p50": ms.median(),
            "ms_p95": ms.quantile(0.95),
            "ms_p95_low": single.min(),
            "ms_p95_high": single.max(),
            "ms_max": ms.max(),
        }
        frame = pd.DataFrame(columns).reset_index()
        order = frame["rung"].map(RUNGS.index)
        return (
            frame.assign(order=order)
            .sort_values(["order", "load", "lag_s"])
            .drop(columns="order")
            .reset_index(drop=True)
        )

    def slow(self) -> pd.DataFrame:
        """Return the runs in which fewer commands were sent than chance would explain."""
        keys = [*Run._fields]
        sums = self.sent.groupby(keys)[["commands", "seconds"]].sum().reset_index()
        wanted = sums["load"] * sums["seconds"]  # four standard deviations of a Poisson count
        return sums[sums["commands"] < wanted - 4 * wanted**0.5]

    def chart(self, theme: str = "light") -> Chart:
        """Draw for each rung and load how many looks were at most so far behind."""
        return staleness_chart(self.looks, self.frame, theme)

    def sentences(self) -> list[str]:
        """Say how far behind readers were, rung by rung."""
        told = []
        for rung, rows in self.frame.groupby("rung", sort=False):
            quiet = rows.sort_values(["lag_s", "load"]).iloc[0]
            worst = rows.sort_values("ms_p95").iloc[-1]
            told += [
                f"{rung}, lag {quiet['lag_s']:g} s, {quiet['load']:,.0f} commands/s:"
                f" {quiet['current']:.0%} of looks found nothing missing, and 95% were at most"
                f" {in_ms(quiet['ms_p95'])} behind.",
                f"{rung}, lag {worst['lag_s']:g} s, {worst['load']:,.0f} commands/s: 95% of looks"
                f" were at most {in_ms(worst['ms_p95'])} and {worst['events_p95']:,.0f} events"
                f" behind, the worst {in_ms(worst['ms_max'])} and {worst['events_max']:,.0f}.",
            ]
        for row in self.slow().to_dict("records"):
            told.append(
                f"{row['rung']} did not reach {row['load']:,} commands/s: it took"
                f" {row['commands'] / row['seconds']:,.0f} (lag {row['lag_s']:g} s)."
            )
        return [
            *told,
            "The lag sets how old an answer is, and the load how many events that are; on rungs 1"
            " and 2 both are 0.",
        ]


def measure(
    lags: Sequence[float] = LAGS,
    loads: Sequence[int] = LOADS,
    *,
    seconds: float = 0.5,
    repeats: int = 3,
    rungs: Sequence[str] = RUNGS,
    seed: int = SEED,
    watch: Watch | None = None,
) -> Staleness:
    """Measure every rung with every lag and load, `repeats` times, in a shuffled order.

    A run takes `seconds` and its lag. Raises InvalidMessage for numbers out of range, ShopError
    for a rung without events or if a command fails, Cancelled if the watch says so.
    """
    _check(lags, loads, seconds, repeats, rungs)
    watch = watch or Watch()
    plan = [*planned(rungs, lags, loads, repeats, seed)]
    looks: list[dict[str, Any]] = []
    sent: list[dict[str, Any]] = []
    for done, (repeat, run) in enumerate(plan):
        told = f"{run.rung}: lag {run.lag_s:g} s, {run.load:,} commands/s"
        watch.progress(done, len(plan), told)
        seen, commands, took = looked(run, seconds, seed + done, watch)
        key = run._asdict() | {"repeat": repeat}
        looks += [key | {"events": events, "ms": ms} for events, ms in seen]
        sent.append(key | {"commands": commands, "seconds": took})
        if done + 1 < len(plan) and plan[done + 1][0] != repeat:
            watch.show(Staleness(pd.DataFrame(looks), pd.DataFrame(sent)))
    watch.progress(len(plan), len(plan))
    return Staleness(pd.DataFrame(looks), pd.DataFrame(sent))


def planned(
    rungs: Sequence[str], lags: Sequence[float], loads: Sequence[int], repeats: int, seed: int
) -> Iterator[tuple[int, Run]]:
    """Yield what is measured when. Each repeat shuffles anew: none is always first."""
    chance = Random(seed)
    for repeat in range(1, repeats + 1):
        runs = [Run(rung, lag, load) for rung in rungs for lag in lags for load in loads]
        chance.shuffle(runs)
        for run in runs:
            yield repeat, run


def looked(run: Run, seconds: float, seed: int, watch: Watch) -> tuple[Looks, int, float]:
    """Return what readers saw in one run, and how many commands were sent in how many seconds."""
    with tempfile.TemporaryDirectory(prefix="cqrs_demo-", ignore_cleanup_errors=True) as folder:
        urls = {name: f"sqlite:///{Path(folder) / name}.db" for name in ("write", "read")}
        with open_shop(run.rung, **urls) as shop:  # type: ignore[arg-type]
            first = prepared(shop)
        with open_shop(run.rung, **urls, delivery="background", lag=run.lag_s) as shop:  # type: ignore[arg-type]
            client = Client(shop, run.load, Random(f"client {seed}"), first)
            with client:
                return reads(shop, client, run, seconds, Random(f"readers {seed}"), watch)


def reads(
    shop: Shop, client: "Client", run: Run, seconds: float, chance: Random, watch: Watch
) -> tuple[Looks, int, float]:
    """Look again and again, at random moments, until the time is up."""
    client.wait_until(time.perf_counter() + run.lag_s + SETTLING_SECONDS)
    begin, sent_before = time.perf_counter(), len(client.stored)
    seen: Looks = []
    for moment in moments(begin, LOOKS_A_SECOND, chance):
        client.wait_until(min(moment, begin + seconds))
        if moment > begin + seconds:
            break
        watch.check()
        seen.append(client.behind(shop))
    return seen, len(client.stored) - sent_before, time.perf_counter() - begin


def moments(begin: float, per_second: float, chance: Random) -> Iterator[float]:
    """Yield the moments of a Poisson process: independent of each other, so many a second."""
    moment = begin
    while True:
        moment += chance.expovariate(per_second)
        yield moment


@dataclass
class Client:
    """A thread that sends commands at random moments, and remembers when each was stored.

    `stored` has the time at which the event of position `first` + n was stored.
    """

    shop: Shop
    load: int
    chance: Random
    first: int
    stored: list[float] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    problem: Exception | None = None

    def __enter__(self) -> "Client":
        self.thread = threading.Thread(target=self.run, name="client", daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.thread.join()

    def run(self) -> None:
        """Send until stopped. One that is late sends at once, since clients do not know of it."""
        try:
            for moment in moments(time.perf_counter(), self.load, self.chance):
                if self.stopped.wait(max(0.0, moment - time.perf_counter())):
                    return
                self.send()
        except Exception as error:
            self.problem = error
            self.stopped.set()

    def send(self) -> None:
        """Send a command that records one event, and note when it was stored."""
        order = f"o-{self.chance.randrange(ORDERS)}"
        self.shop.send(ChangeShippingAddress(order, f"{len(self.stored)} Mill Lane"))
        self.stored.append(time.perf_counter())

    def wait_until(self, moment: float) -> None:
        """Wait. Raises ShopError if the thread has ended before its time."""
        self.stopped.wait(max(0.0, moment - time.perf_counter()))
        if self.problem is not None:
            kind = type(self.problem).__name__
            raise ShopError(f"the client stopped: {kind}: {self.problem}") from self.problem

    def behind(self, shop: Shop) -> tuple[int, float]:
        """Look once: how many events are the documents behind, and how many milliseconds?"""
        now = time.perf_counter()
        state = shop.projections[DOCUMENTS]
        if state.error:
            raise ShopError(f"the documents stopped: {state.error}")
        nth = state.checkpoint + 1 - self.first
        if state.staleness == 0 or nth >= len(self.stored):
            return state.staleness, 0.0
        return state.staleness, max(0.0, (now - self.stored[nth]) * 1_000)


def prepared(shop: Shop) -> int:
    """Make orders, and documents of them; return the position that the next event will get."""
    shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    for n in range(ORDERS):
        shop.send(CreateOrder(f"o-{n}", "ada"))
    shop.deliver()
    return shop.position + 1


def _check(
    lags: Sequence[float], loads: Sequence[int], seconds: Any, repeats: Any, rungs: Sequence[str]
) -> None:
    for name, values in (("lags", lags), ("loads", loads), ("rungs", rungs)):
        if not values:
            raise InvalidMessage(name, "must not be empty")
    for lag in lags:
        if type(lag) not in (int, float) or not 0 <= lag <= MOST_LAG:
            raise InvalidMessage("lags", f"must be seconds from 0 to {MOST_LAG:g}")
    for load in loads:
        number(1, MOST_LOAD)("loads", load)
    number(1, 100)("repeats", repeats)
    if type(seconds) not in (int, float) or not 0.01 <= seconds <= 60:
        raise InvalidMessage("seconds", "must be a number of seconds, from 0.01 to 60")
    for rung in rungs:
        if rung not in RUNGS:
            raise ShopError(f"documents are behind on {' and '.join(RUNGS)} only, not on {rung!r}")


def panel() -> Any:
    """Return a panel for a notebook: choose a lag and a load, and measure both rungs."""
    from ..measuring_panel import MeasuringPanel, Slider  # noqa: PLC0415

    return MeasuringPanel(
        "How far documents are behind",
        "Events are delivered in the background, some time after each command, while readers look"
        " at random moments. Lag 0 is measured too, to compare with.",
        [
            Slider("lag", "Lag", (0.01, 0.05, 0.1, 0.2, 0.5, 1.0), 0.1, "s"),
            Slider("load", "Load", (10, 20, 50, 100, 200, 500, 1_000), 100, "commands/s"),
            Slider("seconds", "Each measurement", (0.25, 0.5, 1.0, 3.0), 0.5, "s"),
        ],
        lambda chosen, watch: measure(
            (0.0, chosen["lag"]), (chosen["load"],), seconds=chosen["seconds"], watch=watch
        ),
    )
