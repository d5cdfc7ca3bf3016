"""How far documents are behind: what is taken at a look, and what becomes of the figures."""

import threading
import time
from collections import Counter
from random import Random

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from cqrs_demo import GetOrder, InvalidMessage, ShopError, StoreUnavailable, open_shop
from cqrs_demo.lab.experiments import staleness
from cqrs_demo.lab.experiments.staleness import (
    Client,
    Run,
    Staleness,
    measure,
    moments,
    planned,
    prepared,
    reads,
)
from cqrs_demo.lab.watching import Cancelled, Watch

EVENTFUL = ("two-stores", "event-sourced")


@pytest.fixture(params=EVENTFUL)
def shop(request):
    """A shop whose events wait until they are delivered by hand."""
    with open_shop(request.param) as shop:
        yield shop


def client_of(shop):
    return Client(shop, load=100, chance=Random(1), first=prepared(shop))


def send(client, count):
    """Send so many commands, as the client's thread would."""
    for _ in range(count):
        client.send()


def test_a_look_counts_the_events_that_the_documents_do_not_show(shop):
    client = client_of(shop)
    assert client.behind(shop) == (0, 0.0)
    send(client, 3)
    events, ms = client.behind(shop)
    assert events == 3
    assert ms > 0
    shop.deliver(2)
    assert client.behind(shop)[0] == 1
    shop.deliver()
    assert client.behind(shop) == (0, 0.0)


def test_the_age_is_that_of_the_first_event_that_is_missing(shop, monkeypatch):
    client = client_of(shop)
    now = 1_000.0
    monkeypatch.setattr(staleness.time, "perf_counter", lambda: now)
    send(client, 1)
    now = 1_000.25
    send(client, 1)
    now = 1_000.75
    assert client.behind(shop) == (2, 750.0)
    shop.deliver(1)
    assert client.behind(shop) == (1, 500.0)


def test_an_event_that_was_stored_this_very_moment_is_not_old(shop):
    client = client_of(shop)
    send(client, 1)
    client.stored.clear()  # as if the thread had not come to note the time yet
    assert client.behind(shop) == (1, 0.0)


def test_other_projections_do_not_count(shop):
    client = client_of(shop)
    send(client, 2)
    shop.deliver(only="catalogue")
    assert client.behind(shop)[0] == 2


@pytest.mark.parametrize("rung", EVENTFUL)
def test_a_lag_that_does_not_end_leaves_everything_missing(rung, tmp_path):
    """Nothing is delivered for an hour: whatever was sent is what readers miss."""
    with open_shop(rung, delivery="background", lag=3_600.0) as shop:
        client = client_of(shop)
        send(client, 5)
        with client:
            run = Run(rung, 0.0, 100)
            seen, sent, seconds = reads(shop, client, run, 0.05, Random(2), Watch())
        assert seen[-1][0] >= 5
        assert [events for events, _ in seen] == sorted(events for events, _ in seen)
        assert [ms for _, ms in seen] == sorted(ms for _, ms in seen)
        assert 0 <= sent <= len(client.stored) - 5
        assert seconds >= 0.05
        assert shop.position - prepared_position(client) == len(client.stored)


def prepared_position(client):
    return client.first - 1


def test_the_client_sends_until_it_is_stopped_and_changes_real_orders():
    with open_shop("event-sourced") as shop:
        client = Client(shop, load=5_000, chance=Random(3), first=prepared(shop))
        enough = threading.Event()
        client.send = noting(client.send, enough, after=20)
        with client:
            assert enough.wait(60)
        assert not client.thread.is_alive()
        assert len(client.stored) >= 20
        shop.deliver()
        addresses = [shop.ask(GetOrder(f"o-{n}")).shipping_address for n in range(staleness.ORDERS)]
        assert any(address and address.endswith("Mill Lane") for address in addresses)


def noting(function, event, after):
    calls = Counter()

    def noted():
        function()
        calls["made"] += 1
        if calls["made"] >= after:
            event.set()

    return noted


def test_a_client_that_fails_is_told_of_in_one_sentence():
    def failing():
        raise StoreUnavailable("the disk of dreams is full")

    with open_shop("two-stores") as shop:
        client = Client(shop, load=1_000, chance=Random(1), first=prepared(shop))
        client.send = failing
        with client, pytest.raises(ShopError, match="client stopped: StoreUnavailable: the disk"):
            client.wait_until(time.perf_counter() + 60)


def test_documents_that_have_stopped_are_told_of(shop):
    client = client_of(shop)
    send(client, 1)
    shop.projecting.errors["orders"] = (shop.position, "RuntimeError: a bug")
    with pytest.raises(ShopError, match="the documents stopped: RuntimeError: a bug"):
        client.behind(shop)


def test_moments_are_random_and_so_many_a_second():
    several = [
        moment for moment, _ in zip(moments(5.0, 100, Random(1)), range(10_000), strict=False)
    ]
    assert several == sorted(several)
    assert several[-1] - 5.0 == pytest.approx(100, rel=0.05)
    gaps = pd.Series(several).diff().dropna()
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.05)  # as in a Poisson process


def test_each_repeat_measures_everything_in_an_order_of_its_own():
    plan = [*planned(EVENTFUL, (0.0, 1.0), (10, 20), 3, seed=1)]
    orders = [[run for n, run in plan if n == repeat] for repeat in (1, 2, 3)]
    assert all(Counter(order) == Counter(orders[0]) for order in orders)
    assert len(orders[0]) == 8
    assert orders[0] != orders[1] != orders[2]


@pytest.fixture(scope="module")
def told():
    return {"progress": [], "results": []}


