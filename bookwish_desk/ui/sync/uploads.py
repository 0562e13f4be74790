"""What goes up to the online store in words: rows and cards of what is uncertain, refused or waits. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order_words import find_word
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.upload import (
    CancelUpload,
    RefundUpload,
    SaleUpload,
    StatusUpload,
    StockUpload,
    Upload,
)
from bookwish_desk.ui.moments import when
from bookwish_desk.ui.sync.state import Asked, Card, SyncRow, Tone, Verb
from bookwish_desk.ui.sync.words import MOST_WORDS, kind_name, kind_words
from bookwish_desk.ui.titles.words import wrapped

if TYPE_CHECKING:
    from bookwish_desk.db.outbox import Job
    from bookwish_desk.db.sync_board import WaitingKind

LOOK, AGAIN, LEAVE = "look", "again", "leave"
NO_CONNECTION = "There is no connection to the store now."

_BADGES: dict[str, tuple[str, Tone]] = {
    "uncertain": ("Uncertain", "warn"),
    "refused": ("Refused", "danger"),
    "dead": ("Given up", "danger"),
    "dropped": ("Kept here", "soft"),
}
_CAUSES = {
    "sale": "sold",
    "return": "returned",
    "damaged": "damaged",
    "adjust": "adjusted",
    "count": "counted",
    "import": "imported",
    "receive": "received",
    "vendor": "sent back to the vendor",
    "order": "for an order",
}


class Names(msgspec.Struct, frozen=True):
    """What rows are about by id: numbers of orders, titles by SKU, receipts of sales; and the moment."""

    orders: Mapping[str, str] = {}
    titles: Mapping[str, str] = {}
    receipts: Mapping[str, str] = {}
    now: int = 0
    why_no_look: str = ""


def about(upload: Upload | None, names: Names, settings: Settings) -> str:
    """Return what was to go up, in words: Sale R1-000042, $23.10, 12:04. None is one that cannot be read."""
    show = settings.money.show
    match upload:
        case SaleUpload(sale=sale):
            what = "Sale" if sale.kind == "sale" else "Exchange"
            cents = sum(x.total_cents for x in sale.lines if x.quantity > 0)
            return f"{what} {sale.receipt}, {show(cents)}, {when(sale.completed_at, names.now, settings)}"
        case RefundUpload(sale=sale, of_sale=of_sale):
            cents = -sum(x.total_cents for x in sale.lines if x.quantity < 0 and x.of_sale == of_sale)
            earlier = names.receipts.get(of_sale, "")
            of = f" of {earlier}" if earlier else ""
            return f"Return {sale.receipt}{of}, {show(cents)}, {when(sale.completed_at, names.now, settings)}"
        case StatusUpload(order_id=order_id, word=word):
            return f"{_order(order_id, names)}: {status_label(word, settings)}"
        case CancelUpload(order_id=order_id):
            return f"{_order(order_id, names)}: cancel it in the store"
        case StockUpload(sku=sku, delta=delta, cause=cause):
            copies = "1 copy" if abs(delta) == 1 else f"{abs(delta)} copies"
            more = f"{copies} {'more' if delta > 0 else 'fewer'}"
            why = _CAUSES.get(cause, "")
            return f"{clean(names.titles.get(sku, sku), 120)}: {more}{f' ({why})' if why else ''}"
    return "Something that cannot be read"


def _order(order_id: str, names: Names) -> str:
    number = clean(names.orders.get(order_id, ""), 60)
    return f"Order {number}" if number else "An order"


def status_label(word: str, settings: Settings) -> str:
    """Return what people call a status of the store's: Ready for pickup; an unknown one as it is written."""
    from bookwish_desk.shop.order import SOURCES

    source = SOURCES.get(settings.online.source)
    try:
        return find_word(source.vocabulary if source else "bookwish", word).label
    except Refused:
        return clean(word, 60)


def row(job: Job, upload: Upload | None, names: Names, settings: Settings) -> SyncRow:
    """Return something that is stuck as the list shows it."""
    badge, tone = _BADGES.get(job.state, ("", "soft"))
    sent = when(job.sent_at, names.now, settings) if job.sent_at else ""
    return SyncRow(
        job.id,
        about(upload, names, settings),
        clean(job.status, 200),
        sent or when(job.created_at, names.now, settings),
        "sent" if sent else "made",
        badge,
        tone,
    )


def card(job: Job, upload: Upload | None, names: Names, settings: Settings) -> Card:
    """Return something that is stuck whole: what happened, what was said, and what can be done."""
    texts, quote, who = _told(job, names, settings)
    what = wrapped(about(upload, names, settings))
    opens, opens_words = _opens(upload)
    return Card(
        job.id, what, texts, quote=quote, who_said=who, verbs=_verbs(job, what, names),
        opens=opens, opens_words=opens_words,
    )  # fmt: skip


