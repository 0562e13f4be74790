"""One episode from a seed: people act in a world that syncs badly, then it must come to rest."""

from __future__ import annotations

import logging
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from bookwish_desk.actions import uploading
from tests.simulation import oracles
from tests.simulation.faults import MACHINE, doomed_connections
from tests.simulation.oracles import Watch
from tests.simulation.people import People
from tests.simulation.world import MINUTE, START, Plan, Register, Templates, World, kept, steady_ids

HOUR = 60 * MINUTE
WAITS = (1_000, 2_000, 5_000, 5_000, 15_000, 40_000, 90_000)
BUSY_MS = 50
"""An engine that wants to go on sooner has something to do."""
MOST_TURNS = 200
"""An engine that still has something to do after so many turns goes round in circles."""


class Told(msgspec.Struct):
    """How an episode ended: what is wrong, and all that happened."""

    seed: int
    wrong: list[str]
    log: list[str]
    met: dict[str, int]

    def __str__(self) -> str:
        return f"seed {self.seed}: " + "; ".join(self.wrong)


class Bugs(logging.Handler):
    """Hears of what a program logs only where it has a fault."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what was logged, with its fault."""
        fault = record.exc_info[1] if record.exc_info else None
        self.told.append(f"{record.getMessage()}: {fault!r}")


class Episode:
    """A world with everybody in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = People(world)
        self.watch = Watch()
        world.between = self._beside
        self.wrong: list[str] = []

    def live(self) -> None:
        """Let people act, and the desks sync in between, with everything that goes wrong."""
        world, chance = self.world, self.world.chance
        for _ in range(world.plan.steps):
            self.people.act()
            self._look(syncing=False)
            world.wait(chance.choice(WAITS))
            if chance.random() < 0.02:
                world.wait(16 * MINUTE)
            for register in world.registers:
                if world.plan.clock_jumps and chance.random() < 0.02:
                    register.skew = chance.choice((-HOUR, 0, HOUR))
                    world.note(f"R{register.number}'s clock is {register.skew} ms off")
                if chance.random() < 0.6:
                    self.sync(register, chance.choice((1, 2, 4)))

    def _beside(self, register: Register) -> None:
        """Let people act while a request is under way."""
        self._look(syncing=True)
        self.people.beside(register)
        self._look(syncing=False)

    def sync(self, register: Register, turns: int) -> int:
        """Let a desk sync for some turns; return how many it took until it had nothing to do."""
        for turn in range(turns):
            busy = [False]

            def do(busy: list[bool] = busy) -> None:
                busy[0] = register.engine.step() <= BUSY_MS

            self._look(syncing=False)
            self.world.on(register, "", do)
            self._look(syncing=True)
            if not busy[0]:
                return turn
        return turns

    def rest(self) -> None:
        """Let the faults stop: within bounded time everything must be where it belongs."""
        world = self.world
        world.calm = True
        world.wire.rate = 0.0
        MACHINE.spare()
        self._drain(rounds=4, each=15_000)
        self._drain(rounds=8, each=MINUTE)
        self.wrong += self._unheard()
        # What a clock that was put has put off waits for an hour at most, looks are minutes apart.
        for _ in range(12):
            self._drain(rounds=1, each=6 * MINUTE)
            if not self._waits():
                break
            for register in world.registers:
                self.people.decide_uploads(register, everything=True)
        world.wait(37 * HOUR)
        self._drain(rounds=2, each=MINUTE)
        for _ in range(3):
            for register in world.registers:
                self.people.decide_uploads(register, everything=True)
            self._drain(rounds=1, each=20 * MINUTE)
            if not self._waits():
                break
        self._drain(rounds=1, each=20 * MINUTE)
        self.wrong += oracles.everything(world, self.people, self.watch)
        if not self.wrong and world.far.abilities.key:
            self._again()

    def _waits(self) -> bool:
        """Say whether something has still to be sent or looked up."""
        counts = [uploading.counted(register.store) for register in self.world.registers]
        return any(count.waiting or count.uncertain for count in counts)

    def _drain(self, rounds: int, each: int) -> None:
        for _ in range(rounds):
            self.world.wait(each)
            for register in self.world.registers:
                self.people.sign_in(register)
                if self.sync(register, MOST_TURNS) >= MOST_TURNS:
                    self.wrong.append(f"R{register.number} goes on for ever")
                    return

    def _unheard(self) -> list[str]:
        """Return the orders of which a desk has not heard the last, but for silent changes."""
        found = []
        for register in self.world.registers:
            known = dict(kept(register.store, "SELECT far_id, status FROM online_orders"))
            for far in self.world.far.orders.values():
                if known.get(far.id) != far.status and far.id not in self.world.far.silent:
                    found.append(
                        f"R{register.number} has {far.number} as {known.get(far.id)}, not {far.status}"
                    )
        return found

    def _again(self) -> None:
        """Send the whole outbox twice more: with a key nothing may change by that."""
        before = self.world.far.digest()
        for _ in range(2):
            for register in self.world.registers:
                with register.store.write() as tx:
                    tx.conn.exec_driver_sql(
                        "UPDATE outbox SET state = 'new', attempts = 0, next_try_at = 0"
                        " WHERE channel = 'net' AND state = 'done' AND kind <> 'cancel'"
                        " AND last_status NOT IN (?, ?)",
                        (uploading.LATER, uploading.CANCELLED),
                    )
            self._drain(rounds=2, each=MINUTE)
        if self.world.far.digest() != before:
            self.wrong.append("sending the whole outbox again changed the store")

    def _look(self, *, syncing: bool) -> None:
        for register in self.world.registers:
            self.watch.look(register, syncing=syncing)


def run(made: Plan, templates: Templates, change: Callable[[World], None] = lambda _world: None) -> Told:
    """Run the episode of a plan; `change` alters its world beforehand, for mutants."""
    worlds: list[World] = []
    bugs = Bugs()
    with doomed_connections(), tempfile.TemporaryDirectory(dir=templates.folder) as folder:
        for number in range(1, made.registers + 1):
            templates.of(number)
        with steady_ids(random.Random(made.seed), lambda: worlds[0].now if worlds else START):
            world = World(made, templates, Path(folder))
            worlds.append(world)
            episode = Episode(world)
            logging.getLogger("bookwish_desk").addHandler(bugs)
            try:
                change(world)
                episode.live()
                episode.rest()
            finally:
                logging.getLogger("bookwish_desk").removeHandler(bugs)
                world.close()
    return Told(made.seed, [*bugs.told, *episode.wrong], world.log, world.wire.met)
