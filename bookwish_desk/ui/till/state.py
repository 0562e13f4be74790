"""What the till screen shows, as one frozen value, and the rules by which a till is put into words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

import msgspec

from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.till import ClosedTill, Count, Move, Standing, Till, TillEntry, TillReport
from bookwish_desk.shop.till_words import clock, day, move_words, over_short

Mode = Literal["loading", "closed", "open", "count", "report"]
Tone = Literal["ok", "warn", "error"]
Answer = Callable[[str], None]
"""Gets an empty text when it was done, else the sentence why not."""


class Fact(msgspec.Struct, frozen=True):
    """One line about the till: a label and what it says."""

    label: str
    text: str


class MoveRow(msgspec.Struct, frozen=True):
    """One movement at the drawer in words."""

    key: str
    words: str
    details: str
    amount: str


class PastRow(msgspec.Struct, frozen=True):
    """One closed session in words; `verdict` is Over, Short or Right."""

    till: str
    words: str
    details: str
    amount: str
    verdict: str
    tone: Tone


class TillState(msgspec.Struct, frozen=True):
    """Everything on the till screen.

    In mode "count" the drawer is being counted, to open the till or (`closing`) to close it; nothing
    here tells then what should be in it. `pdf` is where the shown report was saved, `pages` says that there
    is a printer for pages.
    """

    mode: Mode = "loading"
    heading: str = ""
    facts: tuple[Fact, ...] = ()
    warning: str = ""
    verdict: str = ""
    tone: Tone = "ok"
    moves: tuple[MoveRow, ...] = ()
    past: tuple[PastRow, ...] = ()
    money: Currency = Currency()
    denominations: tuple[int, ...] = ()
    closing: bool = False
    before_cents: int | None = None
    float_cents: int = 0
    counting: int = 0
    report: TillReport | None = None
    fresh: bool = False
    pdf: str = ""
    saving: bool = False
    pages: bool = False


class TillForms(Protocol):
    """What the sheets of the till screen ask for; `answer` says what came of it."""

    def move(self, kind: Move, amount: str, reason: str, answer: Answer) -> None:
        """Put cash in, take it out, or open the drawer without a sale."""

    def close(self, count: Count, left: str, answer: Answer) -> None:
        """Commit the count and close the till."""


MOVE_TITLES: dict[Move, str] = {
    "paid_in": "Pay cash in",
    "paid_out": "Pay cash out",
    "drop": "Drop cash to the safe",
    "no_sale": "Open the drawer without a sale",
}


def decimal_mark(money: Currency) -> str:
    """Return what parts whole units from cents as this shop writes amounts; empty without cents."""
    return next((c for c in money.show(1) if c in ".,"), "") if money.decimals else ""


def open_facts(till: Till, money: Currency, zone: str) -> tuple[Fact, ...]:
    """Return what people want to know of an open till."""
    return (
        Fact("Opened", moment(till.opened_at, zone, money.locale)),
        Fact("Opened by", till.opened_by),
        Fact("Business date", day(till.business_date, money.locale)),
        Fact("Opening float", money.show(till.float_cents)),
    )


def closed_facts(last: ClosedTill | None, money: Currency, zone: str) -> tuple[Fact, ...]:
    """Return what people want to know of the till that was closed last."""
    if last is None:
        return (Fact("To begin", "Count the opening float and open the till."),)
    closed = f"{clock(last.closed_at, zone, money.locale)} by {last.closed_by}"
    return (
        Fact("Last till", day(last.business_date, money.locale)),
        Fact("Closed", closed),
        Fact("Z report", str(last.z_number)),
        Fact("Left in the drawer", money.show(last.left_cents)),
    )


def move_rows(entries: tuple[TillEntry, ...], money: Currency, zone: str) -> tuple[MoveRow, ...]:
    """Return the movements of a session in words, the latest first."""
    rows = [
        MoveRow(
            key=str(place),
            words=move_words(e),
            details=f"{clock(e.at, zone, money.locale)} · {e.staff}",
            amount="" if e.kind == "no_sale" else money.show(e.cash_cents),
        )
        for place, e in enumerate(entries)
    ]
    return tuple(reversed(rows))


def over_tone(over_cents: int) -> Tone:
    """Return how serious a difference is: none, too much, or too little."""
    return "ok" if over_cents == 0 else "warn" if over_cents > 0 else "error"


def past_row(past: ClosedTill, money: Currency, zone: str) -> PastRow:
    """Return a closed session in words."""
    over = past.over_cents
    closed = clock(past.closed_at, zone, money.locale)
    return PastRow(
        till=past.till,
        words=day(past.business_date, money.locale),
        details=f"Z report {past.z_number} · closed {closed} by {past.closed_by}",
        amount=money.show(over) if over else "",
        verdict="Right" if over == 0 else "Over" if over > 0 else "Short",
        tone=over_tone(over),
    )


def last_verdict(over_cents: int, money: Currency) -> str:
    """Return how the drawer was at the last close."""
    if over_cents == 0:
        return "The drawer was right to the cent at the last close."
    word = "over" if over_cents > 0 else "short"
    return f"The drawer was {money.show(abs(over_cents))} {word} at the last close."


def float_words(float_cents: int, before_cents: int | None, money: Currency) -> str:
    """Return what is odd about an opening float, or an empty text."""
    if before_cents is None or float_cents == before_cents:
        return ""
    apart = money.show(abs(float_cents - before_cents))
    than = "more" if float_cents > before_cents else "less"
    return f"{apart} {than} than the {money.show(before_cents)} that was left at the last close."


def verdict(report: TillReport) -> tuple[str, Tone]:
    """Return what a Z report's count came to, in words, and how serious it is."""
    over = report.over_cents
    if over is None:
        return "", "ok"
    return over_short(over, Currency(report.currency, report.locale).show), over_tone(over)


def standing_words(standing: Standing, money: Currency, zone: str) -> dict[str, Any]:
    """Return the fields of the state that say how the till stands."""
    till = standing.till
    last = standing.past[0] if standing.past else None
    common = {"money": money, "before_cents": last.left_cents if last else None}
    if till is None:
        return {
            **common,
            "heading": "The till is closed",
            "facts": closed_facts(last, money, zone),
            "warning": "",
            "verdict": last_verdict(last.over_cents, money) if last else "",
            "tone": over_tone(last.over_cents) if last else "ok",
            "moves": (),
        }
    late = standing.day_now > till.business_date
    date = day(till.business_date, money.locale)
    return {
        **common,
        "float_cents": till.float_cents,
        "heading": f"Till open since {clock(till.opened_at, zone, money.locale)}",
        "facts": open_facts(till, money, zone),
        "warning": f"This till is still that of {date}. Count and close it." if late else "",
        "verdict": "",
        "tone": "ok",
        "moves": move_rows(standing.movements, money, zone),
    }
