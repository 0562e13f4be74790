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
from typing import Any

from msgspec.structs import asdict, replace
from sqlalchemy import insert

from bookwish_desk.actions import founding, tilling
from bookwish_desk.db import indexing, items, tables, titles
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.till import Count
from bookwish_desk.shop.title import Title
from tests.support.shops import printer

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
    rnd, more = random.Random(SEED), random.Random(SEED + 1)
    words, word_weights = _vocabulary()
    last = [*_WORDS["family_names"], *(word.capitalize() for word in _coined(20_000, "names"))]
    last_weights = list(accumulate(1 / (place + 30) ** 0.8 for place in range(len(last))))
    houses = [f"{name} {kind}" for name in last[:300] for kind in ("Press", "Books", "& Sons", "Publishing")]
    series = _series(words, word_weights)
    for number in range(count):
        length = rnd.randint(1, 7)
        picked = rnd.choices(
            words, cum_weights=word_weights, k=length + (rnd.randint(3, 8) * (number % 5 < 2))
        )
        title, subtitle = " ".join(picked[:length]).capitalize(), " ".join(picked[length:])
        if subtitle and number % 10 < 5:
            title, subtitle = f"{title}: {subtitle}", ""
        names = rnd.choices(last, cum_weights=last_weights, k=1 + (rnd.random() < 0.2))
        yield Title(
            ean=isbn(number),
            title=title,
            authors="; ".join(f"{rnd.choice(_WORDS['first_names'])} {name}" for name in names),
            publisher=houses[min(int(rnd.paretovariate(0.5)), len(houses)) - 1],
            year=(year := 2026 - min(int(rnd.expovariate(0.11)), 90)),
            price_cents=rnd.choice((799, 999, 1299, 1499, 1699, 1799, 1899, 1999, 2499, 2799, 3500, 9500)),
            subtitle=subtitle,
            series=f"{more.choice(series)}, {more.randint(1, 30)}" if more.random() < 0.15 else "",
            format=more.choice(("BB", "BC", "BC", "MM", "BH", "AC", "ED")),
            published=f"{year}-{more.randint(1, 12):02d}-{more.randint(1, 28):02d}",
            language="eng",
            pages=more.randint(24, 900),
            subjects=f"{more.choice(_SUBJECTS)}{more.randint(0, 60):03d}000",
            **(_SUPPLIED if number % 3 == 0 else {}),
        )


_SUBJECTS = ("FIC", "JUV", "BIO", "HIS", "CKB", "POE", "SCI", "REL", "TRV", "YAF")
_SUPPLIED: dict[str, Any] = {
    "grams": 410,
    "discount": "REG",
    "returnable": "Y",
    "status": "04",
    "availability": "20",
    "supplier": "INGRAM",
    "supplier_on_hand": 120,
    "supplier_on_order": 0,
    "supplier_at": "2026-09-20",
}
"""What a wholesaler's list says of every third title."""


def _series(words: list[str], weights: list[float]) -> list[str]:
    rnd = random.Random("series")
    return [
        " ".join(word.capitalize() for word in rnd.choices(words, cum_weights=weights, k=rnd.randint(1, 4)))
        for _ in range(20_000)
    ]


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


def isbn(number: int) -> int:
    """Return the ISBN of the title with this number; every number has its own."""
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
        settings = Settings(shop_name="Bench Books", devices=(printer("tcp:127.0.0.1:9"),))
        owner = founding.found(store, settings, "Register 1", "Olive Owner", "!").value
        _put(store, made_up(count))
        _stock(store, count)
        tilling.open_till(store, Actor(owner, 1), Count(other_cents=20_000))
        store.checkpoint()
    finally:
        store.close()


def _put(store: Store, made: Iterator[Title]) -> None:
    """Put titles into the catalogue as an import does: first all of them, then their search words."""
    while chunk := list(islice(made, _CHUNK)):
        with store.write_catalogue() as conn:
            titles.add(conn, chunk)
    waiting = unordered = True
    while waiting:
        with store.write_catalogue() as conn:
            waiting = indexing.write_words(conn) > 0
    while unordered:
        with store.write_catalogue() as conn:
            unordered = indexing.close_build(conn)


def _stock(store: Store, count: int) -> None:
    """Make some of the titles items of the shop: two in three on hand, half of them sold this year.

    Of every fiftieth there is a used copy too.
    """
    rnd = random.Random(SEED)
    eans = [isbn(number) for number in rnd.sample(range(count), min(_MOST_ITEMS, count // 8))]
    with store.read() as conn:
        known = titles.by_eans(conn, eans)
    stocked = []
    for place, ean in enumerate(eans, 1):
        title = known[ean]
        item = Item(
            str(ean),
            title.title,
            ean,
            title.authors,
            title.publisher,
            title.year,
            on_hand=rnd.randint(1, 11) if place % 3 else 0,
            shelf=f"FIC-{place % 40:02d}",
            series=title.series,
            format=title.format,
            sold=max(0, rnd.randint(-30, 30)),
        )
        stocked.append(item)
        if place % 50 == 0:
            used = {"sku": f"U{place:05d}", "ean": None, "of_ean": ean, "kind": "used", "price_cents": 500}
            stocked.append(replace(item, **used, on_hand=1, sold=0))
    with store.write() as tx:
        tx.conn.execute(insert(tables.items), [{"id": n, **asdict(x)} for n, x in enumerate(stocked, 1)])
        for number, item in enumerate(stocked, 1):
            items.index(tx, number, item)
