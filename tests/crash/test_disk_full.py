"""The disk fills up: a sale is refused in words, the books stay, the reserve lets the day be closed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions import paying, selling, tilling
from bookwish_desk.db import ballast
from bookwish_desk.db import engine as engines
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.till import Count
from tests.crash import till_work
from tests.crash.books import after_a_crash
from tests.crash.disks import need_disk, small_disk
from tests.crash.nest import Ack, Nest
from tests.support import days

PAGE = 4096
SWEEP = 48
"""Pages left free, from none on: the failing write falls on each part of a sale in turn."""


@pytest.fixture
def disk() -> Iterator[Path]:
    need_disk(loop=False)
    with small_disk(8 << 20) as point:
        yield point


def fill(point: Path, leave: int) -> Path:
    """Fill a disk until `leave` bytes are free."""
    filler = point / "filler"
    with filler.open("wb") as file:
        room = os.statvfs(point)
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - leave)
    free = os.statvfs(point)
    assert free.f_bavail * free.f_frsize == leave
    return filler


def opened(point: Path, made_shop: Callable[[str | None], Path]) -> tuple[Store, Actor]:
    store = open_store(Path(shutil.copytree(made_shop(None), point / "shop")))
    return store, till_work.owner_of(store)


def sell_one(store: Store, actor: Actor, acks: list[Ack]) -> None:
    """Scan a book and pay it, or what is open already; note what came back."""
    draft = selling.current(store, 1).draft
    if draft is None:
        draft = selling.scan(store, actor, str(till_work.EANS[0])).value.draft
        assert draft is not None
        acks.append(["draft", draft.id, 1])
    sale = paying.pay_cash(store, actor, draft.id, 10_000).value.sale
    assert sale is not None
    acks.append(["sale", sale.id, sale.receipt, sale.total_cents])


@pytest.mark.root
@pytest.mark.slow
@pytest.mark.capability("BW+01")
def test_at_every_write_a_full_disk_refuses_the_sale_and_keeps_the_books(
    disk: Path, made_shop: Callable[[str | None], Path]
) -> None:
    store, actor = opened(disk, made_shop)
    acks: list[Ack] = []
    sell_one(store, actor, acks)
    refused = 0
    for pages in range(SWEEP):
        # Without this the log would find room in itself and nothing would have to be written anew.
        with store.writer.connect() as conn:
            conn.exec_driver_sql("COMMIT")
            assert conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0] == 0
            conn.exec_driver_sql("BEGIN")
        filler = fill(disk, pages * PAGE)
        try:
            sell_one(store, actor, acks)
        except StorageError as fault:
            refused += 1
            assert fault.code == "disk_full"
            assert fault.message.endswith("Free some space, then try again.")
            with store.read() as conn:
                count = conn.exec_driver_sql("SELECT count(*) FROM sales").scalar_one()
            assert count == sum(ack[0] == "sale" for ack in acks)
        filler.unlink()
        sell_one(store, actor, acks)
    assert 10 < refused < SWEEP, "the sweep began with no room and ended with enough"
    store.close()
    after_a_crash(disk / "shop", acks)


@pytest.mark.root
@pytest.mark.slow
@pytest.mark.capability("BW+12")
def test_the_reserve_lets_the_sale_end_and_the_day_be_closed(
    disk: Path, made_shop: Callable[[str | None], Path]
) -> None:
    store, actor = opened(disk, made_shop)
    assert ballast.keep(store.folder, 1 << 20)
    acks: list[Ack] = []
    sell_one(store, actor, acks)
    fill(disk, 0)
    sell_one(store, actor, acks)
    assert not (store.folder / ballast.FILE).exists()
    report = tilling.close_till(store, actor, Count(other_cents=20_000), 0).value
    acks.append(["closed", report.till.id, report.z_number])
    store.close()
    after_a_crash(disk / "shop", acks)


@pytest.mark.root
@pytest.mark.slow
def test_after_a_crash_on_a_full_disk_the_reserve_lets_the_books_open(
    nest: Nest, disk: Path, made_shop: Callable[[str | None], Path]
) -> None:
    shop = Path(shutil.copytree(made_shop(None), disk / "shop"))
    assert ballast.keep(shop, 1 << 20)
    child = nest.start("fill_up", folder=str(shop))
    child.wait()
    assert child.said("sale")
    for side in ("shop.db-shm", "catalogue.db-shm"):
        (shop / side).unlink(missing_ok=True)
    assert (shop / "shop.db-wal").stat().st_size > 0
    filler = fill(disk, 0)
    with pytest.raises(engines.driver().OperationalError):
        engines.connect(shop / "shop.db")
    store = open_store(shop)
    assert not (shop / ballast.FILE).exists()
    days.close_till(store, till_work.owner_of(store), 20_000)
    store.close()
    filler.unlink()
    after_a_crash(shop, child.acks)
