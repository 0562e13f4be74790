"""How syncing stands in words: the headline, warnings, passes, and what the store can do. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bookwish_desk.settings import Settings
from bookwish_desk.shop.online import Abilities
from bookwish_desk.shop.sync_state import Pass, PassKind, Progress, SyncState, heard_words, span
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.moments import when
from bookwish_desk.ui.sync.state import Card, FirstImport, Headline, Light, SyncRow
from bookwish_desk.ui.titles.words import wrapped

MOST_WORDS = 600
"""What a server says is cut after so many characters: beyond them nobody reads it."""

PASSES: dict[PassKind, tuple[str, str]] = {
    "first": ("First import", "Everything was read once, when the store was connected."),
    "orders": ("What changed", "Orders that changed since the last pass, and some minutes before it."),
    "open": ("Open orders", "Every order that is still open is read again, each quarter of an hour."),
    "stock": ("Stock", "The store's numbers of copies. They stand beside ours and never replace them."),
    "compare": ("Nightly compare", "The store's whole list, held against what is here."),
}

_MOST_WHY = 300
"""At the top of the screen there is room for two lines."""

_KINDS: dict[str, tuple[str, str]] = {
    "sale": ("sale", "sales"),
    "refund": ("return", "returns"),
    "status": ("order status", "order statuses"),
    "cancel": ("cancellation", "cancellations"),
    "stock": ("stock change", "stock changes"),
}
_NEEDS_YOU = (
    ("conflicts", "difference to decide", "differences to decide"),
    ("uncertain", "uncertain", "uncertain"),
    ("refused", "refused", "refused"),
)


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun: 1 sale, 37 sales."""
    return f"{number:,} {one if number == 1 else many}"


def kind_words(kind: str, number: int) -> str:
    """Return how many things of a kind: 37 sales."""
    return counted(number, *_KINDS.get(kind, ("change", "changes")))


def kind_name(kind: str) -> str:
    """Return what a kind of things is called: Sales."""
    name = _KINDS.get(kind, ("change", "changes"))[1]
    return name[0].upper() + name[1:]


def waiting_words(waiting: int, kinds: Mapping[str, int]) -> str:
    """Return what waits: 37 sales; 37 sales and 4 order statuses. `kinds` may not be known yet."""
    known = [
        (kind, kinds[kind]) for kind in (*_KINDS, *(k for k in kinds if k not in _KINDS)) if kinds.get(kind)
    ]
    if not known or sum(n for _, n in known) != waiting:
        return counted(waiting, "change", "changes")
    said = [kind_words(kind, number) for kind, number in known]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _verb(waiting: int) -> str:
    return "waits" if waiting == 1 else "wait"


def headline(state: SyncState, kinds: Mapping[str, int], now: int, settings: Settings) -> Headline:
    """Return how it stands in one sentence, and beneath it why."""
    waits = f" {waiting_words(state.waiting, kinds)} {_verb(state.waiting)}." if state.waiting else ""
    why = clean(state.words, _MOST_WHY)

    def at(moment: int) -> str:
        return when(moment, now, settings)

    if state.way == "ok":
        return _well(state, kinds, now)
    if state.way == "away":
        since = f"No connection since {at(state.away_since)}." if state.away_since else "No connection."
        again = f"It is tried again at {at(state.next_try_at)}." if state.next_try_at > now else ""
        more = " ".join(x for x in (why, again) if x)
        return Headline(f"{since}{waits} Selling goes on.", more, "warn")
    if state.way == "limited":
        until = f" until {at(state.next_try_at)}" if state.next_try_at > now else ""
        return Headline(f"The store asked to wait{until}.{waits} Nothing is lost.", why, "warn")
    said: dict[str, tuple[str, Light]] = {
        "starting": (f"Waiting for the store's first answer.{waits}", "off"),
        "signed_out": (f"Sign in again at the store.{waits} Nothing is lost.", "error"),
        "paused": (f"Paused.{waits} Nothing goes up or comes down, and nothing is lost.", "warn"),
        "standby": (f"Another register talks to the store.{waits}", "ok"),
        "none": ("No online store is connected.", "off"),
    }  # fmt: skip
    sentence, light = said[state.way]
    return Headline(sentence, why, light)


