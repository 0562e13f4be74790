"""Who is at the register: locked by a key or by itself, changed by a badge, shut to guessing; its colours."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from bookwish_desk.demo.shop import BADGE
from bookwish_desk.ui.theme import apply_theme, wanted_theme
from tests.journeys.person import Person

KITE = "9781594480003"


@pytest.mark.capability("BW+01")
def test_a_locked_register_sells_nothing_and_keeps_the_sale(selling: Person) -> None:
    selling.sell(KITE)
    selling.key("Ctrl+L")
    selling.see("Locked. Who is at the register?")
    selling.miss("The Kite Runner")
    selling.scan(KITE)
    selling.see("That is not a badge. Sign in first, then scan it again.")
    selling.key("F12")
    selling.scan(BADGE[1])
    selling.see("The Kite Runner", "Sam K.", "Qty 1")


def test_a_register_left_alone_locks_itself(selling: Person) -> None:
    selling.sell(KITE)
    timer = selling.desk._idle._lock
    assert timer.isActive() and timer.interval() == 10 * 60_000
    timer.start(1)  # ten minutes later
    selling.see("Locked. Who is at the register?")
    selling.miss("The Kite Runner")


def test_a_badge_changes_the_clerk_and_leaves_the_sale(selling: Person) -> None:
    selling.sell(KITE)
    selling.see("Maya R.")
    selling.scan(BADGE[1])
    selling.see("Sam K. is at the register.", "The Kite Runner")
    selling.pay_cash()
    assert "Sam K." in "\n".join(selling.printed("R1-000001").lines)
    selling.key("F12")
    selling.key("F10")  # nothing in the cart: nothing to change
    selling.key("Ctrl+4")
    selling.key("F8")
    selling.see("A manager must approve this")


def test_guessing_a_pin_ends_in_waiting_also_after_a_restart(at_the_register: Person) -> None:
    person = at_the_register
    person.press("Maya R.")
    for _ in range(4):
        person.type("9876\n")
        person.see("That is not the right PIN.")
        person.press("Maya R.")
        person.miss("That is not the right PIN.")
    person.type("9876\n")
    person.see("Too many wrong PINs. Wait")
    person.switch_off()

    person.switch_on()
    person.press("Maya R.")
    person.type("4071\n")
    person.see("Too many wrong PINs. Wait")
    person.sign_in("Theo L.")
    person.see("Theo L.")


@pytest.mark.parametrize("key", ["Ctrl+2", "Ctrl+3", "Ctrl+4", "Ctrl+5"])
def test_a_badge_changes_the_clerk_on_every_screen(selling: Person, key: str) -> None:
    selling.key(key)
    selling.scan(BADGE[1])
    selling.see("Sam K. is at the register.")


def test_other_colours_are_worn_as_soon_as_they_are_saved(selling: Person, qapp: QApplication) -> None:
    selling.key("Ctrl+5")
    selling.choose_row("Sections", "Appearance")
    selling.choose("Colours of the screens", "High contrast")
    selling.key("F12")
    try:
        selling.wait(lambda: wanted_theme(qapp) == "contrast")
    finally:
        apply_theme(qapp, "light")
