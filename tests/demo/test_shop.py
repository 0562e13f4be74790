"""The demonstration shop: whole after one build, finished after a kill, everything findable and sellable."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bookwish_desk.actions import importing, pins, selling, staffing
from bookwish_desk.actions.posting import letterhead
from bookwish_desk.db import checks, items, search, tables
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.demo import codes, shop
from bookwish_desk.hardware.model import PAPER_80
from bookwish_desk.hardware.receipts.drawing import checked_logo, draw
from bookwish_desk.resource import resource_path
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import Refused, StorageError
from bookwish_desk.shop.receipt import printer_test
from bookwish_desk.shop.staff import Actor, pin_fault
from tests.hardware.slips import PAPER_58
from tests.support.shops import found_shop


def rows(name: str) -> list[dict[str, str]]:
    with resource_path("demo", name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def scannable(row: dict[str, str]) -> str:
    return row.get("isbn") or row["ean"] or row["sku"]


ALL = [*rows("catalogue.csv"), *rows("sidelines.csv")]


def people(store: Store) -> dict[str, tuple[str, str]]:
    s = tables.staff.c
    with store.read() as conn:
        return {row.name: (row.id, row.role) for row in conn.execute(select(s.name, s.id, s.role))}


def kinds(store: Store) -> list[str]:
    with store.read() as conn:
        return list(conn.execute(select(tables.journal.c.kind).order_by(tables.journal.c.seq)).scalars())


def owner_of(store: Store) -> Actor:
    return Actor(people(store)["Maya R."][0], 1)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(tmp_path_factory.mktemp("demo"))
    shop.build_demo(store)
    yield store
    store.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "demo")
    yield store
    store.close()


# ---- goods ----


def test_the_list_has_three_hundred_titles_and_the_sidelines():
    assert len(rows("catalogue.csv")) == 300
    assert len(rows("sidelines.csv")) == 14


@pytest.mark.capability("BW+01")
def test_everything_is_found_by_its_barcode_with_price_stock_and_shelf(demo):
    with demo.read() as conn:
        for row in ALL:
            scan = barcode.parse(scannable(row))
            item = items.find(conn, scan.code, scan.ean)
            assert item is not None, row
            assert item.title == row["title"]
            assert item.price_cents == round(float(row["price"]) * 100)
            assert item.shelf == row["shelf"]
            counted = row["stock"] != "not counted"
            assert item.stocked is counted
            assert item.on_hand == (int(row["stock"]) if counted else 0)


@pytest.mark.capability("BW+01")
def test_every_title_is_found_by_its_isbn_10(demo):
    with demo.read() as conn:
        for row in rows("catalogue.csv"):
            isbn10 = barcode.parse(row["isbn"]).isbn10
            if isbn10:
                scan = barcode.parse(isbn10)
                found = items.find(conn, scan.code, scan.ean)
                assert found is not None and found.title == row["title"], isbn10


@pytest.mark.capability("BW+01")
def test_everything_is_found_by_the_words_of_its_title_and_author(demo):
    with demo.read() as conn:
        for row in ALL:
            words = f"{row['title']} {row.get('author', '')}"
            assert row["title"] in [x.title for x in search.search(conn, words)], words


def test_what_the_palette_offers_is_everything_once(demo):
    offered = shop.goods(demo)
    assert sorted(x.title for x in offered) == sorted(row["title"] for row in ALL)
    assert len({x.sku for x in offered}) == len(ALL)


@pytest.mark.capability("BW+01", "BW+06")
def test_everything_can_be_sold(empty):
    shop.build_demo(empty)
    owner = owner_of(empty)
    for row in ALL[::20] + ALL[-14:]:
        totals = selling.scan(empty, owner, scannable(row)).value.totals
        assert totals is not None and row["title"] in [x.line.title for x in totals.lines]


def test_the_tiles_are_things_the_shop_has(demo):
    with demo.read() as conn:
        assert [x.sku for x in items.by_skus(conn, demo.settings.tiles)] == list(shop.TILES)


# ---- the shop ----


def test_it_is_a_founded_demonstration_with_simulated_devices(demo):
    settings = demo.settings
    assert settings.set_up
    assert settings.demo
    assert not settings.encrypted
    assert (settings.currency, settings.locale, settings.tax.mode) == ("USD", "en_US", "exclusive")
    assert [x.code for x in settings.tax.classes] == ["book", "general", "food", "none"]
    assert [d.role for d in settings.devices if d.simulated] == [
        "receipt_printer", "label_printer", "label_printer", "scale",
    ]  # fmt: skip
    assert [d.uses for d in settings.devices if "shipping" in d.uses] == [("shipping",)]
    assert settings.shipping.sender.postal_code == "06099" and not settings.shipping.connected
    used = {row["tax class"] for row in ALL} | {settings.gift_wrap_tax}
    assert used <= {x.code for x in settings.tax.classes}


def test_its_logo_prints_as_it_was_drawn_on_both_papers(demo):
    logo = demo.settings.logo
    assert 0 < len(logo) < 5_000  # it is in every queued receipt
    assert checked_logo(logo)
    head = letterhead(demo.settings)
    slip = printer_test(head, "Printer")
    for paper in (PAPER_80, PAPER_58):
        with_logo = draw(slip, paper)
        bare = draw(printer_test(letterhead(type(demo.settings)(shop_name=head.name)), "Printer"), paper)
        assert with_logo.height > bare.height + 60


@pytest.mark.capability("BW+12")
def test_everybody_signs_in_with_the_pin_that_is_shown(demo):
    there = people(demo)
    assert {name: there[name][1] for name, _pin in shop.DEMO_PINS} == {
        "Maya R.": "owner",
        "Theo L.": "manager",
        "Sam K.": "staff",
    }
    for name, pin in shop.DEMO_PINS:
        assert pin_fault(pin) == ""
        check = staffing.begin_pin(demo, there[name][0]).value
        signed_in = staffing.sign_in(demo, 1, pins.verify(check, pin, None)).value
        assert signed_in.person is not None and signed_in.person.name == name
    assert len({pin for _name, pin in shop.DEMO_PINS}) == len(shop.DEMO_PINS)


@pytest.mark.capability("BW+12")
def test_a_badge_lies_at_the_counter(demo):
    name, code = shop.BADGE
    person = staffing.sign_in_badge(demo, 1, code).value.person
    assert person is not None and person.name == name


def test_the_journal_of_the_build_is_sound(demo):
    with demo.read() as conn:
        assert checks.journal_chain(conn, demo.journal_key) == []


# ---- codes to try ----


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ISBN-10 of an older book", "book"),
        ("ISBN with its price beside it", "book"),
        ("ISBN, a blank and the price", "book"),
        ("ISBN as a scanner with AIM marks sends it", "book"),
        ("Label of the shop, on a used copy", "in_shop"),
        ("SKU, on something without a barcode", "other"),
        ("A book that nobody knows", "book"),
        ("A magazine with its issue", "serial"),
        ("A damaged barcode: wrong check digit", "invalid"),
        ("A payment card: never kept", "card"),
        ("Badge of Sam K.", "badge"),
    ],
)
def test_a_code_to_try_is_what_it_says(demo, name, kind):
    scan = barcode.parse(dict(codes.codes_to_try(demo))[name])
    assert scan.kind == kind
    with demo.read() as conn:
        known = items.find(conn, scan.code, scan.ean) is not None
    nobody_knows = name in ("A book that nobody knows", "A magazine with its issue")
    assert known is (kind in ("book", "in_shop", "other") and not nobody_knows)


def test_the_price_beside_the_barcode_is_the_price_of_the_book(demo):
    tried = dict(codes.codes_to_try(demo))
    for name in ("ISBN with its price beside it", "ISBN, a blank and the price"):
        scan = barcode.parse(tried[name])
        with demo.read() as conn:
            item = items.find(conn, scan.code, scan.ean)
        assert item is not None
        assert scan.price_hint_cents == item.price_cents


def test_a_held_sale_can_be_scanned_after_a_restart(empty):
    shop.build_demo(empty)
    owner = owner_of(empty)
    draft = selling.scan(empty, owner, "9780061120084").value.draft
    assert draft is not None
    held = selling.hold(empty, owner, draft.id).value
    assert codes.codes_to_try(empty)[0] == ("Last held sale", held.held_as)


# ---- building again ----


def test_a_second_build_changes_nothing(demo):
    before = kinds(demo)
    shop.build_demo(demo)
    assert kinds(demo) == before


def test_a_real_shop_is_left_alone(tmp_path):
    store, _owner = found_shop(tmp_path)
    before = kinds(store)
    with pytest.raises(Refused, match="real shop"):
        shop.build_demo(store)
    assert kinds(store) == before
    store.close()


def test_a_build_that_failed_half_way_is_finished_by_the_next(empty, monkeypatch):
    imported = importing.run_import
    tried: list[str] = []

    def full(store: Store, plan: importing.Plan, **more: object) -> object:
        tried.append(plan.path.name)
        if plan.path.name == "sidelines.csv":
            raise StorageError("disk_full", "The disk is full.")
        return imported(store, plan, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "run_import", full)
    with pytest.raises(StorageError):
        shop.build_demo(empty)
    assert tried == list(shop.GOODS)
    assert not shop.is_built(empty)
    monkeypatch.setattr(importing, "run_import", imported)
    shop.build_demo(empty)
    assert_whole(empty)


_BUILD_AND_DIE = """
import os, signal, sys
from pathlib import Path
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.demo import shop

