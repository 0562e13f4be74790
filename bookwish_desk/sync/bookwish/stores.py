"""What the server can do, and which stores are there."""

from __future__ import annotations

import re
import time

from msgspec.structs import replace

from bookwish_desk.shop.online import KEY_KEPT_MS, Abilities, Membership, StoreProfile
from bookwish_desk.sync.bookwish import decoding
from bookwish_desk.sync.bookwish.client import Answer
from bookwish_desk.sync.bookwish.far import Far, done, read_one
from bookwish_desk.sync.bookwish.judging import not_offered, refusal, unreadable
from bookwish_desk.sync.bookwish.paging import Lists
from bookwish_desk.sync.port import Reply

DAY_SECONDS = 86_400.0
SOON_SECONDS = 600.0
LONG_POLL_S = 25

_MOST_PAGES = 10
_ROWS = 100
_NO_SLUG = re.compile(r"[^a-z0-9]+")


def discover(far: Far) -> Reply[Abilities]:
    """Ask what the server offers, at most once a sign-in and once a day; nothing is the documented store.

    What is no answer to that, such as the page of a server under repair, counts as nothing for minutes only.
    """
    learned = far.learned
    left = learned.known_until - time.monotonic()
    if left > 0:
        return Reply("done", learned.abilities, wait_ms=int(left * 1000) + 1)
    end = far.ask("GET", "ext", "v1", "capabilities", family="capabilities")
    if isinstance(end, Reply):
        return end
    offered = decoding.extensions(end.told) if end.well else None
    if not end.well:
        verdict = refusal(end)
        if verdict.result in ("limited", "unknown", "signed_out"):
            return verdict
    learned.offered = offered or frozenset()
    answered = not end.well or offered is not None
    learned.known_until = time.monotonic() + (DAY_SECONDS if answered else SOON_SECONDS)
    learned.change(
        feed="order-feed" in learned.offered,
        long_poll=LONG_POLL_S if "order-feed" in learned.offered else 0,
        stock_feed="inventory-feed" in learned.offered,
        key="idempotency-key" in learned.offered,
        key_kept_ms=decoding.key_kept_ms(end.told) if end.well else KEY_KEPT_MS,
        reference="client-reference" in learned.offered,
        precondition="status-precondition" in learned.offered,
        refunds="sale-refunds" in learned.offered,
        my_stores="my-stores" in learned.offered,
        stock="delta",  # until the server refuses one
    )
    found = done(end, learned.abilities)
    return found if answered else replace(found, wait_ms=int(SOON_SECONDS * 1000))


def hear_clock(far: Far) -> Reply[Abilities]:
    """Ask for the abilities just for the clock that comes with them; what is known of them stays."""
    end = far.ask("GET", "ext", "v1", "capabilities", family="capabilities")
    if isinstance(end, Reply):
        return end
    return done(end, far.abilities) if end.well else refusal(end)


def mine(far: Far) -> Reply[tuple[Membership, ...]]:
    """Return the stores that the account works for."""
    if not far.abilities.my_stores:
        return not_offered("The online store does not say which stores an account works for.")
    end = far.ask("GET", "ext", "v1", "me", "stores", family="my-stores")
    if isinstance(end, Reply):
        return end
    if end.status == 404:
        return not_offered(status=404)
    if not end.well:
        return refusal(end)
    rows = decoding.rows(end.told, ("stores",))
    if rows is None or len(rows) > decoding.MOST_ROWS:
        return unreadable(end, "a list of stores was expected")
    return done(end, decoding.read_all(rows, decoding.membership)[0])


def find(far: Far, lists: Lists, words: str) -> Reply[tuple[StoreProfile, ...]]:
    """Return public stores: by slug, then by words of their name or town among the first of the directory."""
    wanted = words.strip().casefold()
    slug = _NO_SLUG.sub("-", wanted.replace("&", " and ").replace("'", "")).strip("-")[:120]
    if not slug:
        return Reply("done", ())
    end = far.ask("GET", "stores", slug, family="store", signed=False)
    exact = read_one(end, ("store",), decoding.profile, "store")
    if exact.value is not None:
        return done(end, (exact.value,)) if isinstance(end, Answer) else Reply("done", (exact.value,))
    if exact.result not in ("refused", "not_offered", "unknown"):
        return Reply(
            exact.result, None, exact.words, exact.status, exact.code, exact.wait_ms, exact.server_at
        )
    found: list[StoreProfile] = []
    offset = 0
    for _ in range(_MOST_PAGES):
        page = lists.page(far, ("stores",), "stores", ("stores",), (), offset, _ROWS, signed=False)
        if isinstance(page, Reply):
            return page
        stores, _skipped = decoding.read_all(page.rows, decoding.profile)
        found += [x for x in stores if wanted in f"{x.name}\n{x.city}\n{x.slug}".casefold() or x.id == words]
        offset += len(page.rows)
        if not page.more:
            break
    return Reply("done", tuple(found))
