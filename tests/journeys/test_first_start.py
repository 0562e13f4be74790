"""From an empty folder to the first sale: the guided first start of a real shop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bookwish_desk.ui.theme import apply_theme
from tests.journeys.person import Person
from tests.journeys.test_everywhere import Looker


@pytest.fixture
def owner(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Person]:
    """Give the owner of a new shop before an empty register."""
    apply_theme(qapp, "light")
    folder = tmp_path / "shop"
    folder.mkdir(mode=0o700)
    person = Person(qtbot, qapp, folder)
    person.first_start()
    yield person
    person.switch_off()


@pytest.mark.capability("BW-38")
def test_a_new_shop_is_set_up_and_makes_its_first_sale(
    owner: Person, qapp: QApplication, request: pytest.FixtureRequest
) -> None:
    looker = Looker(qapp, owner, request.config.getoption("--pictures"))

    def go_on(name: str) -> None:
        looker.look(f"setup-{name}")
        owner.press("Next")

    owner.see("Set up my shop")
    looker.look("setup-welcome")
    owner.press("Set up my shop")
    owner.see("Step 2 of")
    owner.press("Next")
    owner.see("Name of the shop")
    owner.type("Harbour <b>Books</b>", "Name of the shop")
    owner.type("1 Quay", "Address")
    go_on("shop")
    owner.choose("Country", "United Kingdom")
    go_on("place")
    owner.see("Tax classes and rates")
    go_on("tax")
    owner.choose("Receipt printer", "Simulated: drawn on the screen")
    go_on("register")
    owner.type("Ada Owner", "Name")
    owner.type("1234", "PIN")
    owner.type("1234", "PIN again")
    owner.press("Next")
    owner.see("Choose a PIN that is harder to guess.")
    owner.type("8463", "PIN")
    owner.type("8463", "PIN again")
    go_on("owner")

    code = owner.find(r"^Recovery code: (\S+)$")
    looker.look("setup-code")
    owner.type("XXXX", "Type its last four")
    owner.press("Next")
    owner.see("These are not the last four.")
    owner.type(code[-4:], "Type its last four")
    owner.press("Next")
    owner.press("Add a person")
    owner.type("Bo <i>Clerk</i>", "Name")
    owner.type("5826", "PIN")
    owner.type("5826\n", "PIN again")
    owner.no_sheet()
    owner.see("Bo <i>Clerk</i>")
    go_on("staff")
    go_on("receipt")
    go_on("safety")
    go_on("stock")
    owner.see("Look through it.", "Harbour <b>Books</b> · 1 Quay", "Not encrypted")
    looker.look("setup-summary")
    owner.press("Set up the shop")

    owner.see("Who is at the register?", "Bo <i>Clerk</i> Staff", "Harbour <b>Books</b>")
    owner.press("Ada Owner")
    owner.type("8463\n")
    owner.miss("Who is at the register?")
    owner.open_till("50")
    owner.scan("9781594480003")
    owner.type("The Kite Runner\n", "What is it?")
    owner.type("11.99\n")
    owner.no_sheet()
    owner.see("Total £11.99")
    receipt = owner.pay_cash("20")
    owner.see("Change due £8.01")
    paper = " ".join(" ".join(owner.printed(receipt).lines).split())
    for words in ("Harbour <b>Books</b>", "1 Quay", "£11.99", "including VAT", "Ada Owner"):
        assert words in paper
    assert not looker.faults, looker.faults
    for path in owner.folder.rglob("*"):
        if path.is_file():
            kept = path.read_bytes()
            assert code.encode() not in kept and b"8463" not in kept, path