def _well(state: SyncState, kinds: Mapping[str, int], now: int) -> Headline:
    heard = f"Last heard {heard_words(state, now)}." if state.heard_at else ""
    needs = [counted(number, one, many) for name, one, many in _NEEDS_YOU if (number := getattr(state, name))]
    if state.no_orders:
        sentence = "The import of orders has stopped."
        return Headline(" ".join(x for x in (sentence, heard) if x), no_orders_words(state), "error")
    if state.broken is not None:
        sentence = "The last reading of orders broke off."
        more = clean(state.broken.words, _MOST_WHY)
        return Headline(" ".join(x for x in (sentence, heard) if x), more, "warn")
    if state.waiting:
        goes = "goes" if state.waiting == 1 else "go"
        sentence = f"{waiting_words(state.waiting, kinds)} {goes} up now."
    elif state.uncertain or state.refused:
        sentence = "Everything else is at the store."
    else:
        sentence = "Everything is at the store."
    more = f"Waiting for you: {', '.join(needs)}." if needs else ""
    return Headline(" ".join(x for x in (sentence, heard) if x), more, "warn" if needs else "ok")


def no_orders_words(state: SyncState) -> str:
    """Return why no orders come down, and what to do instead: the reading that found it says both."""
    return clean(state.no_orders, _MOST_WHY)


def warnings(state: SyncState) -> tuple[str, ...]:
    """Return known troubles that hold nothing up, each with what to do."""
    found = []
    if state.connected and state.no_orders and state.way != "ok":
        found.append(f"The import of orders has stopped. {no_orders_words(state)}")
    if state.connected and state.clock_differs:
        off = span(abs(state.clock_off_ms))
        side = "behind" if state.clock_off_ms > 0 else "ahead of"
        found.append(
            f"This computer's clock is {off} {side} the store's. Set its date and time in its own settings."
            " Syncing goes on meanwhile: nothing depends on the clocks."
        )
    if state.connected and not state.keeps_sign_in:
        found.append(
            "This computer has no keyring: after a restart somebody must sign in again. What waits is kept."
        )
    return tuple(found)


