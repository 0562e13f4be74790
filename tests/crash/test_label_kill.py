"""Killed while labels are bought: each is paid once, whatever the moment, and all of them come in the end."""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions import buying
from bookwish_desk.actions.bought import created
from bookwish_desk.actions.checking import BOOKS
from bookwish_desk.actions.consigning import Wanted
from bookwish_desk.db import postages
from bookwish_desk.db.store import open_store, system_clock
from bookwish_desk.shop.carriage import Box
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.carriers.easypost import open_easypost
from tests.crash.nest import Nest
from tests.support.carriers import KEY, Reached, carriers_server
from tests.support.parcels import packed, parcel_shop

TO = PostalAddress("Clara Lindqvist", "8 Mill Road", "", "Bristol", "CT", "06010", "US")
BOX = Box(437, 267, 184, 25)
MOST_MS = 3_600_000


@pytest.fixture(scope="module")
def labels() -> Iterator[Nest]:
    with Nest("tests.crash.label_work") as hatching:
        yield hatching


def wanting(folder: Path, far: Reached, count: int) -> set[str]:
    """Found a shop that wants so many labels; return their ids."""
    store, actor = parcel_shop(folder, clock=system_clock)
    port = open_easypost(far.base, Secret(KEY))
    chosen = []
    for number in range(count):
        order = packed(store, actor, f"K-{number:04d}")
        to = Wanted(order_ids=(order.id,), parcel=order.parcels[0].id, box=BOX, to=TO)
        asked = buying.ask(store, actor, to).value
        quoted = port.create(asked.consignment).value
        assert quoted is not None
        created(store, asked.id, quoted)
        chosen.append((asked.id, min(quoted.rates, key=lambda rate: rate.cents).id))
    buying.want(store, actor, chosen, batch="killed")
    port.close()
    store.close()
    return {postage_id for postage_id, _ in chosen}


@pytest.mark.capability("BW-11", "BW-28")
@pytest.mark.slow
def test_killed_at_random_each_label_is_paid_once(
    tmp_path: Path, pytestconfig: pytest.Config, labels: Nest
) -> None:
    kills = max(5, pytestconfig.getoption("--kills") // 10)
    chance = random.Random(kills)
    with carriers_server() as far:
        folder = tmp_path / "shop"
        ids = wanting(folder, far, 24 if kills <= 10 else 100)
        ahead, told = 0, set()
        for number in range(kills):
            child = labels.start("buy", folder=str(folder), base=far.base, ahead_ms=ahead)
            # However slow the computer, every second one has bought something before it is killed.
            child.read_first(("bought", "ready")[number % 2])
            child.read(chance.uniform(0.0, 0.12))
            ended = child.kill()
            assert ended in (0, signal.SIGKILL)
            told |= {ack[0] for ack in child.said("bought")}
            held(folder, far, told)
            if ended == 0:
                break
        labels.run("buy", folder=str(folder), base=far.base, ahead_ms=ahead, most_ms=MOST_MS)
        states = held(folder, far, told)
        assert states == dict.fromkeys(ids, "bought")
        assert far.ledger.by_reference == dict.fromkeys(ids, 1)
        assert far.ledger.labels == len(ids)
        shutil.rmtree(folder)


def held(folder: Path, far: Reached, told: set[str]) -> dict[str, str]:
    """Open the books as a restart does, hold that nothing is paid twice or lost; return all states."""
    store = open_store(folder)
    try:
        with store.read() as conn:
            findings = [(name, check(store, conn)) for name, check in BOOKS]
            assert not [(name, f.details) for name, f in findings if f.state == "fault"]
            rows = postages.of_batch(conn, "killed")
        paid = far.ledger.by_reference
        assert max(paid.values(), default=0) <= 1
        for row in rows:
            if row.id in told:
                assert row.state == "bought", "what was said to be bought is in the books"
            if row.state == "bought":
                assert paid[row.id] == 1
            elif paid.get(row.id):
                assert row.state in ("buying", "uncertain"), "nobody may believe that it was not bought"
        return {row.id: row.state for row in rows}
    finally:
        store.close()
