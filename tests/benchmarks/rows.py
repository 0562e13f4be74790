"""The rows of the counter that need no screen: scanning, selling, searching and the receipt's bytes."""

from __future__ import annotations

import random
import shutil
import time
import tomllib
from array import array
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace
from sqlalchemy import delete, select

from bookwish_desk.actions import paying, selling
from bookwish_desk.actions.posting import letterhead
from bookwish_desk.db import drafts, engine, tables
from bookwish_desk.db import search as searching
from bookwish_desk.db.folding import prefixes, terms
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.hardware.model import PAPER_80
from bookwish_desk.hardware.receipts import escpos
from bookwish_desk.hardware.receipts.drawing import checked_logo, read_logo
from bookwish_desk.hardware.receipts.layout import CodeLine, TextLine, lay_out
from bookwish_desk.resource import resource_path
from bookwish_desk.shop import sale
from bookwish_desk.shop.errors import Stopped
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.receipt import sale_receipt
from bookwish_desk.shop.sale import Draft
from bookwish_desk.shop.slip import Logo, Slip
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.staff import Actor
from tests.benchmarks import floors
from tests.benchmarks.brute import Everything
from tests.benchmarks.measure import Call, Limit, Row, Times, in_turn, percentile, row

QUERIES = Path(__file__).with_name("queries.toml")
_LINES = 5
_LONG = 40


