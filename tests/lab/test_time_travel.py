"""The slider over a log: what it shows is what the shop was; and the pasts it is shown on."""

import json
from html import escape

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import needs_a_browser, take_picture
from playwright.sync_api import expect

from cqrs_demo import *
from cqrs_demo import open_shop
from cqrs_demo.domain.order import Order
from cqrs_demo.lab import time_travel as module_under_test
from cqrs_demo.lab.progress_bar import ProgressBar
from cqrs_demo.lab.selling import Selling, a_busy_past, place
from cqrs_demo.lab.time_travel import TimeTravel, stops, time_travel
from cqrs_demo.lab.week import a_week
from cqrs_demo.visuals.pages import module, stylesheet

EVENTFUL = ["two-stores", "event-sourced"]
HOSTILE = '<img src=x onerror="document.title=1">&amp;</script>'


def shown(travel):
    return json.loads(travel.data)


def fields(rows):
    return {row["name"]: row["value"] for row in rows}


def marks(rows):
    return {row["name"]: row["mark"] for row in rows if row["mark"]}


def at_position(travel, position):
    return next(stop for stop in shown(travel)["stops"] if stop["position"] == position)


# what it shows


@pytest.mark.parametrize("rung", EVENTFUL)
def test_every_stop_is_the_shop_as_it_was(rung):
    week = a_week(rung)
    found = stops(week.shop, "order-o-7")
    assert [stop.position for stop in found] == list(range(12))
    for stop in found:
        with week.shop.at(stop.position) as past:
            orders = past.documents()["orders"]
            folded = Order("o-7")
            for recorded in past.events(stream="order-o-7"):
                folded.apply(recorded.event)
        if orders:
            assert stop.aggregate["status"] == folded.status
            assert stop.documents["orders o-7"]["status"] == orders[0]["status"]
            assert stop.documents["orders o-7"]["user_name"] == orders[0]["user_name"]
        else:
            assert (stop.aggregate, stop.documents) == ({}, {})


def test_what_has_changed_is_marked_on_both_sides_with_the_old_value():
    placed = at_position(time_travel(a_week().shop, "order-o-7"), 8)
    assert marks(placed["aggregate"]) == {"status": "~", "version": "~"}
    status = next(row for row in placed["aggregate"] if row["name"] == "status")
    assert (status["old"], status["value"]) == ("draft", "placed")
    orders, history = placed["documents"]
    assert marks(orders["rows"]) == {"status": "~", "placed_at": "~", "version": "~"}
    assert (history["name"], history["mark"]) == ("order_history o-7", "+")


def test_an_event_of_another_stream_changes_documents_alone():
    renamed = at_position(time_travel(a_week().shop, "order-o-7"), 10)
    assert not renamed["own"]
    assert marks(renamed["aggregate"]) == {}
    assert [marks(document["rows"]) for document in renamed["documents"]] == [
        {"user_name": "~"},
        {"user_name": "~"},
    ]


def test_with_deliveries_the_documents_are_those_of_that_time():
    week = a_week()
    travel = time_travel(week.shop, "order-o-7", week.deliveries)
    placed = at_position(travel, 8)
    assert (placed["behind"], placed["seen"]) == (2, 6)
    assert fields(placed["aggregate"])["status"] == "placed"
    assert fields(placed["documents"][0]["rows"])["status"] == "draft"
    places = [stop["position"] for stop in shown(travel)["stops"] if stop["sort"] == "delivery"]
    assert places == [4, 6, 8, 9, 11]
    evening = next(
        stop
        for stop in shown(travel)["stops"]
        if stop["sort"] == "delivery" and stop["position"] == 8
    )
    assert evening["behind"] == 0
    assert fields(evening["documents"][0]["rows"])["status"] == "placed"


