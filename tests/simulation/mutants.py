"""Mutants: the classic ways to sync wrongly, each built into a world, which the oracles must then catch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from bookwish_desk.actions import downloading, uploading
from bookwish_desk.db import netbox, online
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop.online import Abilities
from bookwish_desk.sync import pulling
from tests.simulation.faults import WIRE, Crash
from tests.simulation.world import Plan, World, kept

Change = Callable[[World, pytest.MonkeyPatch], None]

KEYED = Abilities(key=True, reference=True, precondition=True)
SINCE = Abilities(key=True, reference=True, precondition=True, changed_since=True)


def no_key(world: World, _patched: pytest.MonkeyPatch) -> None:
    """Let the store take keys and not look at them."""
    world.far.deaf_to_keys = True


def sent_before_reply(_world: World, patched: pytest.MonkeyPatch) -> None:
    """Hold a row for done as soon as it is begun, whatever the store says then."""
    begin = uploading.begin

    def hasty(store: Store, register: int, bodies: Any) -> Any:
        begun = begin(store, register, bodies)
        with store.write() as tx:
            for job_id in begun.value:
                netbox.move(tx, job_id, "done", "", was=("sending",))
        return begun

    patched.setattr(uploading, "begin", hasty)


def second_transaction(world: World, patched: pytest.MonkeyPatch) -> None:
    """Post what goes up after the sale was committed, in a transaction of its own."""
    post, write = netbox.post, Store.write
    waiting: list[tuple[Any, Any]] = []

    def later(tx: Tx, uploads: Any, **named: Any) -> None:
        waiting.append((tuple(uploads), named))

    @contextmanager
    def in_two(self: Store) -> Iterator[Tx]:
        with write(self) as tx:
            yield tx
        if waiting and not world.calm and world.chance.random() < 0.2:
            raise Crash("what goes up")
        while waiting:
            uploads, named = waiting.pop(0)
            with write(self) as tx:
                post(tx, uploads, **named)

    @contextmanager
    def forgetting(self: Store) -> Iterator[Tx]:
        try:
            with in_two(self) as tx:
                yield tx
        finally:
            waiting.clear()

    patched.setattr(netbox, "post", later)
    patched.setattr(Store, "write", forgetting)


def watermark_first(world: World, patched: pytest.MonkeyPatch) -> None:
    """Keep how far was read before what was read."""
    apply = downloading.apply_orders

    def early(store: Store, orders: Any, mark: Any = None, *rest: Any, **named: Any) -> Any:
        if mark is not None:
            with store.write() as tx:
                online.set_mark(tx, *mark)
            if not world.calm and world.chance.random() < 0.5:
                raise Crash("what was read")
        return apply(store, orders, None, *rest, **named)

    patched.setattr(downloading, "apply_orders", early)


def no_overlap(_world: World, patched: pytest.MonkeyPatch) -> None:
    """Begin a pass where the one before ended."""
    patched.setattr(pulling, "earlier", lambda moment, _ms: moment)


def strict_timestamp(world: World, patched: pytest.MonkeyPatch) -> None:
    """Ask only for what changed after the newest row that was seen."""
    no_overlap(world, patched)
    for register in world.registers:
        register.wire.strict = True


def absolute_stock(world: World, _patched: pytest.MonkeyPatch) -> None:
    """Replace the store's number of copies by the desk's own."""
    for register in world.registers:

        def count(item_id: str, store: Callable[[], Store] = lambda r=register: r.store) -> int:  # type: ignore[misc]
            rows = kept(store(), "SELECT on_hand FROM items WHERE sku = ?", item_id.removeprefix("inv-"))
            return int(rows[0][0])

        register.wire.pushed_count = count


def any_status(world: World, _patched: pytest.MonkeyPatch) -> None:
    """Let the store take every status, whatever it has."""
    world.far.any_status = True


class Mutant(msgspec.Struct, frozen=True):
    """One way to sync wrongly: what the store can do there, and what else lets it do harm soon."""

    change: Change
    abilities: Abilities = KEYED
    wire_rate: float = 0.25
    crash_rate: float = 0.0
    kinds: tuple[str, ...] = WIRE
    slow_rate: float = 0.2
    online: int = 1


MUTANTS: dict[str, Mutant] = {
    "no key": Mutant(no_key),
    "sent before reply": Mutant(sent_before_reply),
    "second transaction": Mutant(second_transaction),
    "watermark first": Mutant(watermark_first, SINCE, 0.15, kinds=("401",), online=2),
    "strict timestamp": Mutant(strict_timestamp, SINCE, 0.0, slow_rate=0.7, online=5),
    "no overlap": Mutant(no_overlap, SINCE, 0.0, slow_rate=0.7, online=5),
    "absolute stock": Mutant(absolute_stock),
    "any status": Mutant(any_status, Abilities(), 0.4, kinds=("late",), online=2),
}


def planned(made: Plan, name: str) -> Plan:
    """Return an episode in which a mutant has the chance to do harm."""
    mutant = MUTANTS[name]
    return replace(
        made,
        abilities=mutant.abilities,
        registers=1,
        wire_rate=mutant.wire_rate,
        crash_rate=mutant.crash_rate,
        kinds=mutant.kinds,
        slow_rate=mutant.slow_rate,
        online=mutant.online,
        silent_edits=False,
    )
