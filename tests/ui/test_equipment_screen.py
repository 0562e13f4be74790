"""The device screen as a person uses it: keys, forms, sheets, what is spoken; and pictures of it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit

from bookwish_desk.shop.device import DeviceState
from bookwish_desk.shop.errors import DeviceError
from bookwish_desk.shop.staff import Person
from bookwish_desk.ui import equipment
from bookwish_desk.ui.equipment.panels import Steps
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.widgets import Scroll, Sheet
from tests.support import looking
from tests.support.equipment import EIGHT, EVERYTHING, NETWORK, PRINTER_USB, SERIAL, Equipped
from tests.support.shops import hire

STATES = {
    "counter-printer": DeviceState(
        "unreachable", "Nobody answers at 192.168.1.50. See that the printer is switched on and connected."
    ),
    "zebra-in-the-back": DeviceState(
        "paper_out", "Labels out. Put in a new roll; the label goes on by itself."
    ),
    "office": DeviceState("unknown", "The printer does not say how it is. It is used all the same."),
    "scanner": DeviceState("ready", "The scanner is ready."),
    "parcel-scale": DeviceState("unplugged", "The scale is not there. Plug it in; it works again by itself."),
    "pole": DeviceState("busy", "The customer display is at work."),
    "screen": DeviceState("ready", "The customer screen is on."),
}


class Desk(Equipped):
    """The device screen in a window, with these devices."""

    def __init__(self, folder, qtbot, *devices):
        super().__init__(folder, *devices)
        self.qtbot = qtbot
        self.equipment.states.update({k: v for k, v in STATES.items() if k in self.devices})
        self.screen, self.presenter = equipment.build(self.station, self.equipment)
        self.window = looking.window_with("devices", self.screen)
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()

    def sheet(self):
        """Return the sheet in front, once it is active."""
        self.qtbot.waitUntil(lambda: any(s.isActiveWindow() for s in self.window.findChildren(Sheet)))
        return next(s for s in self.window.findChildren(Sheet) if s.isActiveWindow())

    def key(self, key, modifier=Qt.KeyboardModifier.NoModifier):
        self.qtbot.keyClick(QApplication.focusWidget() or self.screen, key, modifier)

    def close(self, sheet):
        with self.qtbot.waitSignal(sheet.finished):
            sheet.reject()
        self.qtbot.waitUntil(self.window.isActiveWindow)

    def job(self):
        """Return what was posted last."""
        return [j for kind in ("test", "kick") for j in self.jobs(kind)][-1]


def verb(root, words):
    return next(b for b in root.findChildren(QAbstractButton) if b.text() == words)


def field(root, name):
    return next(w for w in root.findChildren(QLineEdit) if w.accessibleName() == name)


@pytest.fixture
def desks(tmp_path, dressed, qtbot):
    made: list[Any] = []

    def make(*devices):
        made.append(Desk(tmp_path / str(len(made)), qtbot, *devices))
        return made[-1]

    yield make
    for desk in made:
        desk.store.close()


@pytest.fixture
def desk(desks):
    return desks(*EIGHT)


# ---- looking ----


def test_the_first_thing_without_devices_is_to_add_one(desks):
    desk = desks()
    assert desk.screen.add_button.hasFocus() or desk.screen.rows.hasFocus()
    assert not desk.screen.page.isVisible()
    assert not desk.screen.save_button.isVisible()
    desk.key(Qt.Key.Key_F11)
    sheet = desk.sheet()
    assert sheet.windowTitle() == "Add a device"
    desk.close(sheet)


def test_a_reader_of_the_screen_hears_how_each_device_is(desk):
    model = desk.screen.rows.model()
    said = [
        model.data(model.index(n, 0), Qt.ItemDataRole.AccessibleTextRole) for n in range(model.rowCount())
    ]
    assert said[0] == "Counter printer, No answer, 192.168.1.50, Receipts"
    assert said[5] == "Parcel scale, Unplugged, USB cable"
    state = desk.screen.state_panel
    name = QAccessible.queryAccessibleInterface(state).text(QAccessible.Text.Name)
    assert name == STATES["counter-printer"].message


def test_steps_are_numbered_and_go_when_all_is_well(desk):
    assert len(desk.screen.state_panel.steps.steps()) == 6
    assert desk.screen.state_panel.steps.isVisible()
    desk.equipment.turn("counter-printer", DeviceState("ready", "The printer is ready."))
    assert desk.screen.state_panel.sentence.text() == "The printer is ready."
    assert not desk.screen.state_panel.steps.isVisible()


def test_every_verb_has_its_key(desk):
    for key, modifier, what in (
        (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier, "paper"),
        (Qt.Key.Key_F6, Qt.KeyboardModifier.NoModifier, "drawer"),
    ):
        desk.key(key, modifier)
        assert desk.job().channel == what
    desk.key(Qt.Key.Key_F4)
    assert desk.equipment.checked == ["counter-printer"]
    for key, modifier, title in (
        (Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier, "Rename Counter printer"),
        (Qt.Key.Key_F7, Qt.KeyboardModifier.NoModifier, "Scanner set-up"),
        (Qt.Key.Key_F9, Qt.KeyboardModifier.NoModifier, "Counter printer: what is wrong?"),
        (Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier, "Remove Counter printer?"),
    ):
        desk.key(key, modifier)
        sheet = desk.sheet()
        assert sheet.windowTitle() == title
        desk.close(sheet)


def test_verbs_fit_the_device(desk):
    verbs = {}
    for row in desk.screen.rows.rows():
        desk.screen.rows.choose(row.key)
        verbs[row.key] = [b.text() for b in desk.screen._verbs if b.isVisible()]
    assert verbs["counter-printer"] == ["Print a test", "Open drawer", "Ask again", "Help"]
    assert verbs["office"] == ["Print a test", "Ask again", "Help"]
    assert verbs["scanner"] == ["Ask again", "Help"]
    assert verbs["parcel-scale"] == ["Weigh", "Ask again", "Help"]
    assert verbs["pole"] == ["Show a test", "Ask again", "Help"]


# ---- its form ----


def test_a_change_is_saved_with_a_key(desk, qtbot):
    desk.screen.form.control("paper_mm").choose("58")
    desk.screen.form.control("paper_mm").picked.emit("58")
    assert desk.screen.save_button.isEnabled()
    desk.key(Qt.Key.Key_F12)
    assert desk.devices["counter-printer"].setup.paper_mm == 58
    assert desk.screen.notice.text() == "Saved."
    assert not desk.screen.save_button.isEnabled()


def test_a_wrong_address_is_said_beside_its_field_which_has_the_focus(desk, qtbot):
    address = desk.screen.form.control("address")
    address.select()
    qtbot.keyClicks(address.edit, "no way!")
    qtbot.keyClick(address.edit, Qt.Key.Key_Return)
    assert address.error().startswith("This is no address of a printer")
    assert address.text() == "no way!"
    assert address.edit.hasFocus()
    desk.key(Qt.Key.Key_F10)
    assert (address.text(), address.error()) == ("192.168.1.50", "")


def test_what_is_wrong_is_scrolled_to(desk, qtbot):
    desk.window.resize(1024, 700)
    desk.screen.rows.choose("zebra-in-the-back")
    width = desk.screen.form._controls["width_mm"]
    width.edit.setText("5")
    desk.screen.form.changed.emit()
    desk.screen.page.verticalScrollBar().setValue(0)
    desk.screen.save()
    assert width.edit.hasFocus()
    page = desk.screen.page.viewport()
    qtbot.waitUntil(lambda: page.rect().contains(width.rect().translated(width.mapTo(page, QPoint(0, 0)))))


def test_what_is_typed_stays_while_the_device_changes_its_state(desk, qtbot):
    address = desk.screen.form.control("address")
    address.select()
    qtbot.keyClicks(address.edit, "10.0.0.7")
    desk.equipment.turn("counter-printer", DeviceState("ready", "The printer is ready."))
    assert desk.screen.form.control("address").text() == "10.0.0.7"
    assert address.edit.hasFocus()


@pytest.mark.parametrize(
    ("answer", "kept", "goes"), [("save", 58, True), ("discard", 80, True), ("", 80, False)]
)
def test_leaving_a_changed_form_asks(desk, qtbot, answer, kept, goes):
    desk.screen.form.control("paper_mm").choose("58")
    desk.screen.form.control("paper_mm").picked.emit("58")
    desk.screen.rows.choose("office")
    sheet = desk.sheet()
    assert sheet.windowTitle() == "Save what you changed in Counter printer?"
    words = {"save": "Save changes", "discard": "Discard changes", "": "Keep editing"}[answer]
    with qtbot.waitSignal(sheet.finished):
        verb(sheet, words).click()
    assert desk.devices["counter-printer"].setup.paper_mm == kept
    assert desk.presenter.state.selected == ("office" if goes else "counter-printer")
    assert desk.screen.rows.current().key == desk.presenter.state.selected
    assert desk.presenter.state.dirty is (not goes)


def test_a_device_is_tested_as_it_is_set_up_and_not_as_it_is_typed(desk):
    desk.screen.form.control("paper_mm").choose("58")
    desk.screen.form.control("paper_mm").picked.emit("58")
    assert not desk.screen.try_button.isEnabled()
    assert not desk.screen.drawer_button.isEnabled()
    assert desk.screen.tried.text() == "Save or discard the changes, then test."
    desk.key(Qt.Key.Key_F10)
    assert desk.screen.try_button.isEnabled()
    assert desk.screen.tried.text() == ""


def test_adding_a_device_asks_about_a_changed_form_first(desk, qtbot):
    desk.screen.form.control("paper_mm").choose("58")
    desk.screen.form.control("paper_mm").picked.emit("58")
    desk.key(Qt.Key.Key_F11)
    sheet = desk.sheet()
    with qtbot.waitSignal(sheet.finished):
        verb(sheet, "Save changes").click()
    assert desk.devices["counter-printer"].setup.paper_mm == 58
    qtbot.waitUntil(lambda: desk.sheet().windowTitle() == "Add a device")
    desk.close(desk.sheet())


def test_a_printer_is_used_for_something_by_a_toggle(desk):
    desk.screen.rows.choose("zebra-in-the-back")
    toggle, hint = desk.screen.uses._toggles["shipping"]
    assert hint.text().startswith("Now: Rollo")
    toggle.click()
    assert desk.devices["zebra-in-the-back"].uses == ("labels", "shipping")
    assert desk.screen.notice.text() == "Zebra in the back is used for shipping labels now."


def test_a_toggle_that_a_manager_does_not_approve_shows_what_is_in_force(desk):
    clerk = hire(desk.store, "staff")
    desk.station.person = Person(clerk.staff, "Sam Staff", "staff")
    desk.screen.rows.choose("zebra-in-the-back")
    toggle, _ = desk.screen.uses._toggles["shipping"]
    toggle.click()
    assert not toggle.isChecked()
    ((needs, given),) = desk.front.asked
    assert (needs.facts["permission"], needs.facts["ref"]) == ("settings.edit", "zebra-in-the-back")
    given(desk.approved(clerk, "settings.edit", "zebra-in-the-back").approval)
    assert toggle.isChecked()
    assert desk.devices["zebra-in-the-back"].uses == ("labels", "shipping")


def test_a_clerk_adds_a_device_when_a_manager_approves(desks, qtbot):
    desk = desks()
    clerk = hire(desk.store, "staff")
    desk.station.person = Person(clerk.staff, "Sam Staff", "staff")
    desk.screen.add_button.click()
    sheet = desk.sheet()
    desk.equipment.find(PRINTER_USB)
    desk.key(Qt.Key.Key_Return)
    verb(sheet, "Add and test").click()
    assert sheet.isVisible(), "nothing is lost when nobody approves"
    verb(sheet, "Add and test").click()
    with qtbot.waitSignal(sheet.finished):
        desk.front.asked[-1][1](desk.approved(clerk, "settings.edit", "devices").approval)
    assert list(desk.devices) == ["epson-tm-t88v"]


def test_a_device_is_renamed(desk, qtbot):
    desk.key(Qt.Key.Key_F2)
    sheet = desk.sheet()
    qtbot.keyClicks(QApplication.focusWidget(), "office")
    desk.key(Qt.Key.Key_Return)
    assert field(sheet, "Name").accessibleDescription() == "Wrong: There is a device called Office already."
    qtbot.keyClicks(QApplication.focusWidget(), "Till printer")
    with qtbot.waitSignal(sheet.finished):
        desk.key(Qt.Key.Key_Return)
    assert desk.screen._name.text() == "Till printer"


def test_a_device_is_removed_only_when_one_says_so(desk, qtbot):
    desk.screen.rows.choose("office")
    for words, left in (("Keep it", True), ("Remove device", False)):
        desk.screen._ask_remove()
        sheet = desk.sheet()
        with qtbot.waitSignal(sheet.finished):
            verb(sheet, words).click()
        assert ("office" in desk.devices) is left
    assert desk.front.said[-1][0] == "Office was removed. No printer is used for documents now."


def test_help_shows_the_steps_for_what_one_sees(desk):
    desk.key(Qt.Key.Key_F9)
    sheet = desk.sheet()
    assert len(looking.controls(sheet)) == 2
    desk.key(Qt.Key.Key_Down)
    steps = sheet.findChild(Steps)
    assert steps.steps()[0] == "Is the drawer locked? Turn its key to the position in which it opens."
    desk.close(sheet)


def test_scans_are_listed_beside_the_scanner(desk):
    assert not desk.screen.heard.isVisible()
    desk.screen.rows.choose("scanner")
    assert desk.screen.heard.isVisible()
    desk.station.scanned("9780156701600")
    assert desk.screen.heard.rows.rows()[0].cells == ("9780156701600", "A book")


# ---- adding ----


def test_a_printer_is_set_up_with_the_keyboard_alone(desks, qtbot):
    desk = desks()
    desk.key(Qt.Key.Key_F11)
    sheet = desk.sheet()
    desk.equipment.find(PRINTER_USB, SERIAL)
    assert sheet.rows.hasFocus()
    desk.key(Qt.Key.Key_Down)
    desk.key(Qt.Key.Key_Up)
    desk.key(Qt.Key.Key_Return)
    assert field(sheet, "Name").hasFocus()
    qtbot.keyClicks(QApplication.focusWidget(), "Counter")
    with qtbot.waitSignal(sheet.finished):
        desk.key(Qt.Key.Key_Return)
    assert [d.name for d in desk.devices.values()] == ["Counter"]
    assert desk.job().device == "counter"
    assert desk.screen.tried.text() == "The test is on its way."
    assert desk.equipment.looking is None


def test_what_was_found_first_is_chosen_until_a_person_chooses(desks, qtbot):
    desk = desks()
    desk.screen.add_button.click()
    sheet = desk.sheet()
    assert sheet.rows.current().cells == ("Simulated receipt printer",)
    desk.equipment.find(SERIAL)
    assert SERIAL.address in sheet.rows.current().key
    desk.equipment.find(*EVERYTHING)
    assert PRINTER_USB.address in sheet.rows.current().key
    place = sheet.rows.visualRect(sheet.rows.currentIndex()).center()
    qtbot.mouseClick(sheet.rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    desk.equipment.find(SERIAL, replace(PRINTER_USB, address="usb:04b8:0202:A"), PRINTER_USB)
    assert PRINTER_USB.address in sheet.rows.current().key
    desk.equipment.find(SERIAL)
    assert sheet.rows.current() is None, "nothing else is chosen when it is pulled out"
    assert not sheet.choose_button.isEnabled()
    desk.close(sheet)


def test_what_cannot_be_used_cannot_be_chosen_and_says_why(desks):
    desk = desks()
    desk.screen.add_button.click()
    sheet = desk.sheet()
    desk.equipment.find(*EVERYTHING)
    sheet.rows.choose(next(r.key for r in sheet.rows.rows() if "1504" in r.key))
    assert not sheet.choose_button.isEnabled()
    assert "choose its queue" in sheet.choose_button.accessibleDescription()
    desk.key(Qt.Key.Key_Return)
    assert sheet._finding.isVisible()
    desk.close(sheet)


def test_an_address_is_looked_at_with_enter_and_an_error_stays_beside_it(desks, qtbot):
    desk = desks()
    desk.screen.add_button.click()
    sheet = desk.sheet()
    desk.equipment.find()
    desk.equipment.answers += [DeviceError("unreachable", "Nothing answers at 10.0.0.9."), NETWORK]
    qtbot.keyClicks(sheet.address.edit, "10.0.0.9")
    qtbot.keyClick(sheet.address.edit, Qt.Key.Key_Return)
    assert (sheet.address.error(), sheet.address.text()) == ("Nothing answers at 10.0.0.9.", "10.0.0.9")
    assert sheet.silent_button.isVisible()
    qtbot.keyClick(sheet.address.edit, Qt.Key.Key_Return)
    assert field(sheet, "Name").text() == "EPSON TM-T20III"
    verb(sheet, "Back").click()
    assert sheet.choose_button.isVisible()
    assert sheet.address.text() == "10.0.0.9"
    desk.close(sheet)


def test_another_kind_of_device_asks_other_questions_and_keeps_the_name(desks, qtbot):
    desk = desks()
    desk.screen.add_button.click()
    sheet = desk.sheet()
    desk.equipment.find(SERIAL)
    sheet.rows.choose(next(r.key for r in sheet.rows.rows() if SERIAL.address in r.key))
    desk.key(Qt.Key.Key_Return)
    qtbot.keyClicks(QApplication.focusWidget(), "Pole")
    role = sheet.form.control("role")
    role.choose("line_display")
    role.picked.emit("line_display")
    assert field(sheet, "Name").text() == "Pole"
    assert sheet.form.control("code_page").chosen() == "cp437"
    with qtbot.waitSignal(sheet.finished):
        verb(sheet, "Add without a test").click()
    assert desk.devices["pole"].role == "line_display"
    assert desk.equipment.shown == []


def test_a_name_that_is_taken_keeps_the_sheet_open(desks, qtbot):
    desk = desks(EIGHT[0])
    desk.screen.add_button.click()
    sheet = desk.sheet()
    desk.equipment.find(PRINTER_USB)
    desk.key(Qt.Key.Key_Return)
    name = field(sheet, "Name")
    name.selectAll()
    qtbot.keyClicks(name, "Counter printer")
    desk.key(Qt.Key.Key_Return)
    assert name.accessibleDescription() == "Wrong: There is a device called Counter printer already."
    assert name.text() == "Counter printer"
    desk.close(sheet)


# ---- pictures ----


def cut_off(root):
    """Return the controls that lie partly outside `root`; what scrolls may lie below."""
    scrolled = [w for page in root.findChildren(Scroll) for w in looking.controls(page)]
    return [w for w in looking.cut_off(root) if w not in scrolled]


SIZES = ((1000, 680), (1024, 768), (1280, 800), (1600, 1000))


def photograph(app, desk, folder, name, sheet=None):
    for theme in ("light", "dark", "contrast"):
        apply_theme(app, theme)
        for size in SIZES if theme == "light" else SIZES[1:2]:
            desk.window.resize(*size)
            app.processEvents()
            if sheet is not None:
                sheet._fit()
                app.processEvents()
            looking.photograph(desk.window, folder / f"{name}-{size[0]}-{theme}.png", sheet)
            assert cut_off(sheet or desk.screen) == []
    apply_theme(app, "light")


@pytest.mark.parametrize(("name", "devices"), [("none", ()), ("one", EIGHT[:1]), ("eight", EIGHT)])
def test_pictures(desks, dressed, pictures, name, devices):
    desk = desks(*devices)
    photograph(dressed, desk, pictures, f"devices-{name}")
    assert looking.nameless(desk.screen) == []
    assert looking.rich(desk.window) == []


def test_pictures_of_each_device(desk, dressed, pictures):
    desk.equipment.states["counter-printer"] = DeviceState("ready", "The printer is ready.")
    for row in desk.screen.rows.rows():
        desk.screen.rows.choose(row.key)
        if row.key == "scanner":
            for code in ("9780156701600", "S-ABCDEFGHIJKL", "978015670160"):
                desk.station.scanned(code)
        elif row.key == "counter-printer":
            desk.presenter.choose(row.key)
            desk.presenter.try_it()
        dressed.processEvents()
        looking.photograph(desk.window, pictures / f"devices-each-{row.key}.png")
        desk.window.resize(1024, 768)
        dressed.processEvents()
        bar = desk.screen.page.verticalScrollBar()
        bar.setValue(bar.maximum())
        looking.photograph(desk.window, pictures / f"devices-end-{row.key}.png")
        desk.window.resize(1280, 800)
        assert looking.nameless(desk.screen) == []


def test_pictures_of_sheets(desks, dressed, pictures, qtbot):
    desk = desks(*EIGHT[:2])
    desk.screen.add_button.click()
    sheet = desk.sheet()
    photograph(dressed, desk, pictures, "devices-add-looking", sheet)
    desk.equipment.find(*EVERYTHING)
    desk.equipment.answers.append(
        DeviceError("unreachable", "Nothing answers at 10.0.0.9. Is it switched on?")
    )
    sheet.address.set_text("10.0.0.9")
    sheet._ask_address()
    photograph(dressed, desk, pictures, "devices-add-found", sheet)
    assert looking.nameless(sheet) == []
    sheet.rows.choose(next(r.key for r in sheet.rows.rows() if PRINTER_USB.address in r.key))
    sheet._choose()
    photograph(dressed, desk, pictures, "devices-add-describe", sheet)
    assert looking.nameless(sheet) == []
    assert looking.rich(sheet) == []
    desk.close(sheet)
    for ask, name in (
        (desk.screen._ask_trouble, "help"),
        (desk.screen._ask_rename, "rename"),
        (desk.screen._ask_remove, "remove"),
    ):
        ask()
        sheet = desk.sheet()
        photograph(dressed, desk, pictures, f"devices-{name}", sheet)
        assert looking.nameless(sheet) == []
        assert looking.rich(sheet) == []
        desk.close(sheet)
