"""Killed between the new catalogue and the shop's items, they follow once, and the journal says it once."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.actions import following, importing
from bookwish_desk.db.link import query
from bookwish_desk.db.store import Store, open_store
from tests.crash import till_work
from tests.crash.books import after_a_crash
from tests.crash.nest import Nest

EANS = till_work.EANS
BEFORE = (
    "isbn,sku,title,price,stock,shelf",
    *(f"{ean},,Book {ean},9.99,2,A" for ean in EANS[:3]),
    ",TOTE,Tote bag,5.00,3,B",
)
LATER = (
    "isbn,sku,title,price,stock,shelf",
    f"{EANS[0]},,,8.99,,",  # a price, and nothing else
    f"{EANS[1]},,Renamed,12.00,7,C",
    f"{EANS[2]},,,9.99,,",
    ",TOTE,,6.00,,",
    f"{EANS[3]},,New,20.00,4,D",
    f"{EANS[0]},TOTE,,1.00,,",  # two items
    f"{EANS[4]},,Sixth,7.00,1,",
)
REPRICED = sorted([[str(EANS[0]), 999, 899], [str(EANS[1]), 999, 1200], ["TOTE", 500, 600]])


@pytest.fixture
def stocked(shop: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Return a shop that keeps some goods, and a list that changes them."""
    first, later = tmp_path / "first.csv", tmp_path / "later.csv"
    first.write_text("\n".join(BEFORE))
    later.write_text("\n".join(LATER))
    store = open_store(shop)
    importing.run_import(store, importing.Plan(first))
    store.close()
    return shop, later


def shop_of(store: Store) -> dict[str, Any]:
    """Return what a list changes in the shop, without ids and times."""
    with store.read() as conn:
        return {
            "items": query(
                conn, "SELECT sku, ean, title, price_cents, shelf, on_hand FROM items ORDER BY sku"
            ).fetchall(),
            "moves": query(conn, "SELECT sku, quantity, cause FROM stock_moves ORDER BY id").fetchall(),
            "trade": query(
                conn, "SELECT ean, title, price_cents FROM catalogue.titles ORDER BY ean"
            ).fetchall(),
            "journal": query(
                conn,
                "SELECT kind, staff, register, body FROM journal WHERE kind = 'items.repriced' ORDER BY seq",
            ).fetchall(),
            "imported": query(
                conn, "SELECT count(*) FROM journal WHERE kind = 'catalogue.imported'"
            ).fetchall(),
            "owed": query(
                conn,
                "SELECT (SELECT count(*) FROM catalogue.owed) + (SELECT count(*) FROM catalogue.owing) "
                "+ (SELECT count(*) FROM counters WHERE name LIKE 'import-%')",
            ).fetchall(),
        }


def assert_journalled_once(store: Store, whole: dict[str, Any]) -> None:
    found = shop_of(store)
    assert found == whole
    bodies = [json.loads(body) for _, _, _, body in found["journal"]]
    assert {body["file"] for body in bodies} == {"later.csv"}
    assert sorted(price for body in bodies for price in body["prices"]) == REPRICED
    owner = till_work.owner_of(store)
    assert {(staff, register) for _, staff, register, _ in found["journal"]} == {(owner.staff, 1)}


def whole_import(shop: Path, file: Path, folder: Path) -> dict[str, Any]:
    """Import the list without a kill, in small steps, and return what came of it."""
    store = open_store(Path(shutil.copytree(shop, folder)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(following, "CHUNK", 2)
        importing.run_import(store, importing.Plan(file), actor=till_work.owner_of(store))
    found = shop_of(store)
    store.close()
    return found


def killed(nest: Nest, shop: Path, folder: Path, at: int, **named: Any) -> bool:
    """Have a copy of the shop import or go on, killed before the n-th statement; say whether it was."""
    shutil.copytree(shop, folder)
    child = nest.start("follow_list", folder=str(folder), at=at, **named)
    status = child.wait()
    after_a_crash(folder, [])
    assert status == (0 if child.said("through") else signal.SIGKILL)
    return status != 0


@pytest.mark.slow
@pytest.mark.parametrize("again", ["start", "import"])
def test_killed_after_the_new_catalogue_what_it_owes_is_settled_once(
    nest: Nest, stocked: tuple[Path, Path], tmp_path: Path, again: str
) -> None:
    shop, later = stocked
    whole = whole_import(shop, later, tmp_path / "whole")
    assert whole["owed"] == [(0,)]
    at, left = 0, True
    while left:
        folder = tmp_path / f"shop-{at}"
        left = killed(nest, shop, folder, at, file=str(later))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(following, "CHUNK", 2)
            store = open_store(folder)
            now = shop_of(store)
            assert now["trade"] == whole["trade"], "the new catalogue is in"
            if again == "start":
                importing.finish_import(store)
                importing.finish_import(store)
            else:
                report = importing.run_import(store, importing.Plan(later))
                assert (report.added, report.updated, report.rejected) == (0, 0, 1)
                whole["imported"] = [(3,)]
            assert_journalled_once(store, whole)
            store.close()
        shutil.rmtree(folder)
        at += 1
    assert at > 30


@pytest.mark.slow
def test_killed_while_it_settles_it_is_settled_once(
    nest: Nest, stocked: tuple[Path, Path], tmp_path: Path
) -> None:
    shop, later = stocked
    whole = whole_import(shop, later, tmp_path / "whole")
    assert killed(nest, shop, tmp_path / "owing", 0, file=str(later))
    at, left = 0, True
    while left:
        folder = tmp_path / f"shop-{at}"
        left = killed(nest, tmp_path / "owing", folder, at)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(following, "CHUNK", 2)
            store = open_store(folder)
            importing.finish_import(store)
            assert_journalled_once(store, whole)
            store.close()
        shutil.rmtree(folder)
        at += 1
    assert at > 30