class Bench:
    """The measured shop, its bare twin, and how often things are done."""

    def __init__(self, made: Path, scratch: Path, *, quick: bool) -> None:
        self.made = made
        self.rounds = 1 if quick else 3
        self.quick = quick
        ours = shutil.copytree(made, scratch / "ours")
        self.store = open_store(ours)
        self.actor = Actor(self._one(select(tables.staff.c.id)), 1)
        with self.store.read() as conn:
            self.eans = array("q", conn.execute(select(tables.titles.c.ean)).scalars())
            self.own: list[int] = list(
                conn.execute(select(tables.items.c.ean).where(tables.items.c.ean.is_not(None))).scalars()
            )
        self.pattern = self._sell_once()
        # The catalogue is only read here: one will do for both.
        (scratch / "floor").mkdir()
        self.store.close()
        shutil.copy(ours / engine.SHOP_FILE, scratch / "floor")
        self.store = open_store(ours)
        self.floor = floors.Driver(scratch / "floor", ours / engine.CATALOGUE_FILE)
        self.floor.learn_sale(self.pattern.id)
        self.disk = floors.Disk(scratch)

    def _one(self, query: object) -> str:
        with self.store.read() as conn:
            return str(conn.execute(query).scalar())  # type: ignore[call-overload]

    def _sell_once(self) -> Sale:
        draft = self.draft(random.Random(1))
        sold = paying.pay_cash(self.store, self.actor, draft.id, 1_000_000).value.sale
        assert sold is not None
        return sold

    def draft(self, rnd: random.Random) -> Draft:
        """Return an open draft of five titles that the shop keeps, in the place of the one before."""
        store = self.store
        made = Draft(id=new_id(), register=1, number=1, staff=self.actor.staff, opened_at=store.clock())
        for ean in rnd.sample(self.own, _LINES):
            item = selling.find(store, str(ean), ean)
            assert item is not None
            made = sale.add_item(made, item)
        with store.write() as tx:
            tx.conn.execute(delete(tables.drafts))
            return drafts.begin(tx, made)

    def times(self, n: int) -> int:
        """Return how often to do what is done `n` times in a full round."""
        return max(20, n // 5) if self.quick else n

    def sync_ms(self) -> float:
        """Return what one sync of the disk takes now."""
        times = Times()
        times.begin_round()
        for _ in range(100):
            times.take(self.disk.sync, lambda: 0)
        return percentile(sorted(times.wall[0]), 50)

    def close(self) -> None:
        """Close both shops."""
        self.disk.close()
        self.floor.close()
        self.store.close()


def lookup(bench: Bench) -> Row:
    """Look up the ISBN of any title of the trade, and what it costs here."""

    def pairs(seed: int) -> Iterator[tuple[Call, Call]]:
        for ean in random.Random(seed).choices(bench.eans, k=bench.times(1_000)):
            code = str(ean)
            yield partial(selling.find, bench.store, code, ean), partial(bench.floor.title, ean)

    timed = in_turn([pairs(seed) for seed in range(bench.rounds)])
    return row("lookup", "ISBN to priced item", timed, gate=Limit("ratio", 5), aim=Limit("ratio", 2.5))


def scan(bench: Bench) -> Row:
    """Scan as the register does it: one lookup and one durable draft line, ten to a sale."""

    def pairs(seed: int) -> Iterator[tuple[Call, Call]]:
        rnd = random.Random(seed)
        body = msgspec.json.encode(bench.draft(rnd)).decode()
        for place in range(bench.times(200)):
            ean = rnd.choice(bench.eans)
            if place % 10 == 0:
                kept = bench.draft(rnd).id
                bench.floor.put_draft(kept, body)
                bench.store.checkpoint()
                bench.floor.checkpoint()

            def floor(ean: int = ean, kept: str = kept, at: int = place) -> None:
                bench.floor.title(ean)
                bench.floor.save_draft(kept, body, at + 1)

            yield partial(selling.scan, bench.store, bench.actor, str(ean)), floor

    timed = in_turn([pairs(seed) for seed in range(bench.rounds)])
    return row("scan", "scan: lookup and durable line", timed, "wall", sync_ms=bench.sync_ms())


def pay(bench: Bench) -> Row:
    """Pay a sale of five lines with cash: everything that belongs to it in one durable commit."""
    numbers = iter(range(1_000, 10_000_000))

    def pairs(seed: int) -> Iterator[tuple[Call, Call]]:
        rnd = random.Random(seed)
        for place in range(bench.times(120)):
            draft = bench.draft(rnd)
            bench.floor.put_draft(draft.id, msgspec.json.encode(draft).decode())
            if place % 40 == 0:
                bench.store.checkpoint()
                bench.floor.checkpoint()
            skus = [line.sku for line in draft.lines]
            yield (
                partial(paying.pay_cash, bench.store, bench.actor, draft.id, 1_000_000),
                partial(bench.floor.sell, next(numbers), draft.id, skus),
            )

    timed = in_turn([pairs(seed) for seed in range(bench.rounds)])
    return row(
        "pay",
        "sale committed, 5 lines, cash",
        timed,
        "wall",
        gate=Limit("ratio", 2),
        aim=(Limit("ratio", 1.5), Limit("p99_ratio", 1.5)),
        sync_ms=bench.sync_ms(),
    )


def receipt(bench: Bench) -> Iterator[Row]:
    """Make the bytes of a receipt with a logo, 40 lines and a barcode, and of one with five and no logo.

    The floor is a kept printer object that is only fed the picture and the lines.
    """
    logo = checked_logo(resource_path("demo", "logo.png").read_bytes())
    head = letterhead(bench.store.settings)
    long = replace(bench.pattern, lines=bench.pattern.lines * (_LONG // _LINES))
    for name, sold, png in (("40 lines and a logo", long, logo), ("5 lines", bench.pattern, b"")):
        slip = sale_receipt(sold, replace(head, logo=png), clerk="Olive", register="Register 1")
        yield _receipt(bench, f"receipt to printer bytes, {name}", slip)


def _receipt(bench: Bench, name: str, slip: Slip) -> Row:
    from escpos.printer import Dummy

    lines = lay_out(slip, PAPER_80.columns)
    kept = Dummy(profile="TM-T88V")
    logo = next((read_logo(x.png, PAPER_80.dots) for x in slip.elements if isinstance(x, Logo)), None)

    def floor() -> bytes:
        kept.clear()
        if logo is not None:
            kept.image(logo, center=False)
        for line in lines:
            if isinstance(line, CodeLine):
                kept._raw(b"\x1dkI" + bytes([len(line.text) + 2]) + b"{B" + line.text.encode())
            elif isinstance(line, TextLine):
                kept.textln(line.padded())
        kept.cut()
        return bytes(kept.output)

    def ours() -> bytes:
        return escpos.render(slip, PAPER_80)

    ours(), floor()
    pairs = [(ours, floor)] * bench.times(200)
    timed = in_turn([pairs] * bench.rounds)
    size = f"{len(ours())} bytes, the floor's {len(floor())}"
    return row("receipt", name, timed, gate=Limit("p99_ms", 16), aim=Limit("ratio", 2), note=size)


_LARGE = 2_000_000
"""With so many titles the first answer comes from the best places, and a longer look follows it."""


def search(bench: Bench) -> Iterator[Row]:
    """Each kept set of queries, every answer held against one found by looking at everything."""
    sets: dict[str, list[str]] = tomllib.loads(QUERIES.read_text())
    large = len(bench.eans) >= _LARGE
    everything = Everything(bench.store)
    for name, queries in sets.items():
        checked = queries[:: 5 if bench.quick else 1]
        wrong = [words for words in checked if not _right(bench.store, words, everything.found(words))]
        timed = in_turn([[_asked(bench, words) for words in queries]] * max(3, bench.rounds))
        note = f"{len(checked)} answers right" if not wrong else f"WRONG: {', '.join(map(repr, wrong[:5]))}"
        made = row(
            "search",
            f"search: {name}" + (", at once" if large else ""),
            _each_in_the_middle(timed),
            gate=Limit("p99_ms", 16.7) if large else Limit("worst_ms", 16),
            aim=Limit("worst_ms", 10),
            note=note,
        )
        yield replace(made, held=False) if wrong else made
    del everything
    if large:
        yield _longer_looks(bench, [words for queries in sets.values() for words in queries])
    yield _broken_off(bench)


def _asked(bench: Bench, words: str) -> tuple[Call, Call]:
    match = prefixes(terms(words))
    return partial(_at_once, bench.store, words), partial(bench.floor.search, match)


def _at_once(store: Store, words: str) -> searching.Answer:
    with store.read() as conn:
        return searching.first(conn, words)


def _everywhere(store: Store, words: str) -> list[str]:
    with store.read() as conn:
        return [item.sku for item in searching.search(conn, words)]


def _right(store: Store, words: str, wanted: list[str]) -> bool:
    answer = _at_once(store, words)
    at_once = [item.sku for item in answer.items]
    return (at_once == wanted or not answer.whole) and _everywhere(store, words) == wanted


def _longer_looks(bench: Bench, queries: list[str]) -> Row:
    """Ask the whole index what the first answer was not enough for, as the deep lane does."""
    longer = [words for words in queries if not _at_once(bench.store, words).whole]
    # Sets differ in what they take: only mixed can the run be held against itself.
    random.Random(1).shuffle(longer)
    pairs = [
        (partial(_everywhere, bench.store, words), partial(bench.floor.search, prefixes(terms(words))))
        for words in longer
    ]
    timed = _each_in_the_middle(in_turn([pairs] * max(3, bench.rounds)))
    note = f"{len(longer)} of {len(queries)} queries"
    limit = Limit("worst_ms", 100)
    return row("search", "search: the whole answer", timed, "wall", gate=limit, aim=limit, note=note)


_STOP_S = 0.005
_ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"


def _broken_off(bench: Bench) -> Row:
    """Break off a look that would never end after five milliseconds."""

    def ours() -> None:
        until = time.monotonic() + _STOP_S
        with suppress(Stopped), bench.store.read(lambda: time.monotonic() >= until) as conn:
            conn.exec_driver_sql(_ENDLESS)

    timed = in_turn([[(ours, partial(time.sleep, _STOP_S))] * bench.times(100)] * bench.rounds)
    return row("search", "search: broken off at 5 ms", timed, "wall", gate=Limit("p99_ms", 100))


def _each_in_the_middle(timed: tuple[Times, Times]) -> tuple[Times, Times]:
    """Return for each query the middle one of its rounds: its worst is then a query, not a moment."""

    def middle(rounds: list[list[int]]) -> list[list[int]]:
        return [[sorted(of_one)[len(rounds) // 2] for of_one in zip(*rounds, strict=True)]]

    ours, floor = timed
    return (
        Times(middle(ours.wall), middle(ours.processor)),
        Times(middle(floor.wall), middle(floor.processor)),
    )
