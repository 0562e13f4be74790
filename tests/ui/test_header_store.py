"""What the header says of the online store, and that it fits beside everything else."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

from bookwish_desk.shop.device import Device, DeviceState, ReceiptPrinterSetup
from bookwish_desk.shop.sync_state import CLOCK_WARNING_MS, Pass, Progress, SyncState, span, way_words
from bookwish_desk.ui.header import chips
from bookwish_desk.ui.heading import Header
from bookwish_desk.ui.widgets import StatusChip
from bookwish_desk.ui.widgets.chips import ChipButton
from bookwish_desk.ui.window import MainWindow

NOW = 1_790_000_000_000
COUNTER = Device("counter", "Counter printer", "tcp:10.0.0.9:9100", ReceiptPrinterSetup(), uses=("receipts",))
HEARD: dict[str, Any] = {"heard_at": NOW - 12_000}

BROKEN = Pass(kind="first", began_at=NOW - 9, ended_at=NOW - 8, words="Only staff may do this.")
WELL = Pass(kind="orders", began_at=NOW - 5, ended_at=NOW - 4, complete=True)


def said(since: str = "", **facts: Any) -> list[tuple[str, str, str]]:
    made = chips(
        demo=False,
        devices=(COUNTER,),
        states={},
        unfinished=0,
        store=SyncState(**facts),
        now=NOW,
        since=since,
    )
    return [(c.state, c.text, c.short) for c in made if c.place == "sync"]


def test_a_shop_without_an_online_store_is_told_nothing_of_one() -> None:
    assert said() == []


@pytest.mark.capability("BW-01", "OMG-08")
@pytest.mark.parametrize(
    ("facts", "light", "text", "short"),
    [
        ({"way": "ok", **HEARD}, "ok", "Store 12 s ago", "Store"),
        ({"way": "ok", "waiting": 3, **HEARD}, "ok", "Store 12 s ago, 3 waiting", "Store · 3"),
        ({"way": "away", "waiting": 2}, "warn", "Offline since 9:02 AM, 2 waiting", "Offline · 2"),
        ({"way": "signed_out", "waiting": 1}, "error", "Store: sign in again, 1 waiting", "Sign in · 1"),
        ({"way": "ok", "conflicts": 2, "uncertain": 1}, "warn", "Store: 3 to see to", "Store: 3"),
        ({"way": "ok", "no_orders": "Why."}, "warn", "Store: no orders come in", "No orders"),
        ({"way": "ok", "clock_off_ms": -CLOCK_WARNING_MS}, "warn", "Store: clocks differ", "Clocks"),
        ({"way": "ok", "passes": (BROKEN,)}, "warn", "Store: reading broke off", "Broke off"),
        ({"way": "ok", "passes": (WELL, BROKEN), **HEARD}, "ok", "Store 12 s ago", "Store"),
        (
            {"way": "ok", "passes": (BROKEN,), "first_stopped": True, **HEARD},
            "ok",
            "Store 12 s ago",
            "Store",
        ),
        ({"way": "ok", "first": Progress(5, 10)}, "warn", "Store: first import", "Importing"),
        ({"way": "paused", "waiting": 4}, "warn", "Store paused, 4 waiting", "Paused · 4"),
        ({"way": "standby"}, "off", "Store: another register", "Standby"),
        ({"way": "limited"}, "off", "Store: waiting its turn", "Waiting"),
        ({"way": "starting"}, "off", "Store: starting", "Store"),
    ],
)
def test_how_the_store_stands_is_said_in_a_few_words(
    facts: dict[str, Any], light: str, text: str, short: str
) -> None:
    assert said("9:02 AM", **facts) == [(light, text, short)]


@pytest.mark.capability("BW-01", "OMG-08")
@pytest.mark.parametrize(
    ("facts", "first"),
    [
        ({"way": "away", "waiting": 9}, "Offline since 9:02 AM, 9 waiting"),
        ({"way": "signed_out", "waiting": 1_200}, "Store: sign in again, 1,200 waiting"),
        ({"way": "paused"}, "Store paused"),
        ({"way": "ok", "no_orders": "Why."}, "Store: no orders come in"),
        ({"way": "away", "first": Progress(5, 10)}, "Offline since 9:02 AM"),
    ],
)
def test_what_is_to_see_to_never_hides_that_the_store_is_away(facts: dict[str, Any], first: str) -> None:
    told = said("9:02 AM", conflicts=5, refused=1, **facts)
    assert [text for _, text, _ in told] == [first, "Store: 6 to see to"]
    assert told[1][2] == "6 open"


def test_the_store_leads_to_its_screen() -> None:
    made = chips(
        demo=False, devices=(), states={}, unfinished=0, store=SyncState(way="ok", heard_at=NOW), now=NOW
    )
    assert [c.place for c in made if c.id == "sync"] == ["sync"]


@pytest.mark.parametrize(
    ("ms", "words"),
    [(-5, "0 s"), (59_999, "59 s"), (60_000, "1 min"), (3_600_000, "1 h"), (47 * 3_600_000, "47 h"),
     (48 * 3_600_000, "2 days")],
)  # fmt: skip
def test_spans_are_short(ms: int, words: str) -> None:
    assert span(ms) == words


def test_how_it_stands_in_words_for_the_screen() -> None:
    assert way_words(SyncState(way="ok"), NOW) == "Store not heard yet"
    assert way_words(SyncState(way="away", away_since=NOW - 7_200_000), NOW) == "Store offline for 2 h"
    assert way_words(SyncState(), NOW) == "No online store"


@pytest.mark.parametrize("width", [1024, 1366, 1920])
@pytest.mark.parametrize("way", ["ok", "away", "stuck", "open"])
def test_the_store_fits_into_the_header(dressed, qtbot, pictures, width, way):
    window = MainWindow()
    qtbot.addWidget(window)
    for name in ("sell", "sales", "orders", "stock", "till", "settings"):
        window.add_screen(name, name.capitalize(), f"screen.{name}", QWidget())
    window.add_screen("sync", "", "screen.sync", QWidget())
    window.add_screen("devices", "Devices", "screen.devices", QWidget())
    facts = {
        "ok": {"way": "ok", **HEARD},
        "away": {"way": "away", "waiting": 128},
        "stuck": {"way": "away", "waiting": 128, "conflicts": 7},
        "open": {"way": "away", "waiting": 9, "conflicts": 6},
    }[way]
    worst = {"counter": DeviceState("paper_out", "")} if way == "stuck" else {}
    window.show()
    window.status(
        chips(
            demo=way in ("ok", "away"), devices=(COUNTER,), states=worst, unfinished=0,
            new_orders=12, late_orders=3,
            store=SyncState(**facts), now=NOW, since="11:42 PM",
        )
    )  # fmt: skip
    window.set_till("Olive Owner · Till open since 9:02 AM")
    window.resize(width, 768)
    header = window.findChild(Header)
    assert header is not None
    qtbot.waitUntil(lambda: header.width() == width)
    made: list[Any] = [*header.findChildren(ChipButton), *header.findChildren(StatusChip)]
    shown = [chip for chip in made if not chip.isHidden()]
    store = next(chip for chip in made if chip.chip().id == "sync")
    qtbot.waitUntil(lambda: all(chip.isVisible() for chip in shown))
    assert window.grab().save(str(pictures / f"header-store-{way}-{width}.png"))
    assert store in shown, "the store is told of at any width"
    if way == "open":
        assert store in shown
        words = store.chip().short if width == 1024 else "Offline since 11:42 PM, 9 waiting"
        assert store.told() == words
    boxes = [QRect(chip.mapTo(window, QPoint(0, 0)), chip.size()) for chip in shown]
    assert all(window.rect().contains(box) for box in boxes)
    assert not any(a.intersects(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])
