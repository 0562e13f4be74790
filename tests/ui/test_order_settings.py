"""The sections about orders as a person uses them: keys, sheets, switches, the preview, and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import configuring
from bookwish_desk.keychain import Keychain
from bookwish_desk.shop.mail import MailSettings, Message
from bookwish_desk.shop.notice_kinds import KINDS
from bookwish_desk.shop.opening_hours import OpeningHours
from bookwish_desk.shop.promises import PROMISES
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.mail import Sent
from bookwish_desk.ui import settings as setting
from bookwish_desk.ui.settings.wording_sheet import WordingSheet
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.widgets import Button, Choice, CountField, Field, PasswordField, Sheet
from bookwish_desk.ui.window import MainWindow
from tests.support.keyrings import FakeKeyring
from tests.support.looking import nameless, photograph_all, rich
from tests.support.staffed import StaffedShop

DAY = ((540, 1080),)
OPEN = OpeningHours(
    week=(*(DAY,) * 4, ((540, 780), (840, 1200)), ((600, 960),), ()),
    closed=frozenset({"2026-12-25", "2027-01-01"}),
    special=(("2026-12-24", ((540, 780),)),),
)
SERVER = MailSettings("smtp.example.com", 587, "starttls", "desk", "shop@example.com", "Alder & Ash Books")


class Window:
    """Settings in the window, as the owner sees them."""

    def __init__(self, shop: StaffedShop, qtbot: QtBot) -> None:
        self.shop, self.qtbot = shop, qtbot
        self.window = MainWindow("Register 1")
        qtbot.addWidget(self.window)
        self.station, self.front = shop.station(shop.owner)
        self.answer = Sent("sent", answer="250 2.0.0 queued as 4711")
        self.sent: list[Message] = []
        ring = FakeKeyring()
        self.screen, self.presenter = setting.build(self.station, self.send, lambda: Keychain(ring))
        self.window.add_screen("settings", "Settings", "screen.settings", self.screen)
        self.window.show_screen("settings")
        self.window.show()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()

    def send(self, message: Message, mail: MailSettings, password: Secret, deadline: float) -> Sent:
        self.sent.append(message)
        return self.answer

    @property
    def settings(self):
        return self.shop.store.settings

    def pick(self, section: str) -> None:
        self.screen.sections.choose(section)

    def type(self, field: Field, text: str) -> None:
        field.edit.setFocus()
        field.edit.selectAll()
        self.qtbot.keyClicks(field.edit, text)

    def fill(self, key: str, text: str) -> Field:
        control = self.screen.form.control(key)
        assert isinstance(control, Field)
        self.type(control, text)
        return control

    def press(self, root: QWidget, text: str) -> None:
        button = next(b for b in root.findChildren(Button) if b.text() == text and b.isVisible())
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def save(self) -> None:
        self.qtbot.waitUntil(self.window.isActiveWindow)
        self.qtbot.keyClick(self.window, Qt.Key.Key_F12)
        assert self.screen.notice.text() == "Saved."

    def sheet(self) -> Sheet:
        found: list[Sheet] = []

        def there() -> bool:
            found[:] = [s for s in self.window.findChildren(Sheet) if s.isVisible() and s.isActiveWindow()]
            return bool(found)

        self.qtbot.waitUntil(there)
        return found[-1]


@pytest.fixture
def opened(tmp_path: Path, dressed: QApplication, qtbot: QtBot) -> Iterator[Window]:
    shop = StaffedShop(tmp_path / "shop")
    made = Window(shop, qtbot)
    yield made
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    shop.store.close()


def test_hours_and_a_closed_day_are_typed_and_saved(opened: Window, qtbot: QtBot) -> None:
    opened.pick("hours")
    for place in range(5):
        opened.fill(f"day_{place}", "9-18")
    follows = "A promise of 2 working days from Friday 5 pm ends Tuesday 6 pm."
    assert opened.screen.hours.follows.text() == follows
    opened.press(opened.screen, "Add a day")
    sheet = opened.sheet()
    day, hours = sheet.findChildren(Field)
    qtbot.keyClick(day.edit, Qt.Key.Key_Return)
    assert day.error() == "Type a day."
    opened.type(day, "25.12.2026")
    qtbot.keyClick(hours.edit, Qt.Key.Key_Return)
    assert day.error() == "Type the date as 2026-11-24: year, month, day."
    opened.type(day, "2026-12-25")
    opened.type(hours, "9-5")
    qtbot.keyClick(hours.edit, Qt.Key.Key_Return)
    assert hours.error().startswith("The shop opens before it closes")
    hours.edit.clear()
    qtbot.keyClick(hours.edit, Qt.Key.Key_Return)
    opened.save()
    assert opened.settings.hours.week == (*(DAY,) * 5, (), ())
    assert opened.settings.hours.closed == {"2026-12-25"}
    opened.press(opened.screen, "Remove day")
    opened.save()
    assert opened.settings.hours.closed == frozenset()


def test_a_wrong_day_is_marked_and_has_the_focus(opened: Window) -> None:
    opened.pick("hours")
    field = opened.fill("day_3", "9-5")
    opened.press(opened.screen, "Save changes")
    assert field.error().startswith("The shop opens before it closes")
    assert field.edit.hasFocus()


@pytest.mark.capability("IC-05")
def test_the_time_after_which_a_checkout_is_given_up_is_changed_in_a_sheet(
    opened: Window, qtbot: QtBot
) -> None:
    opened.pick("promises")
    opened.screen.promises.rows.choose("checkout")
    opened.press(opened.screen, "Change promise")
    sheet = opened.sheet()
    soon, most = sheet.findChildren(CountField)
    sheet.findChildren(Choice)[0].choose("days")
    most.set_value(400)
    qtbot.keyClick(most.edit, Qt.Key.Key_Return)
    assert most.error() == "Type a number from 1 to 365."
    most.set_value(20)
    soon.set_value(21)
    qtbot.keyClick(most.edit, Qt.Key.Key_Return)
    assert soon.error() == "It is time to act before the latest, or with it."
    soon.set_value(15)
    qtbot.keyClick(soon.edit, Qt.Key.Key_Return)
    opened.save()
    kept = next(p for p in opened.settings.promises if p.id == "checkout")
    assert (kept.unit, kept.soon, kept.most) == ("days", 15, 20)
    opened.press(opened.screen, "Switch off")
    opened.save()
    assert not next(p for p in opened.settings.promises if p.id == "checkout").active
    opened.press(opened.screen, "Use the usual promises")
    opened.save()
    assert opened.settings.promises == PROMISES


@pytest.mark.capability("WSM-12")
def test_a_status_is_switched_off_with_the_space_bar(opened: Window, qtbot: QtBot) -> None:
    opened.pick("statuses")
    assert not opened.screen.statuses.toggle("wsm.new").isEnabled()
    toggle = opened.screen.statuses.toggle("wsm.held")
    toggle.setFocus()
    qtbot.keyClick(toggle, Qt.Key.Key_Space)
    opened.save()
    assert opened.settings.hidden_statuses == ("wsm.held",)
    assert not opened.screen.statuses.toggle("wsm.held").isChecked()


@pytest.mark.capability("WSM-17")
def test_a_notice_is_switched_to_go_out_by_itself(opened: Window, qtbot: QtBot) -> None:
    opened.pick("notices")
    panel = opened.screen.notices
    panel.kinds.rows.choose("processing")
    assert not panel.by_itself.isChecked()
    panel.by_itself.setFocus()
    qtbot.keyClick(panel.by_itself, Qt.Key.Key_Space)
    opened.save()
    assert "processing" in opened.settings.notices
    assert panel.kind() == "processing"
    panel.kinds.rows.choose("message")
    assert not panel.by_itself.isEnabled()


def test_a_notice_is_worded_with_a_preview_and_what_is_wrong_beside_it(opened: Window, qtbot: QtBot) -> None:
    opened.pick("notices")
    opened.screen.notices.kinds.rows.choose("ready")
    opened.press(opened.screen, "Change the words")
    sheet = opened.sheet()
    assert isinstance(sheet, WordingSheet)
    assert "Anna Reader" in sheet.shown_text.text()
    assert "Alder & Ash Books" in sheet.shown_text.text()
    sheet.text.edit.selectAll()
    qtbot.keyClicks(sheet.text.edit, "Come, {{ nobody }}")
    qtbot.waitUntil(lambda: bool(sheet.text.error()))
    assert sheet.text.error().startswith("In the text: Line 1: “nobody” is not known here")
    opened.press(sheet, "Keep words")
    assert sheet.isVisible()
    sheet.text.edit.selectAll()
    qtbot.keyClicks(sheet.text.edit, "Come, ")
    sheet.facts.choose("customer")
    opened.press(sheet, "Put into the text")
    qtbot.waitUntil(lambda: sheet.shown_text.text() == "Come, Anna Reader")
    assert sheet.text.error() == ""
    opened.press(sheet, "Keep words")
    opened.save()
    (own,) = opened.settings.wordings
    assert (own.kind, own.body) == ("ready", "Come, {{ customer }}")
    opened.press(opened.screen, "Use the usual words")
    opened.save()
    assert opened.settings.wordings == ()


def test_the_usual_words_come_back_in_the_sheet(opened: Window, qtbot: QtBot) -> None:
    opened.pick("notices")
    opened.press(opened.screen, "Change the words")
    sheet = opened.sheet()
    assert isinstance(sheet, WordingSheet)
    opened.type(sheet.subject, "Mine")
    opened.press(sheet, "Use the usual words")
    assert sheet.wording() == KINDS["received"].wording
    qtbot.keyClick(sheet.subject.edit, Qt.Key.Key_Return)
    assert opened.presenter.state.drafts.wordings == ()


def test_a_carrier_gets_its_link(opened: Window, qtbot: QtBot) -> None:
    opened.pick("notices")
    opened.press(opened.screen, "Add a carrier")
    name, link = opened.sheet().findChildren(Field)
    opened.type(name, "Post")
    opened.type(link, "https://post.example/track")
    qtbot.keyClick(link.edit, Qt.Key.Key_Return)
    assert link.error().startswith("Put one #")
    opened.type(link, "https://post.example/track?n=#")
    qtbot.keyClick(link.edit, Qt.Key.Key_Return)
    opened.save()
    assert opened.settings.tracking_links == (("Post", "https://post.example/track?n=#"),)
    opened.press(opened.screen, "Change carrier")
    name, link = opened.sheet().findChildren(Field)
    opened.type(name, "The Post")
    qtbot.keyClick(name.edit, Qt.Key.Key_Return)
    opened.save()
    assert opened.settings.tracking_links[0][0] == "The Post"
    opened.press(opened.screen, "Remove carrier")
    opened.save()
    assert opened.settings.tracking_links == ()


def test_mail_is_set_up_and_tried(opened: Window, qtbot: QtBot) -> None:
    opened.pick("mail")
    for key, text in (("host", "smtp.example.com"), ("user", "desk"), ("sender", "shop@example.com")):
        opened.fill(key, text)
    password = opened.fill("password", "s3cret")
    assert isinstance(password, PasswordField)
    assert password.edit.displayText() == "●" * 6 or "s3cret" not in password.edit.displayText()
    panel = opened.screen.mail
    opened.type(panel.address, "nobody")
    opened.press(panel, "Send a test message")
    assert panel.address.error().startswith("Type one e-mail address")
    opened.type(panel.address, "me@example.com")
    qtbot.keyClick(panel.address.edit, Qt.Key.Key_Return)
    assert "The mail server took the message to me@example.com." in panel.answer.text()
    opened.save()
    assert password.text() == ""
    opened.answer = Sent("failed", "login", "The mail server does not accept the password.")
    opened.press(panel, "Send a test message")
    assert panel.answer.text() == "The mail server does not accept the password."
    assert password.error() == "The mail server does not accept the password."
    assert len(opened.sent) == 2


def test_pictures(opened: Window, dressed: QApplication, pictures: Path) -> None:
    changes = {"hours": OPEN, "mail": SERVER, "slip_insert": "Thank you. Readings every Thursday at 7."}
    links = (("USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels=#"),)
    configuring.change_settings(opened.shop.store, opened.shop.owner, **changes, tracking_links=links)
    opened.window.resize(1024, 768)
    for section in ("hours", "promises", "statuses", "papers", "mail", "notices"):
        opened.pick(section)
        if section == "mail":
            opened.answer = Sent("failed", "login", "The mail server does not accept the password.", "535 no")
            opened.screen.mail.asked.emit("me@example.com")
        dressed.sendPostedEvents()
        assert nameless(opened.screen) == []
        assert rich(opened.screen) == []
        bar = opened.screen.page.verticalScrollBar()
        photograph_all(dressed, opened.window, pictures, f"orders-settings-{section}")
        opened.window.resize(1024, 768)
        dressed.processEvents()
        bar.setValue(bar.maximum())
        photograph_all(dressed, opened.window, pictures, f"orders-settings-{section}-below")
        opened.presenter.discard()
    opened.pick("notices")
    opened.press(opened.screen, "Change the words")
    sheet = opened.sheet()
    assert nameless(sheet) == []
    photograph_all(dressed, opened.window, pictures, "orders-settings-words", sheet)
    assert isinstance(sheet, WordingSheet)
    sheet.text.set_text("{{ nobody }}")
    sheet.refresh()
    photograph_all(dressed, opened.window, pictures, "orders-settings-words-wrong", sheet)
    sheet.reject()
    opened.pick("promises")
    opened.press(opened.screen, "Change promise")
    photograph_all(dressed, opened.window, pictures, "orders-settings-promise", opened.sheet())
    opened.sheet().reject()
    opened.pick("hours")
    opened.press(opened.screen, "Add a day")
    photograph_all(dressed, opened.window, pictures, "orders-settings-day", opened.sheet())
    opened.sheet().reject()
    apply_theme(dressed, "light")
    assert replace(OPEN) == opened.settings.hours
