"""What is said of one scan: what came, how it came, what it means, and what may be set better.

A badge or a payment card is told of and never shown.
"""

from __future__ import annotations

import re

from bookwish_desk.shop import barcode
from bookwish_desk.ui.equipment.words import heard
from bookwish_desk.ui.scanner_setup.state import Reading
from bookwish_desk.ui.wedge import GAP_MS, Typed

SLOW_MS = 30
"""Keys this far apart are still told from typing, but not by much."""

_AIM = re.compile(r"\]([A-Za-z])([0-9A-Za-z])")
_KINDS = {
    "A": "Code 39",
    "C": "Code 128",
    "E": "EAN-13, UPC or EAN-8",
    "F": "Codabar",
    "G": "Code 93",
    "I": "Interleaved 2 of 5",
    "L": "PDF417",
    "Q": "QR code",
    "X": "another kind, by the scanner's own count",
    "d": "Data Matrix",
    "e": "GS1 DataBar",
    "z": "Aztec",
}
_SPECIAL = {
    "]C1": "GS1-128",
    "]E1": "2-digit add-on alone",
    "]E2": "5-digit add-on alone",
    "]E3": "EAN-13 or UPC with its add-on",
    "]E4": "EAN-8",
    "]Q3": "GS1 QR code",
    "]d2": "GS1 Data Matrix",
}
_NAMES = {"\x1d": "GS", "\x1b": "ESC", "\x02": "STX", "\x03": "ETX", "\t": "TAB", "\r": "CR", "\n": "LF"}
_TEN = re.compile(r"(?:\][A-Za-z][0-9A-Za-z])?\d{9}[\dXx]")

SECRET = "not shown"
LINE_BETTER = "It types like a keyboard: scans stop while another window is in front. See the first step."


def shown(text: str) -> str:
    """Return a scan with its control characters as names: ⟨GS⟩."""
    return "".join(c if c.isprintable() else f"⟨{_NAMES.get(c, f'{ord(c):02X}')}⟩" for c in text)


def symbology(code: str) -> str:
    """Return which barcode a scan came from by its AIM identifier, empty for a scan without one."""
    found = _AIM.match(code)
    if found is None:
        return ""
    return _SPECIAL.get(found[0]) or _KINDS.get(found[1], "a kind that is not known here")


def reading(code: str, typed: Typed | None) -> Reading:
    """Tell of a scan; `typed` is how it was typed, None for one that came by a line of the scanner's own."""
    said, aim = heard(0, barcode.parse(code), typed=False), code[:3] if _AIM.match(code) else ""
    facts = (
        ("Read", shown(code) if said.code else SECRET),
        ("It means", said.what),
        ("Kind of barcode", f"{symbology(code)} ({aim})" if aim else "The scanner does not say"),
        ("How it came", _how(typed)),
    )
    advice = tuple(a for a in (*_typing(typed, bool(said.code)), _ten(code)) if a)
    return Reading(facts, advice)


def addon_reading(article: barcode.Scan, typed: bool) -> Reading:
    """Tell of an add-on that came as a scan of its own."""
    price = "" if article.price_hint_cents is None else f", {article.price_hint_cents / 100:.2f}"
    means = f"The add-on of {article.code}{price} {article.price_hint_currency}".rstrip()
    facts = (("Read", article.addon), ("It means", means))
    return Reading((*facts, ("How it came", "Typed" if typed else "By a line of its own")))


def leaked(text: str, gap_ms: int) -> Reading:
    """Tell of keys that came as a person's typing does: no scan was seen in them."""
    pace = (
        f"Its keys come {gap_ms} ms apart; a scanner's come within {GAP_MS} ms. " if gap_ms > GAP_MS else ""
    )
    advice = (
        f"{pace}If you scanned this: set the scanner's pause between characters to 0, and Enter after each "
        "code. If you typed it, all is well.",
        *([_LAYOUT] if _garbled(text) else []),
    )
    return Reading((("Read", shown(text)), ("It means", "Typing: it went into the field")), advice)


def _how(typed: Typed | None) -> str:
    if typed is None:
        return "By a line of its own, HID POS or serial"
    end = "with Enter or Tab at its end" if typed.ended else "without Enter at its end"
    mark = ", after the start mark Ctrl+B" if typed.marked else ""
    return f"Typed, {typed.gap_ms} ms from key to key, {end}{mark}"


_LAYOUT = (
    "The scanner is set to another keyboard than this computer: its digits come as other signs. Set its "
    "keyboard country to that of this computer."
)


def _typing(typed: Typed | None, may_show: bool) -> tuple[str, ...]:
    if typed is None:
        return ()
    advice = [LINE_BETTER]
    if typed.letters != typed.text:
        came = f" ({shown(typed.letters)})" if may_show else ""
        advice.append(f"{_LAYOUT} This scan was understood all the same{came}.")
    elif _garbled(typed.text):
        advice.append(_LAYOUT)
    if not typed.ended:
        advice.append(
            "No Enter comes after the code: short codes are then taken for typing. Set the suffix CR."
        )
    if typed.gap_ms > SLOW_MS and not typed.marked:
        advice.append("Its keys come slowly. Set the pause between characters to 0.")
    return tuple(advice)


def _garbled(text: str) -> bool:
    return any(not c.isascii() for c in text) or (len(text) > 4 and set(text) <= set("&\"'(-_"))


def _ten(code: str) -> str:
    if _TEN.fullmatch(code):
        return "It sends ten digits: a book's barcode has thirteen. Switch the ISBN conversion off."
    return ""