def test_a_document_that_goes_is_shown_as_gone():
    with open_shop("event-sourced") as shop:
        shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
        shop.send(AddProduct("mug", "Blue mug", 1200, 9))
        place(shop, "o-1")
        shop.send(CancelOrder("o-1", "late"))
        travel = time_travel(shop, "product-mug")
    last = shown(travel)["stops"][-1]
    gone = next(document for document in last["documents"] if document["name"].startswith("best"))
    assert gone["mark"] == "−"
    assert "best_sellers mug is gone." in last["says"]


def test_a_long_log_is_travelled_in_the_steps_of_the_stream(monkeypatch):
    monkeypatch.setattr(module_under_test, "MOST_STOPS", 5)
    week = a_week()
    found = stops(week.shop, "order-o-7", week.deliveries)
    assert [stop.position for stop in found] == [5, 6, 8, 9, 11]
    assert all(stop.event.stream == "order-o-7" for stop in found)


def test_what_cannot_be_travelled_is_told():
    with pytest.raises(ShopError, match="remembers no history"):
        time_travel(a_week("one-database").shop, "order-o-7")
    with pytest.raises(ShopError, match="no event of a stream 'order-o-99'"):
        time_travel(a_week().shop, "order-o-99")
    with pytest.raises(ShopError, match="no aggregate records"):
        time_travel(a_week().shop, "nonsense")


def test_where_no_widget_runs_every_stop_is_a_sentence():
    travel = time_travel(a_week().shop, "order-o-7")
    text = repr(travel)
    assert text.splitlines()[0] == "The past of order-o-7"
    assert "Tue 6 Jan 2026, 14:00, position 8: OrderPlaced." in text
    assert "status draft → placed" in text


def test_the_slider_stays_within_its_stops():
    travel = time_travel(a_week().shop, "order-o-7")
    assert travel.stop == 11
    travel.stop = 99
    assert travel.stop == 11
    travel.stop = -3
    assert travel.stop == 0


# the pasts


@pytest.mark.parametrize("rung", list(LADDER))
def test_a_week_is_the_same_story_on_every_rung(rung):
    week = a_week(rung)
    order = week.shop.ask(GetOrder("o-7"))
    told = order.status, order.shipping_address, order.user_name
    assert told == ("shipped", "5 Harbour Street", "Ada King")
    assert bool(week.deliveries) == (rung in EVENTFUL)
    week.shop.close()


def test_a_read_model_is_built_while_the_shop_keeps_selling():
    hours = {OrderPlaced: lambda docs, recorded: docs.put(recorded.event.order_id, {})}
    projections = {"placed": hours}
    bar = ProgressBar("placed", pause_seconds=0.02)
    with open_shop("event-sourced", **a_busy_past(300), projections=projections) as shop:
        before = shop.position
        assert shop.projections["placed"].checkpoint == 0
        with Selling(shop, pause_seconds=0.0) as customer:
            shop.rebuild("placed", progress=bar)
        assert customer.error is None
        assert customer.sold > 0
        assert shop.position == before + 4 * customer.sold
        reached = shop.projections["placed"].checkpoint
        assert bar.steps[-1][0] == reached >= before
        shop.deliver()
        assert len(shop.documents()["placed"]) == 300 + customer.sold


def test_who_cannot_sell_any_more_says_why():
    with open_shop("event-sourced", **a_busy_past(1)) as shop:
        pass
    with Selling(shop) as customer:
        customer._thread.join()
    assert (customer.sold, customer.error[:10]) == (0, "ShopClosed")


def test_a_bar_says_how_far_it_is():
    bar = ProgressBar("my <b>bar</b>")
    assert repr(bar) == "my <b>bar</b>: 0 of 0 events"
    bar(1_000, 6_002)
    assert repr(bar) == "my <b>bar</b>: 1,000 of 6,002 events"
    assert '<progress value="1000" max="6002"' in bar._repr_html_()
    assert "<b>bar" not in bar._repr_html_()


# in a browser