def _told(job: Job, names: Names, settings: Settings) -> tuple[tuple[str, ...], str, str]:
    said = clean(job.status, MOST_WORDS)
    sent = f" at {when(job.sent_at, names.now, settings)}" if job.sent_at else ""
    tries = f"Sent {_times(job.attempts)}." if job.attempts else ""
    if job.state == "uncertain":
        happened = f"It was sent{sent}, and no answer came: nobody knows whether the store took it."
        return (happened, _looks(job, names, settings), tries), said, "What is known"
    if job.state == "refused" and not job.sent_at:
        return ("It was not sent: the store would not take it like this.",), said, "Why"
    if job.state == "refused":
        return (
            (f"The store did not take it{sent}. Nothing of it was done there.", tries),
            said,
            "The store said",
        )
    if job.state == "dropped":
        return ("It is not in the store. The copies that came back went up as stock.",), said, "Why"
    return (f"It was given up{sent}: trying on is of no use.", tries), said, "What was said"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _looks(job: Job, names: Names, settings: Settings) -> str:
    if not job.looks:
        return "The store was not looked at yet."
    looked = f"It was looked for in the store {_times(job.looks)}, in vain."
    if job.next_try_at > names.now:
        return f"{looked} The next look is at {when(job.next_try_at, names.now, settings)}."
    return looked


def _verbs(job: Job, what: str, names: Names) -> tuple[Verb, ...]:
    if job.state == "dropped":
        return ()
    look = Verb(LOOK, "Look up in the store", why_not=names.why_no_look)
    again = Verb(AGAIN, "Send again", asks=_asked_again(what) if job.state == "uncertain" else None)
    leave = Verb(LEAVE, "Discard", "danger", asks=_asked_leave(what))
    return (look, again, leave) if job.state == "uncertain" else (again, look, leave)


def _asked_again(what: str) -> Asked:
    text = "If the store took it the first time, it is there twice then. Look it up first."
    return Asked("Send it again?", (what, text), "Send again", danger=True)


def _asked_leave(what: str) -> Asked:
    text = "It is not sent any more. The journal keeps it with your reason."
    return Asked("Discard it?", (what, text), "Discard", reason="needed", danger=True)


def _opens(upload: Upload | None) -> tuple[str, str]:
    match upload:
        case StatusUpload(order_id=order_id) | CancelUpload(order_id=order_id):
            return f"order:{order_id}", "Open the order"
        case SaleUpload(sale=sale) | RefundUpload(sale=sale):
            return f"receipt:{sale.receipt}", "Open the receipt"
    return "", ""


# ---- what waits ----


def waiting_row(w: WaitingKind, names: Names, settings: Settings) -> SyncRow:
    """Return everything of a kind that waits as one row."""
    oldest = when(w.oldest.created_at, names.now, settings)
    badge = "Tried already" if w.tried else ""
    second = f"The oldest is of {oldest}."
    return SyncRow(w.kind, kind_name(w.kind), second, f"{w.number:,}", _next(w, names, settings), badge)


def _next(w: WaitingKind, names: Names, settings: Settings) -> str:
    if w.next_try_at <= names.now:
        return "due now"
    return f"next {when(w.next_try_at, names.now, settings)}"


def waiting_card(w: WaitingKind, upload: Upload | None, names: Names, settings: Settings) -> Card:
    """Return everything of a kind that waits as the chosen row, with the oldest of it."""
    oldest = w.oldest
    goes = "goes" if w.number == 1 else "go"
    texts = [
        f"{kind_words(w.kind, w.number)} {goes} to the store by itself, the oldest first."
        if w.number == 1
        else f"{kind_words(w.kind, w.number)} {goes} to the store by themselves, the oldest first.",
        f"The oldest: {wrapped(about(upload, names, settings))}.",
        f"Made {when(oldest.created_at, names.now, settings)}, sent {_times(oldest.attempts)}."
        if oldest.attempts
        else f"Made {when(oldest.created_at, names.now, settings)}, not sent yet.",
        "It is due now." if w.next_try_at <= names.now else f"Sent {_next(w, names, settings)}.",
    ]
    if w.tried:
        texts.append(f"{w.tried:,} of them were tried before.")
    return Card(
        w.kind,
        kind_name(w.kind),
        tuple(texts),
        quote=clean(oldest.status, MOST_WORDS),
        who_said="Said of the oldest",
    )
