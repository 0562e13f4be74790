"""What the header says of the till and of the things that people should know about."""

from __future__ import annotations

from bookwish_desk.shop.till import Till
from bookwish_desk.shop.till_words import clock
from bookwish_desk.ui.widgets import Chip


def till_words(till: Till | None, zone: str, locale: str) -> str:
    """Return how the header speaks of the till: Till open since 9:02 AM."""
    return f"Till open since {clock(till.opened_at, zone, locale)}" if till else "Till closed"


def chips(
    *,
    demo: bool,
    printer: bool,
    good: bool,
    unfinished: int,
    importing: str = "",
    warnings: tuple[str, ...] = (),
) -> list[Chip]:
    """Return the states at the right of the header, in words and shapes."""
    out: list[Chip] = []
    if demo:
        out.append(Chip("demo", "off", "Demonstration", "Demo"))
    if importing:
        out.append(Chip("import", "warn", importing, "Import"))
    if unfinished:
        out.append(Chip("printer", "warn", f"{unfinished} not printed", f"{unfinished} waiting"))
    elif not printer:
        out.append(Chip("printer", "off", "No printer"))
    elif good:
        out.append(Chip("printer", "ok", "Printer ready", "Printer"))
    else:
        out.append(Chip("printer", "error", "Printer trouble", "Printer"))
    if warnings:
        out.append(Chip("books", "warn", "Disk", "Disk"))
    return out
