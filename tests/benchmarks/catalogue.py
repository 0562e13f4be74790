"""A made-up trade catalogue with the word counts of a real one, and a shop over it to measure in.

Words follow Zipf's law with English function words at its head: "the" is in two titles of five, and most
words are in a handful. The same count and seed always give the same titles; the first hundred thousand
of a million are those of a hundred thousand.
"""

from __future__ import annotations

import random
import tempfile
import tomllib
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path

from sqlalchemy import bindparam, insert, select

from bookwish_desk.actions import founding, tilling
from bookwish_desk.db import items, tables, titles
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.settings import PrinterSetting, Settings
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.till import Count
from bookwish_desk.shop.title import Title

SEED = 20_260_921
_CHUNK = 20_000
_MOST_ITEMS = 12_000
_LARGEST_PRIME = 999_999_937
"""The largest prime below 10^9: multiplying by anything modulo it makes every ISBN once."""

_WORDS = {
    name: words.split()
    for name, words in tomllib.loads(Path(__file__).with_name("words.toml").read_text()).items()
}


def made_up(count: int) -> Iterator[Title]:
    """Yield `count` titles, the best-selling first."""
    rnd = random.Random(SEED)
    words, word_weights = _vocabulary()
    last = [*_WORDS["family_names"], *(word.capitalize() for word in _coined(20_000, "names"))]
    last_weights = list(accumulate(1 / (place + 30) ** 0.8 for place in range(len(last))))
    houses = [f"{name} {kind}" for name in last[:300] for kind in ("Press", "Books", "& Sons", "Publishing")]
    for number in range(count):
        length = rnd.randint(1, 7)
        picked = rnd.choices(
            words, cum_weights=word_weights, k=length + (rnd.randint(3, 8) * (number % 5 < 2))
        )
        title = " ".join(picked[:length]).capitalize()
        if picked[length:]:
            title += f": {' '.join(picked[length:])}"
        names = rnd.choices(last, cum_weights=last_weights, k=1 + (rnd.random() < 0.2))
        yield Title(
            ean=_isbn(number),
            title=title,
            authors="; ".join(f"{rnd.choice(_WORDS['first_names'])} {name}" for name in names),
            publisher=houses[min(int(rnd.paretovariate(0.5)), len(houses)) - 1],
            year=2026 - min(int(rnd.expovariate(0.11)), 90),
            price_cents=rnd.choice((799, 999, 1299, 1499, 1699, 1799, 1899, 1999, 2499, 2799, 3500, 9500)),
        )


def _vocabulary() -> tuple[list[str], list[float]]:
    head = _WORDS["head"]
    shares = [int(share) / 1000 for share in head[1::2]]
    tail = _coined(40_000, "titles")
    weights = [1 / (place + 40) ** 0.95 for place in range(len(tail))]
    rest = (1 - sum(shares)) / sum(weights)
    return head[::2] + tail, list(accumulate(shares + [w * rest for w in weights]))


def _coined(count: int, seed: str) -> list[str]:
    rnd = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(rnd.choices(_WORDS["syllables"], k=rnd.randint(2, 4)))] = None
    return list(found)


def _isbn(number: int) -> int:
    digits = f"978{(number + 1) * 486_187_739 % _LARGEST_PRIME:09d}"
    check = -sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(digits)) % 10
    return int(f"{digits}{check}")


def made(within: Path, count: int) -> Path:
    """Return a folder in `within` with a shop that knows `count` titles, making it where it is not.

    Some thousands of the titles are the shop's own items, and its till is open.
    """
    folder = within / f"made-up-{count}-{SEED}"
    if not folder.exists():
        within.mkdir(parents=True, exist_ok=True)
        begun = Path(tempfile.mkdtemp(prefix="begun-", dir=within))
        _build(begun, count)
        begun.rename(folder)
    return folder


def _build(folder: Path, count: int) -> None:
    store = open_store(folder)
    try:
        # Its receipts are posted and never printed: nothing listens there.
        printer = PrinterSetting(kind="network", address="127.0.0.1:9")
        settings = Settings(shop_name="Bench Books", printer=printer)
        owner = founding.found(store, settings, "Register 1", "Olive Owner", "!").value
        rest = made_up(count)
        while chunk := list(islice(rest, _CHUNK)):
            with store.write_catalogue() as conn:
                titles.add(conn, chunk)
        _stock(store, count)
        tilling.open_till(store, Actor(owner, 1), Count(other_cents=20_000))
        store.checkpoint()
    finally:
        store.close()


def _stock(store: Store, count: int) -> None:
    """Make some of the titles items of the shop, two in three of them on hand."""
    rnd = random.Random(SEED)
    own = rnd.sample(range(1, count + 1), min(_MOST_ITEMS, count // 8))
    with store.read() as conn:
        one = select(tables.titles).where(tables.titles.c.id == bindparam("wanted"))
        rows = [conn.execute(one, {"wanted": number}).one() for number in own]
    stocked = [
        {
            "id": place,
            "sku": str(row.ean),
            "ean": row.ean,
            "title": row.title,
            "authors": row.authors,
            "publisher": row.publisher,
            "year": row.year,
            "tax_class": row.tax_class,
            "shelf": f"FIC-{place % 40:02d}",
            "on_hand": rnd.randint(1, 11) if place % 3 else 0,
        }
        for place, row in enumerate(rows, 1)
    ]
    with store.write() as tx:
        tx.conn.execute(insert(tables.items), stocked)
        for item in stocked:
            items.index(
                tx,
                item["id"],
                Item(item["sku"], item["title"], item["ean"], item["authors"], item["publisher"]),
            )