def opened(page, travel: TimeTravel, theme="light"):
    """Show the widget without a kernel: the module needs no more than a place for its traits."""
    page.set_content(
        f"""<!doctype html><html lang="en"><title>0</title><style>
        {stylesheet("explorer.css", "travel.css")}</style>
        <body data-jp-theme-light="{str(theme == "light").lower()}"><main id="here"></main>
        <script type="application/json" id="data">{escape(travel.data, quote=False)}</script>
        <script type="module">
        {module("stage.js", "travel.js")}
        const words = document.getElementById("data").textContent;
        const plain = document.createElement("textarea");
        plain.innerHTML = words;
        const traits = {{ data: plain.value, stop: {travel.stop} }};
        const model = {{ get: (name) => traits[name], set: (name, value) => {{
            traits[name] = value; }}, on() {{}}, off() {{}}, save_changes() {{}} }};
        travel.render({{ model, el: document.getElementById("here") }});
        </script>"""
    )
    return page.locator(".travel")


@needs_a_browser
def test_a_reader_moves_through_time_with_the_keyboard(page):
    week = a_week()
    travel = opened(page, time_travel(week.shop, "order-o-7", week.deliveries))
    slider = page.get_by_role("slider", name="Move through time")
    expect(slider).to_have_attribute(
        "aria-valuetext", "Thu 8 Jan 2026, 15:05, Events delivered, position 11 of 11"
    )
    expect(page.get_by_role("button", name="Later")).to_be_disabled()
    page.evaluate("document.addEventListener('keydown', () => { document.title = 'heard'; })")
    slider.press("Home")
    assert page.title() == "0"  # else JupyterLab would take the arrow keys for itself
    expect(travel).to_contain_text("It does not exist yet.")
    expect(page.get_by_role("button", name="Earlier")).to_be_disabled()
    page.get_by_role("button", name="Later").press("Enter")
    page.get_by_role("button", name="Earlier").press("Enter")
    expect(page.get_by_role("button", name="Earlier")).to_be_focused()  # though it can do no more
    slider.press("End")
    for _ in range(6):
        slider.press("ArrowLeft")
    order = travel.get_by_role("region", name="Order folded")
    read = travel.get_by_role("region", name="Read models")
    expect(order.locator(".chg").first).to_have_text("draft placed")
    expect(read).to_contain_text("2 events behind")
    expect(read).to_contain_text("checkpoint 6")
    expect(read.locator("tr", has_text="status")).to_contain_text("draft")
    expect(page.get_by_role("status")).to_contain_text("The documents are 2 events behind.")
    take_picture(page, travel, "time-travel-light")
    page.get_by_role("button", name="Later").click()
    expect(read).to_contain_text("✓ up to date")
    expect(read.locator(".chg").first).to_have_text("draft placed")


@needs_a_browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_is_wrong_for_those_who_cannot_see_it(page, theme):
    week = a_week()
    travel = time_travel(week.shop, "order-o-7", week.deliveries)
    travel.stop = 12
    opened(page, travel, theme)
    found = Axe().run(page, context="#here")
    serious = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert not serious, json.dumps(serious, indent=1)[:3_000]


@needs_a_browser
def test_nothing_sticks_out_in_a_narrow_cell(page):
    for width in (1280, 860, 420):
        page.set_viewport_size({"width": width, "height": 900})
        opened(page, time_travel(a_week().shop, "order-o-7"))
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width


@needs_a_browser
def test_what_a_payload_holds_is_text(page):
    with open_shop("event-sourced") as shop:
        shop.send(CreateUser("ada", HOSTILE, "ada@example.org"))
        shop.send(CreateOrder("o-1", "ada"))
        shop.send(ChangeShippingAddress("o-1", HOSTILE))
        travel = time_travel(shop, "order-o-1")
    still = travel_html(travel)
    assert "<img" not in still
    assert "</script>" not in still
    view = opened(page, travel)
    expect(view.get_by_role("region", name="Order folded")).to_contain_text(HOSTILE)
    assert page.title() == "0"


def travel_html(travel):
    """What a reader gets where no widget runs."""
    shown = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            module_under_test, "display_with_still", lambda view, html, text: shown.append(html)
        )
        travel._ipython_display_()
    return shown[0]