@pytest.fixture(scope="module")
def found(told):
    """Measured for real: so briefly that the figures mean nothing."""
    watch = Watch(lambda *what: told["progress"].append(what), told["results"].append)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staleness, "SETTLING_SECONDS", 0.0)
        return measure((0.0, 0.02), (50, 200), seconds=0.04, repeats=2, watch=watch)


def test_every_rung_lag_and_load_is_measured(found, told):
    rows = found.frame
    assert [*zip(rows["rung"], rows["load"], rows["lag_s"], strict=True)] == [
        (rung, load, lag) for rung in EVENTFUL for load in (50, 200) for lag in (0.0, 0.02)
    ]
    assert (rows["looks"] > 0).all()
    assert rows["current"].between(0, 1).all()
    for what in ("events", "ms"):
        assert (rows[f"{what}_p50"] <= rows[f"{what}_p95"]).all()
        assert (rows[f"{what}_p95"] <= rows[f"{what}_max"]).all()
    assert len(found.looks) == rows["looks"].sum()
    assert [done for done, *_ in told["progress"]] == [*range(17)]
    assert len(told["results"]) == 1


def invented():
    """Looks with figures that are easy to check: 0 to 99 events behind, 10 ms for each."""
    looks, sent = [], []
    for rung in EVENTFUL:
        for lag in (0.0, 0.5):
            for repeat in (1, 2):
                key = {"rung": rung, "lag_s": lag, "load": 100, "repeat": repeat}
                size = 100 if lag else 1
                looks += [key | {"events": n % size, "ms": 10.0 * (n % size)} for n in range(100)]
                commands = 400 if rung == "two-stores" or lag else 100
                sent.append(key | {"commands": commands, "seconds": 4.0})
    return Staleness(pd.DataFrame(looks), pd.DataFrame(sent))


def test_figures_are_taken_over_all_looks():
    frame = invented().frame.set_index(["rung", "lag_s"])
    late, quick = frame.loc[("two-stores", 0.5)], frame.loc[("two-stores", 0.0)]
    assert late["looks"] == 200
    assert late["events_p50"] == pytest.approx(49.5)
    assert (late["events_max"], late["ms_max"]) == (99, 990)
    assert late["current"] == pytest.approx(0.01)
    assert late["sent_per_second"] == 100
    assert (quick["current"], quick["ms_max"]) == (1, 0)
    for name in ("ms_p95_low", "ms_p95", "ms_p95_high"):  # both repeats saw the same
        assert late[name] == pytest.approx(940.5)


def test_a_load_that_was_not_reached_is_told_and_chance_is_not():
    slow = invented().slow()
    assert [*zip(slow["rung"], slow["lag_s"], strict=True)] == [("event-sourced", 0.0)]
    told = " ".join(invented().sentences())
    assert "event-sourced did not reach 100 commands/s: it took 25 (lag 0 s)" in told
    assert "two-stores did not" not in told
    assert "95% of looks were at most 940 ms and 94 events behind" in told


def test_the_chart_stands_on_the_frame_and_says_in_words_what_it_shows():
    found = invented()
    for theme in ("light", "dark", "print"):
        chart = found.chart(theme)
        pd.testing.assert_frame_equal(chart.frame, found.frame)
        assert chart.to_svg().startswith(b"<?xml")
    assert "two-stores, 100 commands/s, lag 0 s: half of the looks were at most 0 ms" in chart.alt


@pytest.mark.parametrize("lags", [(0.0, 0.5), (0.0, 0.1, 0.5, 1.0)])
def test_no_legend_hides_a_curve(lags):
    """Looks that are all late make a curve that is steep at the right."""
    looks, sent = [], []
    for rung in EVENTFUL:
        for load in (20, 200):
            for lag in lags:
                key = {"rung": rung, "lag_s": lag, "load": load, "repeat": 1}
                looks += [key | {"events": 1, "ms": 1_000 * lag + n / 10} for n in range(100)]
                sent.append(key | {"commands": load, "seconds": 1.0})
    figure = Staleness(pd.DataFrame(looks), pd.DataFrame(sent)).chart().figure
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    panels = [axis.get_window_extent() for axis in figure.axes]
    legends = [axis.get_legend().get_window_extent() for axis in figure.axes]
    assert len(panels) == 4
    for n, legend in enumerate(legends):
        others = (*panels, *legends[:n])
        assert not any(legend.overlaps(other) for other in others)
        assert figure.bbox.x0 <= legend.x0 < legend.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= legend.y0


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ({"lags": ()}, "lags"),
        ({"lags": (-1.0,)}, "lags"),
        ({"lags": (float("nan"),)}, "lags"),
        ({"lags": ("1",)}, "lags"),
        ({"loads": (0,)}, "loads"),
        ({"loads": (1.5,)}, "loads"),
        ({"seconds": 0}, "seconds"),
        ({"repeats": 0}, "repeats"),
    ],
)
def test_numbers_out_of_range_are_named(bad, named):
    with pytest.raises(InvalidMessage, match=named):
        measure(**bad)


def test_rungs_whose_answers_are_never_old_are_refused():
    with pytest.raises(ShopError, match="two-stores and event-sourced only, not on 'crud'"):
        measure(rungs=["crud"])


def test_it_stops_when_told_and_leaves_no_thread():
    stop = threading.Event()
    watch = Watch(lambda done, total, doing: stop.set() if done else None, cancelled=stop)
    with pytest.raises(Cancelled):
        measure((0.0,), (50,), seconds=0.02, repeats=2, rungs=["two-stores"], watch=watch)
    assert not {"client", "delivery"} & {thread.name for thread in threading.enumerate()}