def first_import(progress: Progress | None, stopped: bool) -> FirstImport | None:
    """Return how far the first import is, None where there is none."""
    if progress is None and not stopped:
        return None
    if progress is None:
        return FirstImport("The first import was stopped.", None, stopped=True)
    what = {"stock": ("title", "titles"), "orders": ("order", "orders")}[progress.what]
    if not progress.total:
        done = counted(progress.done, *what)
        percent = None
    else:
        done = f"{progress.done:,} of {counted(progress.total, *what)}"
        percent = min(100, progress.done * 100 // progress.total)
    head = "The first import was stopped" if stopped else "First import"
    return FirstImport(f"{head}: {done} read.", percent, stopped)


# ---- passes ----


def pass_key(p: Pass) -> str:
    """Return what tells a pass apart."""
    return f"{p.kind}:{p.began_at}"


def pass_row(p: Pass, now: int, settings: Settings) -> SyncRow:
    """Return a pass as the list shows it."""
    name = PASSES[p.kind][0]
    if not p.ended_at:
        return SyncRow(pass_key(p), name, _counts(p), when(p.began_at, now, settings), badge="Goes on")
    took = span(p.ended_at - p.began_at)
    ended = when(p.ended_at, now, settings)
    if p.complete:
        # What changed is waited for at the store, where it can: how long says nothing then.
        under = "" if p.kind == "orders" else f"took {took}"
        return SyncRow(pass_key(p), name, _counts(p), ended, under, "Complete", "ok")
    words = clean(p.words, 200) or _counts(p)
    return SyncRow(pass_key(p), name, words, ended, f"after {took}", "Broke off", "warn")


def _counts(p: Pass) -> str:
    found = [f"{p.seen:,} read", f"{p.changed:,} new or changed"]
    if p.left_out:
        found.append(f"{p.left_out:,} of other stores left out")
    return " · ".join(found)


def pass_card(p: Pass, now: int, settings: Settings) -> Card:
    """Return a pass whole."""
    name, meaning = PASSES[p.kind]
    began = f"Began {when(p.began_at, now, settings)}"
    ended = f", ended {when(p.ended_at, now, settings)}" if p.ended_at else ", goes on"
    texts = [meaning, f"{began}{ended}.", f"{_counts(p)}."]
    if p.missing:
        shown = ", ".join(wrapped(clean(x, 60)) for x in p.missing[:20])
        more = f" and {len(p.missing) - 20:,} more" if len(p.missing) > 20 else ""
        texts.append(f"Open here and not in the store's list: {shown}{more}. Nothing was done about it.")
    broke = clean(p.words, MOST_WORDS) if not p.complete and p.ended_at else ""
    if broke:
        texts.append("It broke off. The next one goes on from the same place, so nothing is missed.")
    return Card(pass_key(p), name, tuple(texts), quote=broke, who_said="Why it broke off")


# ---- the store ----


def ability_rows(abilities: Abilities) -> tuple[tuple[str, bool, str], ...]:
    """Return what a store can do in plain words: what it is about, whether it can, and what follows."""
    a = abilities
    stock_ways = {
        "none": (False, "The store takes no stock from the shop."),
        "delta": (True, "Copies that came or went are sent; the store reckons."),
        "cas": (True, "The store's number is read and changed only if nobody else did meanwhile."),
        "absolute": (True, "The store's number is read, written and read again, one title at a time."),
    }
    stock, stock_words = stock_ways[a.stock]
    return (
        _can("New orders at once", bool(a.long_poll), "They arrive within seconds.",
             "They arrive with the next pass, within a minute."),
        _can("What changed", a.feed or a.changed_since, "Only orders that changed are read.",
             "Every order is read in each pass: the store cannot say what changed."),
        _can("Repeats", a.key, "Sending twice does nothing twice: what is unsure is sent again by itself.",
             "Before anything unsure is sent again, the store is looked at."),
        _can("Sales", a.reference, "They keep their number, time, register and payment.",
             "They get a number and a time of the store's own."),
        _can("Order statuses", a.precondition, "A change that the store made meanwhile is never overwritten.",
             "The order is read just before each change."),
        ("Stock", stock, stock_words),
        _can("Returns", a.refunds, "They go up with their sale.",
             "They stay here and are listed for the bookkeeper; the copies go up as stock."),
        _can("Your stores", a.my_stores, "The store says for which shops this account works.",
             "A shop is found by its name, or its id is typed."),
    )  # fmt: skip


def _can(name: str, can: bool, yes: str, no: str) -> tuple[str, bool, str]:
    return name, can, yes if can else no


def store_rows(state: SyncState, now: int, settings: Settings) -> tuple[SyncRow, ...]:
    """Return what is known of the store, its clock, its rate limit and what it can do."""
    name = clean(state.store_name, 80) or settings.online.store_name or settings.online.store_id
    rows = [
        SyncRow("name", name or "Online store", f"{clean(state.address, 200) or settings.online.address}"),
        SyncRow(
            "account", "Signed in" if state.way != "signed_out" else "Signed out", clean(state.account, 120)
        ),
        _heard_row(state, now, settings),
        _clock_row(state),
        _budget_row(state, now, settings),
        _lease_row(state),
    ]
    for title, can, words in ability_rows(state.abilities):
        rows.append(
            SyncRow(
                f"can.{title}",
                title,
                words,
                badge="Offered" if can else "Not offered",
                tone="ok" if can else "soft",
            )
        )
    return tuple(rows)


def _heard_row(state: SyncState, now: int, settings: Settings) -> SyncRow:
    if not state.heard_at:
        return SyncRow("heard", "Last heard", "The store has not answered yet.")
    heard = when(state.heard_at, now, settings)
    return SyncRow("heard", "Last heard", "When the store answered last.", heard, heard_words(state, now))


def _clock_row(state: SyncState) -> SyncRow:
    off = abs(state.clock_off_ms)
    if not state.heard_at:
        return SyncRow("clock", "Clocks", "Compared with the store's first answer.")
    if off < 1_000:
        return SyncRow(
            "clock", "Clocks", "This computer's clock and the store's agree.", badge="Agree", tone="ok"
        )
    side = "ahead of" if state.clock_off_ms > 0 else "behind"
    words = f"The store's clock is {span(off)} {side} this computer's."
    if state.clock_differs:
        return SyncRow(
            "clock", "Clocks", f"{words} Set date and time of this computer.", badge="Differ", tone="warn"
        )
    return SyncRow("clock", "Clocks", words, badge="Agree well enough", tone="ok")


def _budget_row(state: SyncState, now: int, settings: Settings) -> SyncRow:
    b = state.budget
    if not b.limit:
        return SyncRow("budget", "Rate limit", "The store has named none.")
    again = f" until {when(b.resets_at, now, settings)}" if b.resets_at > now else ""
    words = f"{b.remaining:,} of {b.limit:,} requests are left{again}. A quarter is kept for people."
    low = b.remaining * 4 < b.limit
    return SyncRow("budget", "Rate limit", words, badge="Nearly used up" if low else "", tone="warn")


def _lease_row(state: SyncState) -> SyncRow:
    if state.way == "standby":
        words = "Another register talks to the store. This one takes over when that stops."
        return SyncRow("lease", "Who talks to it", words, badge="Another register")
    words = "This register talks to the store for the whole shop."
    return SyncRow("lease", "Who talks to it", words, badge="This register")


def store_card(row: SyncRow) -> Card:
    """Return what is known of the store as the chosen row: it can be longer than its line."""
    more = " · ".join(x for x in (row.aside, row.under) if x)
    texts = tuple(x for x in (wrapped(row.second), more, row.badge) if x)
    return Card(row.key, row.what, texts)
