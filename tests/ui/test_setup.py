"""The guided first start on the screen: by keyboard alone, papers confirmed, nothing lost, and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from bookwish_desk.actions.setting_up import SetupPlan
from bookwish_desk.db.store import Store
from bookwish_desk.keychain import Keychain
from bookwish_desk.resource import resource_path
from bookwish_desk.shop.found import Search
from bookwish_desk.shop.tax import TaxRate
from bookwish_desk.ui import setup
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.tokens import SIZES, THEMES
from bookwish_desk.ui.widgets import Button, Choice, Field, PinField, Sheet
from bookwish_desk.ui.window import MainWindow
from tests.support.keyrings import FakeKeyring
from tests.support.shops import DirectLanes
from tests.support.staffed import hash_cheaply


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    hash_cheaply(monkeypatch)


PAGES = ("shop", "place", "tax", "register", "owner", "code", "staff", "receipt", "safety", "key", "stock")


class Window:
    """The first start over an empty window."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.plans: list[SetupPlan] = []
        self.founded: list[tuple[Any, str]] = []
        self.window = MainWindow()
        qtbot.addWidget(self.window)
        self.screen, self.presenter = setup.build(
            DirectLanes(cast(Store, None)), self.plans.append, lambda: Keychain(FakeKeyring()), Search
        )
        self.presenter.on_founded = lambda found, stock: self.founded.append((found, stock))
        self.window.cover(self.screen)
        self.window.show()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()

    @property
    def step(self) -> str:
        return self.presenter.state.step

    def field(self, key: str) -> Field:
        control = self.screen.form.control(key)
        assert isinstance(control, Field)
        return control

    def type(self, key: str, text: str) -> None:
        edit = self.field(key).edit
        edit.setFocus()
        edit.selectAll()
        self.qtbot.keyClicks(edit, text)

    def choose(self, key: str, option: str) -> None:
        control = self.screen.form.control(key)
        assert isinstance(control, Choice)
        control.choose(option)
        control.picked.emit(option)

    def enter(self) -> None:
        focused = QApplication.focusWidget() or self.screen
        self.qtbot.keyClick(focused, Qt.Key.Key_Return)

    def press(self, text: str) -> None:
        buttons = self.screen.findChildren(Button)
        button = next(b for b in buttons if b.text() == text and b.isVisible())
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def sheet(self) -> Sheet:
        found: list[Sheet] = []

        def there() -> bool:
            found[:] = [s for s in self.window.findChildren(Sheet) if s.isVisible() and s.isActiveWindow()]
            return bool(found)

        self.qtbot.waitUntil(there)
        return found[0]

    def answer(self) -> None:
        """Answer the page that is open as a bookseller in Dublin would, up to Enter."""
        answers = {
            "shop": lambda: self.type("shop_name", "Corner <b>Books</b>"),
            "place": lambda: self.choose("country", "IE"),
            "owner": self.answer_owner,
            "code": lambda: self.confirm(self.screen.code),
            "key": lambda: self.confirm(self.screen.key),
            "safety": lambda: self.choose("encrypt", "yes"),
        }
        answers.get(self.step, lambda: None)()

    def answer_owner(self) -> None:
        self.type("owner", "Olive Owner")
        self.type("pin", "8024")
        self.type("again", "8024")

    def confirm(self, paper) -> None:
        paper.field.edit.clear()
        self.qtbot.keyClicks(paper.field.edit, paper._text.text()[-4:].lower())

    def go(self, step: str) -> None:
        """Go on to a page, by keys alone."""
        if self.step == "welcome":
            self.qtbot.keyClick(self.screen.welcome.begin, Qt.Key.Key_Space)
        while self.step != step:
            before = self.step
            self.answer()
            self.qtbot.keyClick(self.window, Qt.Key.Key_F12)
            assert self.step != before, self.presenter.state


@pytest.fixture
def first(dressed: QApplication, qtbot: QtBot) -> Iterator[Window]:
    made = Window(qtbot)
    yield made
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_shop_is_set_up_with_keys_alone(first: Window, qtbot: QtBot) -> None:
    first.go("summary")
    qtbot.keyClick(first.window, Qt.Key.Key_F12)
    (plan,) = first.plans
    assert (plan.settings.shop_name, plan.settings.currency) == ("Corner <b>Books</b>", "EUR")
    assert plan.settings.tax.mode == "inclusive"
    assert plan.owner_pin.reveal() == "8024"
    assert plan.database_key
    assert first.founded == [(None, "")]


def test_enter_goes_on_from_a_field_and_from_a_page_without_one(first: Window) -> None:
    first.go("shop")
    first.type("shop_name", "Corner Books")
    first.enter()
    assert first.step == "place"
    first.go("staff")
    first.screen.setFocus()
    first.enter()
    assert first.step == "receipt"


