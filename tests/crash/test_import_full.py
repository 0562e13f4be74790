"""The disk fills up in the middle of an import: the old catalogue stays, or the rest waits for room."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from bookwish_desk.actions import importing
from bookwish_desk.db.link import query
from bookwish_desk.db.staging import STAGE_FILE
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.import_words import LEFT
from tests.crash import till_work
from tests.crash.books import after_a_crash
from tests.crash.disks import need_disk, small_disk
from tests.crash.nest import Ack
from tests.crash.test_disk_full import PAGE, fill, sell_one
from tests.crash.test_import_kill import Titles, _isbn, assert_found, catalogue

ROWS, KEPT = 800, 200
SALE_PAGES = 40
"""As much room as a sale needs."""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Return a list of new titles, some of them for the shop's own shelves, and a row that is refused."""
    path = tmp_path / "list.csv"
    rows = (f"{_isbn(n)},Zebra {n:04d},Author {n},9.00,{1 if n < KEPT else ''}" for n in range(ROWS))
    path.write_text("\n".join(("isbn,title,author,price,stock", *rows, "bad,X,Y,1,")))
    return path


def on_hand(store: Store) -> int:
    with store.read() as conn:
        found = query(conn, "SELECT coalesce(sum(on_hand), 0) FROM items WHERE title LIKE 'Zebra %'")
        return int(found.fetchone()[0])


def imports(store: Store) -> int:
    with store.read() as conn:
        found = query(conn, "SELECT count(*) FROM journal WHERE kind = 'catalogue.imported'")
        return int(found.fetchone()[0])


def shrink_logs(store: Store) -> None:
    """Make the logs small again: else an import would find room in them."""
    for links in (store.writer, store.catalogue):
        with links.bare() as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@pytest.mark.root
@pytest.mark.slow
def test_wherever_the_disk_fills_up_the_register_sells_and_the_list_comes_in_when_there_is_room(
    made_shop: Callable[[str | None], Path], written: Path
) -> None:
    need_disk(loop=False)
    outcomes: list[str] = []
    new: Titles = {}
    for pages in count(0, 8):
        with (
            small_disk(8 << 20) as disk,
            closing(open_store(Path(shutil.copytree(made_shop(None), disk / "shop")))) as store,
        ):
            actor = till_work.owner_of(store)
            acks: list[Ack] = []
            sell_one(store, actor, acks)
            old = catalogue(store)
            shrink_logs(store)
            filler = fill(disk, pages * PAGE)
            try:
                importing.run_import(store, importing.Plan(written))
                outcomes.append("through")
            except StorageError as fault:
                assert fault.code == "disk_full"
                is_in = catalogue(store) != old
                outcomes.append("rest" if is_in else "old")
                assert (LEFT in fault.message) == is_in
                assert (
                    fault.message.endswith("Free some space, then try again.")
                    or is_in
                    or (fault.message == "The report of rejected rows cannot be written.")
                )
            assert not list(store.folder.glob(f"{STAGE_FILE}*"))
            if outcomes[-1] == "old" and pages >= SALE_PAGES:
                sell_one(store, actor, acks)  # what the list took is given back
            filler.unlink()
            if outcomes[-1] == "rest":
                importing.finish_import(store)
            elif outcomes[-1] == "old":
                assert imports(store) == 0
                assert importing.run_import(store, importing.Plan(written)).added == ROWS
            new = catalogue(store)
            assert len(new) == len(old) + ROWS
            assert_found(store, new)
            assert on_hand(store) == KEPT
            assert imports(store) == 1
            sell_one(store, actor, acks)
            store.close()
            after_a_crash(disk / "shop", acks)
        if outcomes[-1] == "through":
            break
    assert outcomes.count("old") > 3
    assert outcomes.count("rest") > 3
    assert outcomes == sorted(outcomes, key=("old", "rest", "through").index), outcomes