store, left = open_store(Path(sys.argv[1])), [int(sys.argv[2])]
for name in ("write", "write_catalogue"):
    def counted(self, begin=getattr(Store, name)):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return begin(self)
    setattr(Store, name, counted)
shop.build_demo(store)
"""


@pytest.mark.parametrize("transactions", [1, 2, 4, 6])
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_build_that_was_killed_is_finished_by_the_next(tmp_path, transactions):
    folder = tmp_path / "demo"
    killed = subprocess.run([sys.executable, "-c", _BUILD_AND_DIE, folder, str(transactions)], env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    store = open_store(folder)
    assert not shop.is_built(store)
    shop.build_demo(store)
    assert_whole(store)
    store.close()


def assert_whole(store: Store) -> None:
    """Assert that nothing is missing and nothing is there twice."""
    assert shop.is_built(store)
    assert sorted(people(store)) == sorted(name for name, _pin in shop.DEMO_PINS)
    offered = {x.sku: x.on_hand for x in shop.goods(store)}
    assert offered == {
        row.get("sku") or row["isbn"]: 0 if row["stock"] == "not counted" else int(row["stock"])
        for row in ALL
    }
    assert kinds(store).count("shop.founded") == 1
    with store.read() as conn:
        assert checks.journal_chain(conn, store.journal_key) == []