def test_enter_on_the_welcome_begins_nothing_by_accident(first: Window) -> None:
    first.enter()
    assert first.step == "welcome"


def test_wrong_input_has_a_sentence_and_the_focus(first: Window) -> None:
    first.go("shop")
    first.type("shop_name", " ")
    first.enter()
    assert first.step == "shop"
    assert first.field("shop_name").error().startswith("Type the name of the shop")
    assert first.field("shop_name").edit.hasFocus()


def test_going_back_keeps_pins_and_texts(first: Window, qtbot: QtBot) -> None:
    first.go("owner")
    first.answer_owner()
    qtbot.keyClick(first.window, Qt.Key.Key_F10)
    assert first.step == "register"
    first.press("Next")
    assert first.field("owner").text() == "Olive Owner"
    assert first.field("pin").text() == "8024"
    assert "8024" not in first.field("pin").edit.displayText()


def test_a_paper_must_be_written_down_first(first: Window, qtbot: QtBot) -> None:
    first.go("code")
    first.enter()
    assert first.step == "code"
    assert first.screen.code.field.error().startswith("These are not the last four.")
    first.confirm(first.screen.code)
    first.enter()
    assert first.step == "staff"
    first.press("Back")
    first.press("Next")  # it was confirmed already
    assert first.step == "staff"


def test_a_rate_is_typed_in_the_sheet(first: Window, qtbot: QtBot) -> None:
    first.go("place")
    first.press("Next")
    assert first.step == "tax"
    first.enter()
    assert first.screen.tax._notice.text().startswith("Type the rate of Books")
    for label in ("Books", "General goods"):
        first.screen.tax.rows.choose("book" if label == "Books" else "general")
        first.press("Change class")
        sheet = first.sheet()
        percent = sheet.findChildren(Field)[2]
        assert percent.text() == ""
        qtbot.keyClicks(percent.edit, "6.35")
        qtbot.keyClick(percent.edit, Qt.Key.Key_Return)
        qtbot.waitUntil(first.window.isActiveWindow)
    first.press("Next")
    assert first.step == "register"
    assert first.presenter.answers.settings.tax.rates("book") == (TaxRate("Sales tax", 63_500),)


def test_a_person_is_added_and_removed(first: Window, qtbot: QtBot) -> None:
    first.go("staff")
    first.press("Add a person")
    sheet = first.sheet()
    name = next(f for f in sheet.findChildren(Field) if not isinstance(f, PinField))
    qtbot.keyClicks(name.edit, "<i>Sam</i>")
    for field in sheet.findChildren(PinField):
        qtbot.keyClicks(field.edit, "9753")
    qtbot.keyClick(name.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(first.window.isActiveWindow)
    assert list(first.presenter.state.people) == [("<i>Sam</i>", "Staff")]
    first.press("Remove person")
    assert not first.presenter.state.people


def test_where_one_is_can_be_read(first: Window) -> None:
    first.go("tax")
    names = [label.accessibleName() for label in first.screen._labels]
    assert names[:5] == ["Welcome, done", "Shop, done", "Country, done", "Tax, you are here", "Register"]
    assert first.screen._progress.text() == "Step 4 of 12"


def test_the_demonstration_can_be_looked_at(first: Window, qtbot: QtBot) -> None:
    asked: list[bool] = []
    first.presenter.on_demo = lambda: asked.append(True)
    qtbot.mouseClick(first.screen.welcome.demo, Qt.MouseButton.LeftButton)
    assert asked == [True]


def test_every_control_has_a_name_and_room(first: Window) -> None:
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox)
    for step in PAGES:
        first.go(step)
        seen = [w for kind in kinds for w in first.screen.findChildren(kind) if w.isVisible()]
        assert len(seen) >= 3
        for widget in seen:
            assert QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip(), (
                step,
                widget,
            )
            assert widget.height() >= SIZES.target, (step, widget.accessibleName())


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(1280, 800), (1024, 768)])
def test_pictures(
    first: Window, dressed: QApplication, pictures: Path, theme: str, size: tuple[int, int]
) -> None:
    apply_theme(dressed, theme)
    first.window.resize(*size)

    def keep() -> None:
        for _ in range(4):  # each pass lays out one more level
            dressed.processEvents()
        assert not first.screen.page.horizontalScrollBar().isVisible()
        assert first.window.grab().save(str(pictures / f"setup-{first.step}-{theme}-{size[0]}.png"))

    keep()
    for step in PAGES:
        first.go(step)
        first.answer()
        if step == "receipt":
            first.screen.logo.chosen.emit(str(resource_path("demo", "logo.png")))
        keep()
    first.go("summary")
    keep()
