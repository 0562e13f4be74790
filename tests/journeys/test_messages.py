"""Short messages lie over no button of the screens that one sells with, however large the window is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QAbstractButton, QWidget

from bookwish_desk.ui.widgets.panel import NoticeKind
from bookwish_desk.ui.widgets.toast import Toast
from tests.journeys.person import Person

KITE = "9781594480003"
SHORT = "Held."
LONG = "Receipt R1-000142 could not be printed: the printer at the counter is out of paper."


def place_of(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def covered(person: Person) -> list[str]:
    """Return the buttons of the window that the message lies over."""
    window = person.window
    (toast,) = window.findChildren(Toast)
    own = toast.findChildren(QAbstractButton)
    buttons = [b for b in window.findChildren(QAbstractButton) if b.isVisible() and b not in own]
    assert len(buttons) > 5
    there = toast.geometry()
    return [b.accessibleName() or b.text() for b in buttons if place_of(b, window).intersects(there)]


@pytest.mark.parametrize("size", [(1024, 768), (1280, 800)])
def test_a_message_lies_over_no_button_of_the_screens_that_sell(
    selling: Person, size: tuple[int, int]
) -> None:
    found: dict[str, list[str]] = {}

    def look(place: str) -> None:
        messages: tuple[tuple[str, NoticeKind, str], ...] = (
            (SHORT, "ok", ""),
            (LONG, "error", "Print again"),
        )
        for words, tone, verb in messages:
            selling.desk.window.toast(words, tone, verb)
            selling.see(words)
            found[f"{place}, {words}"] = covered(selling)
            selling.window.findChildren(Toast)[0].hide()

    selling.window.resize(*size)
    selling.wait(lambda: (selling.window.width(), selling.window.height()) == size)
    look("sell, empty")
    selling.sell(KITE)
    look("sell")
    selling.key("F12")
    selling.see("To pay")
    look("pay")
    selling.key("F6")
    selling.see("Charge the card")
    look("card")
    selling.press("Declined")
    selling.see("Amount handed over")
    selling.key("F5")
    selling.receipt()
    look("paid")
    selling.key("F12")
    selling.see("New sale")
    selling.key("Ctrl+4")
    selling.see("Drawer movements")
    look("till")
    assert {place: names for place, names in found.items() if names} == {}


def test_a_message_makes_way_when_another_screen_comes(selling: Person) -> None:
    selling.sell(KITE)
    selling.desk.window.toast(LONG, "error", "Print again")
    (toast,) = selling.window.findChildren(Toast)
    selling.see("Filter coffee, one cup")  # where it lies then, the next screen has buttons
    selling.wait(lambda: not covered(selling))
    before = toast.geometry()
    selling.key("F12")
    selling.see("To pay", LONG)
    selling.wait(lambda: not covered(selling))
    assert toast.geometry() != before
    selling.key("Ctrl+4")
    selling.see("Drawer movements", LONG)
    selling.wait(lambda: not covered(selling))
