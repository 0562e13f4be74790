"""The Settings screen as a person uses it: sections, saving, the guard, sheets, keys, and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import hiring, importing
from bookwish_desk.keychain import Keychain
from bookwish_desk.resource import resource_path
from bookwish_desk.shop.mail import MailSettings, Message
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.tax import TaxRate
from bookwish_desk.sync.mail import Sent
from bookwish_desk.ui import settings as setting
from bookwish_desk.ui.forms import Paper
from bookwish_desk.ui.settings.state import SECTIONS
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.tokens import SIZES, THEMES
from bookwish_desk.ui.widgets import Button, Field, PinField, RowList, Sheet
from bookwish_desk.ui.window import MainWindow
from tests.support.keyrings import FakeKeyring
from tests.support.staffed import StaffedShop, hash_cheaply


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    hash_cheaply(monkeypatch)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StaffedShop]:
    made = StaffedShop(tmp_path / "shop")
    yield made
    made.store.close()


def nothing_sent(message: Message, mail: MailSettings, password: Secret, deadline: float) -> Sent:
    raise AssertionError("nothing is sent here")


class Window:
    """Settings in the window, as the owner sees them."""

    def __init__(self, shop: StaffedShop, qtbot: QtBot) -> None:
        self.shop, self.qtbot = shop, qtbot
        self.window = MainWindow("Register 1")
        qtbot.addWidget(self.window)
        self.station, self.front = shop.station(shop.owner)
        self.screen, self.presenter = setting.build(
            self.station, nothing_sent, lambda: Keychain(FakeKeyring())
        )
        self.window.add_screen("settings", "Settings", "screen.settings", self.screen)
        self.window.show_screen("settings")
        self.window.show()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()

    def pick(self, section: str) -> None:
        self.screen.sections.choose(section)

    def field(self, key: str) -> Field:
        control = self.screen.form.control(key)
        assert isinstance(control, Field)
        return control

    def type(self, key: str, text: str) -> None:
        edit = self.field(key).edit
        edit.setFocus()
        edit.selectAll()
        self.qtbot.keyClicks(edit, text)

    def press(self, root: QWidget, text: str) -> None:
        button = next(b for b in root.findChildren(Button) if b.text() == text and b.isVisible())
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def sheet(self, not_this: Sheet | None = None) -> Sheet:
        found: list[Sheet] = []

        def there() -> bool:
            open_ones = [s for s in self.window.findChildren(Sheet) if s.isVisible() and s.isActiveWindow()]
            found[:] = [s for s in open_ones if s is not not_this]
            return bool(found)

        self.qtbot.waitUntil(there)
        return found[-1]


@pytest.fixture
def opened(shop: StaffedShop, dressed: QApplication, qtbot: QtBot) -> Iterator[Window]:
    made = Window(shop, qtbot)
    yield made
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_setting_is_typed_and_saved_with_its_key(opened: Window, qtbot: QtBot) -> None:
    assert not opened.screen.save_button.isEnabled()
    opened.type("shop_name", "Corner <b>Books</b>")
    assert opened.screen.save_button.isEnabled()
    qtbot.keyClick(opened.window, Qt.Key.Key_F12)
    assert opened.shop.store.settings.shop_name == "Corner <b>Books</b>"
    assert opened.screen.notice.text() == "Saved."
    assert not opened.screen.save_button.isEnabled()


def test_enter_in_a_field_saves(opened: Window, qtbot: QtBot) -> None:
    opened.type("currency", "gbp")
    qtbot.keyClick(opened.field("currency").edit, Qt.Key.Key_Return)
    assert opened.shop.store.settings.currency == "GBP"
    assert opened.field("currency").text() == "GBP"


def test_a_wrong_value_is_marked_and_has_the_focus(opened: Window, qtbot: QtBot) -> None:
    opened.type("currency", "xxq")
    opened.press(opened.screen, "Save changes")
    assert opened.field("currency").error().startswith("Type the three letters")
    assert opened.field("currency").edit.hasFocus()
    assert opened.field("currency").text() == "xxq"
    assert opened.screen.notice.text() == "Not saved. Look at what is marked."


def test_discard_puts_back_what_was(opened: Window) -> None:
    opened.type("shop_name", "Mine")
    opened.press(opened.screen, "Discard changes")
    assert opened.field("shop_name").text() == "Alder & Ash Books"


def test_another_section_takes_the_focus_from_what_goes_away(opened: Window) -> None:
    opened.pick("mail")
    opened.screen.mail.address.edit.setFocus()
    opened.pick("hours")
    assert opened.screen.sections.hasFocus()
    assert opened.screen.page.verticalScrollBar().value() == 0


@pytest.mark.parametrize("verb", ["Discard changes", "Save changes"])
def test_a_button_that_goes_off_gives_the_focus_to_the_sections(
    opened: Window, qtbot: QtBot, verb: str
) -> None:
    opened.type("shop_name", "Mine")
    button = next(b for b in opened.screen.findChildren(Button) if b.text() == verb)
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert not button.isEnabled()
    assert opened.screen.sections.hasFocus(), "and not to the button that locks the register"


def test_leaving_a_section_asks_about_what_was_changed(opened: Window) -> None:
    opened.type("shop_name", "Mine")
    opened.pick("look")
    sheet = opened.sheet()
    assert sheet.windowTitle() == "Save what you changed in Shop?"
    opened.press(sheet, "Keep editing")
    assert opened.screen.sections.current().key == "shop"  # type: ignore[union-attr]
    assert opened.field("shop_name").text() == "Mine"
    opened.pick("look")
    opened.press(opened.sheet(sheet), "Save changes")
    assert opened.shop.store.settings.shop_name == "Mine"
    assert opened.presenter.state.section == "look"


def test_discarding_from_the_guard_goes_on(opened: Window) -> None:
    opened.type("shop_name", "Mine")
    opened.pick("tax")
    opened.press(opened.sheet(), "Discard changes")
    assert opened.presenter.state.section == "tax"
    assert opened.shop.store.settings.shop_name == "Alder & Ash Books"


def test_what_cannot_be_saved_keeps_the_section(opened: Window) -> None:
    opened.type("currency", "xxq")
    opened.pick("tax")
    opened.press(opened.sheet(), "Save changes")
    assert opened.presenter.state.section == "shop"
    assert opened.field("currency").error()


def stock(shop: StaffedShop) -> None:
    """Put the sidelines of the demonstration into the shop."""
    importing.run_import(shop.store, importing.Plan(resource_path("demo", "sidelines.csv")), actor=shop.owner)


# ---- tax ----


def test_a_tax_class_is_added_changed_and_removed(opened: Window, qtbot: QtBot) -> None:
    opened.pick("tax")
    opened.press(opened.screen, "Add a class")
    sheet = opened.sheet()
    label, name, percent = sheet.findChildren(Field)[:3]
    qtbot.keyClicks(label.edit, "E-books")
    qtbot.keyClicks(name.edit, "Sales tax")
    qtbot.keyClicks(percent.edit, "8.875")
    qtbot.keyClick(percent.edit, Qt.Key.Key_Return)
    assert opened.presenter.state.classes[-1].rates == (TaxRate("Sales tax", 88_750),)
    opened.screen.tax.rows.choose("none")
    opened.press(opened.screen, "Remove class")
    opened.press(opened.screen, "Save changes")
    codes = [c.code for c in opened.shop.store.settings.tax.classes]
    assert codes == ["book", "general", "e-books"]


def test_wrong_rates_are_said_in_the_sheet(opened: Window, qtbot: QtBot) -> None:
    opened.pick("tax")
    opened.screen.tax.rows.choose("book")
    opened.press(opened.screen, "Change class")
    sheet = opened.sheet()
    label, name, percent, second = sheet.findChildren(Field)[:4]
    percent.edit.clear()
    qtbot.keyClick(label.edit, Qt.Key.Key_Return)
    assert percent.error() == "Type a percentage such as 10 or 8.875."
    percent.set_text("6")
    second.set_text("")
    label.set_text("General goods")
    qtbot.keyClick(label.edit, Qt.Key.Key_Return)
    assert label.error() == "There is a class of this name already."
    label.set_text("Books")
    name.set_text("")
    qtbot.keyClick(label.edit, Qt.Key.Key_Return)
    assert name.error() == "Name it: receipts print it."
    sheet.reject()
    assert not opened.presenter.state.dirty


# ---- people ----


@pytest.mark.capability("BW+12")
def test_a_person_is_added_through_the_sheet(opened: Window, qtbot: QtBot) -> None:
    opened.pick("staff")
    opened.press(opened.screen, "Add a person")
    sheet = opened.sheet()
    name = next(f for f in sheet.findChildren(Field) if not isinstance(f, PinField))
    pin, again = sheet.findChildren(PinField)
    qtbot.keyClicks(name.edit, "<i>Nora</i>")
    qtbot.keyClicks(pin.edit, "8024")
    qtbot.keyClicks(again.edit, "8025")
    qtbot.keyClick(again.edit, Qt.Key.Key_Return)
    assert again.error().startswith("The two PINs differ.")
    again.edit.clear()
    qtbot.keyClicks(again.edit, "8024")
    qtbot.keyClick(again.edit, Qt.Key.Key_Return)
    assert "<i>Nora</i>" in [p.name for p in opened.presenter.state.people]
    assert opened.screen.notice.text() == "<i>Nora</i> can sign in now."


def test_whoever_leaves_is_asked_about_first(opened: Window) -> None:
    opened.pick("staff")
    assert not opened.screen.staff.leave_button.isEnabled()  # oneself
    opened.screen.staff.rows.choose(opened.shop.clerk.staff)
    opened.press(opened.screen, "Take off the staff")
    sheet = opened.sheet()
    assert sheet.windowTitle() == "Take Sam Staff off the staff?"
    opened.press(sheet, "Take off the staff")
    assert not next(p for p in opened.presenter.state.people if p.id == opened.shop.clerk.staff).active
    opened.screen.staff.rows.choose(opened.shop.clerk.staff)
    opened.press(opened.screen, "Take back on")
    assert next(p for p in opened.presenter.state.people if p.id == opened.shop.clerk.staff).active


@pytest.mark.capability("BW+12")
def test_a_permission_is_given_with_a_box(opened: Window, qtbot: QtBot) -> None:
    opened.pick("staff")
    box = opened.screen.roles.toggle("staff", "sale.price")
    assert not box.isChecked()
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    opened.press(opened.screen, "Save changes")
    assert "sale.price" in opened.presenter.state.staff_may
    assert box.isChecked()


def test_a_new_recovery_code_is_written_down(opened: Window, qtbot: QtBot) -> None:
    opened.pick("safety")
    opened.press(opened.screen, "Make a new recovery code")
    first = opened.sheet()
    opened.press(first, "Make a new code")
    second = opened.sheet(first)
    paper = second.findChildren(Paper)[0]
    opened.press(second, "I wrote it down")
    assert paper.field.error().startswith("These are not the last four.")
    qtbot.keyClicks(paper.field.edit, paper._text.text()[-4:].lower())
    qtbot.keyClick(paper.field.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(opened.window.isActiveWindow)


def test_tiles_are_added_with_keys_alone(opened: Window, qtbot: QtBot) -> None:
    stock(opened.shop)
    opened.pick("selling")
    search = opened.screen.tiles.search
    search.setFocus()
    qtbot.keyClicks(search, "tote")
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert len(opened.presenter.state.tiles) == 1
    assert opened.screen.save_button.isEnabled()


# ---- for everybody ----


@pytest.mark.parametrize("section", [s.id for s in SECTIONS])
def test_every_control_has_a_name_and_room(opened: Window, section: str) -> None:
    opened.pick(section)
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox)
    seen = [w for kind in kinds for w in opened.screen.findChildren(kind) if w.isVisible()]
    assert len(seen) >= 3
    for widget in seen:
        assert QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip(), widget
        assert widget.height() >= SIZES.target, widget.accessibleName()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(1280, 800), (1024, 768)])
def test_pictures(
    opened: Window, dressed: QApplication, pictures: Path, theme: str, size: tuple[int, int]
) -> None:
    apply_theme(dressed, theme)
    opened.window.resize(*size)
    hiring.new_badge(opened.shop.store, opened.shop.owner, opened.shop.clerk.staff)
    stock(opened.shop)
    for section in SECTIONS:
        opened.pick(section.id)
        if section.id == "receipt":
            opened.screen.logo.chosen.emit(str(resource_path("demo", "logo.png")))
        if section.id == "selling":
            for words in ("tote", "mug", "card"):
                opened.screen.tiles.searched.emit(words)
                opened.screen.tiles.added.emit(opened.presenter.state.found[0].sku)
        dressed.sendPostedEvents()
        dressed.sendPostedEvents()
        picture = opened.window.grab()
        assert picture.save(str(pictures / f"settings-{section.id}-{theme}-{size[0]}.png"))
        assert not opened.screen.page.horizontalScrollBar().isVisible()
        opened.presenter.discard()
    assert isinstance(opened.screen.sections, RowList)
