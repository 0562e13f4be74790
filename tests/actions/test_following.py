"""The shop's items follow an import to its end, however often that is broken off; nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bookwish_desk.actions import following
from bookwish_desk.actions.importing import Plan, Progress, finish_import, run_import
from bookwish_desk.db import folder as place
from bookwish_desk.db import items, owed, tables
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import Refused, StorageError
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.journal import Entry, verify
from bookwish_desk.shop.staff import Actor
from tests.support.shops import found_shop

BOOK, OTHER, THIRD = 9780439023481, 9780439655484, 9780140449068
Writer = Callable[..., Path]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Store, Actor]]:
    """Open a shop that keeps two books and a bag."""
    monkeypatch.setattr(following, "CHUNK", 2)
    store, owner = found_shop(tmp_path / "data")
    path = tmp_path / "first.csv"
    path.write_text(f"isbn,sku,title,price,stock\n{BOOK},,A,9.99,1\n{OTHER},,B,5,2\n,TOTE,Tote,4,3\n")
    run_import(store, Plan(path))
    yield store, owner
    store.close()


@pytest.fixture
def store(shop: tuple[Store, Actor]) -> Store:
    return shop[0]


@pytest.fixture
def written(tmp_path: Path) -> Writer:
    """Write a list and return its path."""

    def write(*lines: str, name: str = "later.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


class Killed(BaseException):
    """The end of a process, as far as a test of one can see it."""


def breaking(store: Store, after: int, fault: BaseException) -> Any:
    """Return how actions are done until so many were: then never again."""
    left = iter(range(after))

    def act(action: Any) -> Any:
        if next(left, None) is None:
            raise fault
        return action(store).value

    return act


def item(store: Store, ean: int | None = None, sku: str = "") -> Item:
    with store.read() as conn:
        found = items.find(conn, sku or str(ean), ean)
    assert found is not None
    return found


def journal(store: Store) -> list[Entry]:
    """Return the journal from the second import on."""
    with store.read() as conn:
        rows = conn.execute(select(tables.journal).order_by(tables.journal.c.seq)).all()
    entries = [Entry(**row._mapping) for row in rows]
    assert verify(entries, None) == []
    return [e for e in entries if '"first.csv"' not in e.body and e.kind != "shop.founded"]


def kinds(store: Store) -> list[str]:
    return [entry.kind for entry in journal(store)]


def owes(store: Store) -> int:
    with store.read() as conn:
        assert (owed.owing(conn) is None) == (not owed.after(conn, 0, 1))
        counted = conn.execute(select(tables.counters.c.name)).scalars().all()
        assert owed.owing(conn) is not None or not [name for name in counted if name.startswith("import-")]
        return len(owed.after(conn, 0, 1_000))


PRICES = ("isbn,sku,price", f"{BOOK},,8.99", ",TOTE,6.00", f"{OTHER},,5.00")


def test_an_import_that_ran_to_its_end_owes_nothing(store: Store, written: Writer) -> None:
    run_import(store, Plan(written(*PRICES)))
    assert kinds(store) == ["items.repriced", "catalogue.imported"]
    assert owes(store) == 0


@pytest.mark.parametrize("done", [0, 1])
def test_killed_with_the_new_catalogue_in_it_is_settled_at_the_next_start(
    shop: tuple[Store, Actor], written: Writer, done: int
) -> None:
    store, owner = shop
    with pytest.raises(Killed):
        # The first action is the question whether this one may import.
        run_import(store, Plan(written(*PRICES)), actor=owner, act=breaking(store, 1 + done, Killed()))
    assert item(store, BOOK).price_cents == 899, "the new price counts at once"
    assert kinds(store) == ["items.repriced"] * done
    assert owes(store) == 2
    finish_import(store)
    finish_import(store)
    repriced, imported = journal(store)
    assert repriced.body == '{"file":"later.csv","prices":[["9780439023481",999,899],["TOTE",400,600]]}'
    assert (repriced.staff, repriced.register) == (imported.staff, imported.register) == (owner.staff, 1)
    assert repriced.ref == imported.ref
    assert imported.kind == "catalogue.imported"
    assert '"read":3,"rejected":0' in imported.body
    assert item(store, sku="TOTE").price_cents == 600
    assert owes(store) == 0


def test_the_next_list_settles_what_the_last_one_owes_before_anything_else(
    store: Store, written: Writer
) -> None:
    with pytest.raises(Killed):
        run_import(store, Plan(written(*PRICES)), act=breaking(store, 0, Killed()))
    next_list = written("isbn,price", f"{BOOK},7.00", name="next.csv")
    report = run_import(store, Plan(next_list))
    assert (report.added, report.updated, report.unchanged) == (0, 1, 0)
    assert [(e.kind, '"next.csv"' in e.body) for e in journal(store)] == [
        ("items.repriced", False),
        ("catalogue.imported", False),
        ("items.repriced", True),
        ("catalogue.imported", True),
    ]
    assert '["9780439023481",899,700]' in journal(store)[2].body
    assert owes(store) == 0


def test_what_cannot_be_settled_is_owed_on_and_the_next_list_is_not_begun(
    store: Store, written: Writer
) -> None:
    full = StorageError("disk_full", "The disk is full.")
    with pytest.raises(StorageError, match=r"The list is in the catalogue\..*Free some space first\.$"):
        run_import(store, Plan(written(*PRICES)), act=breaking(store, 0, full))
    next_list = Plan(written("isbn,price", f"{BOOK},7.00", name="next.csv"))
    with pytest.raises(StorageError):
        run_import(store, next_list, act=breaking(store, 0, full))
    with pytest.raises(StorageError):
        finish_import(store, act=breaking(store, 0, full))
    assert not run_import(store, next_list, cancelled=lambda: True).complete
    assert finish_import(store, cancelled=lambda: True) == 0
    assert item(store, BOOK).price_cents == 899
    assert kinds(store) == []
    assert owes(store) == 2
    finish_import(store)
    assert kinds(store) == ["items.repriced", "catalogue.imported"]


def test_a_desk_that_is_closed_meanwhile_leaves_the_rest_for_its_next_start(
    store: Store, written: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "CHUNK", 1)
    lines = ["isbn,title,stock", f"{BOOK},,", f"{THIRD},C,4", "9780261103344,D,1", "bad,E,1"]
    at_items: list[Progress] = []

    def hear(progress: Progress) -> None:
        at_items.extend([progress] if progress.phase == "items" and progress.rows else [])

    with pytest.raises(Refused, match="goes on when the desk is started") as left:
        run_import(store, Plan(written(*lines)), progress=hear, cancelled=lambda: bool(at_items))
    assert left.value.code == "left"
    assert not list((store.folder / "reports").glob("*")), "there is no report of what has not ended"
    assert kinds(store) == []
    with place.claim_import(store.folder):
        assert finish_import(store) == 0  # somebody else imports
        assert kinds(store) == []
    finish_import(store)
    assert [item(store, ean).on_hand for ean in (BOOK, THIRD, 9780261103344)] == [1, 4, 1]
    assert kinds(store) == ["catalogue.imported"]
    assert '"added":2' in journal(store)[0].body
    assert '"rejected":1' in journal(store)[0].body


def test_a_count_that_broke_off_goes_on_and_counts_nothing_twice(store: Store, written: Writer) -> None:
    lines = ["isbn,sku,title,count,price", f"{BOOK},,,7,8.00", f"{OTHER},,,7,", f"{THIRD},,C,7,", ",TOTE,,7,"]
    with pytest.raises(Killed):
        run_import(store, Plan(written(*lines), counts=True), act=breaking(store, 1, Killed()))
    with store.write() as tx:
        items.move(tx, str(BOOK), -2, "sale", staff="s")
    finish_import(store)
    assert [item(store, ean).on_hand for ean in (BOOK, OTHER, THIRD)] == [5, 7, 7]
    assert item(store, sku="TOTE").on_hand == 7
    assert kinds(store) == ["items.repriced", "stock.counted"]


def test_all_that_an_item_takes_over_from_a_row_survives_the_kill(store: Store, written: Writer) -> None:
    lines = (
        "sku,title,author,publisher,series,format,year,price,tax class,stock,shelf,on order,street date",
        'MUG,"Łódź ""mug""",Ann,Press,Cups,Mug,2020,7.50,general,not counted,M1,3,2030-01-02',
    )
    whole = written(*lines)
    with pytest.raises(Killed):
        run_import(store, Plan(whole), act=breaking(store, 0, Killed()))
    finish_import(store)
    mug = item(store, sku="MUG")
    assert (mug.title, mug.authors, mug.publisher, mug.series) == ('Łódź "mug"', "Ann", "Press", "Cups")
    assert (mug.format, mug.year, mug.price_cents, mug.tax_class) == ("ZK", 2020, 750, "general")
    assert (mug.stocked, mug.shelf, mug.on_order, mug.street_date) == (False, "M1", 3, "2030-01-02")
    again = run_import(store, Plan(whole))
    assert (again.added, again.updated, again.unchanged) == (0, 0, 1)


def test_the_words_of_a_book_follow_with_its_price(store: Store, written: Writer) -> None:
    """A new price alone brings an item what else the row says, after a kill as without one."""
    with pytest.raises(Killed):
        run_import(
            store,
            Plan(written("isbn,title,price", f"{BOOK},New name,1.00")),
            act=breaking(store, 0, Killed()),
        )
    with store.read() as conn:
        kept = select(tables.items.c.title).where(tables.items.c.ean == BOOK)
        assert conn.execute(kept).scalar_one() == "A"
    finish_import(store)
    with store.read() as conn:
        assert conn.execute(kept).scalar_one() == "New name"
