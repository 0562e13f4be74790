"""Labels, buttons, fields and messages: plain text, named for everyone, hard to press by accident."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QShortcut
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    Amount,
    AmountField,
    Badge,
    BigTotal,
    Button,
    Chip,
    Choice,
    CountField,
    Field,
    Keypad,
    Label,
    NoteField,
    Notice,
    PayButton,
    PinField,
    SearchLine,
    StatusChip,
    Tile,
    Toggle,
)

HOSTILE = "<b>x</b> <img src='file:///x.png'> AT&T &lt;"


def name_of(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name)


@pytest.fixture
def place(dressed: QApplication, qtbot: QtBot) -> Iterator[QVBoxLayout]:
    window = QWidget()
    qtbot.addWidget(window)
    yield QVBoxLayout(window)


def shown(place: QVBoxLayout, widget: QWidget, qtbot: QtBot) -> QWidget:
    place.addWidget(widget)
    window = place.parentWidget()
    assert window is not None
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    return window


# ---- text ----


def test_a_label_shows_markup_as_it_is(place: QVBoxLayout) -> None:
    label = Label(HOSTILE, wrap=True)
    place.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.sizeHint().width() < 1_000
    assert name_of(label) == HOSTILE


def test_an_elided_label_keeps_its_whole_text_for_readers(place: QVBoxLayout, qtbot: QtBot) -> None:
    label = Label("A title that does not end " * 20, elide=True)
    window = shown(place, label, qtbot)
    window.resize(200, 100)
    assert label.minimumSizeHint().width() < 40
    assert name_of(label) == label.text()
    assert not label.grab().isNull()


@pytest.mark.parametrize("what", ["Tax", "Total"])
def test_an_amount_says_what_it_is_and_how_much(place: QVBoxLayout, what: str) -> None:
    made = BigTotal("$59.57") if what == "Total" else Amount("$3.38", what)
    place.addWidget(made)
    made.set_amount("$1,111.11")
    assert name_of(made) == f"{what} $1,111.11"
    assert made.text() == "$1,111.11"


# ---- buttons ----


@pytest.mark.parametrize(
    ("button", "least"),
    [
        (lambda: Button("Hold", "sell.hold"), SIZES.target),
        (lambda: Button("", icon="plus"), SIZES.target),
        (lambda: Tile("Gift wrap", "$3.00"), 72),
        (PayButton, 72),
        (lambda: Toggle("Print"), SIZES.target),
    ],
)
def test_targets_are_large_enough(place: QVBoxLayout, qtbot: QtBot, button, least: int) -> None:
    made = button()
    shown(place, made, qtbot)
    assert made.height() >= least
    assert made.sizeHint().width() >= SIZES.target


def test_a_button_shows_and_names_its_key(place: QVBoxLayout) -> None:
    button = Button(HOSTILE, "sell.hold")
    place.addWidget(button)
    assert button.text() == HOSTILE
    assert button.key_text() == "F6"
    assert name_of(button) == HOSTILE
    interface = QAccessible.queryAccessibleInterface(button)
    assert interface.text(QAccessible.Text.Description) == "Key F6"


def test_enter_presses_nothing_and_space_does(place: QVBoxLayout, qtbot: QtBot) -> None:
    pay = PayButton()
    pay.set_amount("$59.57")
    pressed: list[int] = []
    pay.clicked.connect(lambda: pressed.append(1))
    window = shown(place, pay, qtbot)
    pay.setFocus()
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_Return)
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_Enter)
    assert pressed == []
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_Space)
    assert pressed == [1]
    assert not pay.autoDefault()
    assert name_of(pay) == "Pay  $59.57"


def test_a_held_key_presses_once(place: QVBoxLayout, qtbot: QtBot) -> None:
    pay = PayButton()
    place.addWidget(pay)
    assert [shortcut.autoRepeat() for shortcut in pay.findChildren(QShortcut)] == [False]


def test_a_click_leaves_the_focus_in_the_search_line(place: QVBoxLayout, qtbot: QtBot) -> None:
    search, button = SearchLine("Find"), Button("Hold")
    place.addWidget(search)
    shown(place, button, qtbot)
    search.setFocus()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert search.hasFocus()


@pytest.mark.parametrize("kind", [Button, PayButton, Tile, Toggle])
def test_focus_is_seen(place: QVBoxLayout, qtbot: QtBot, kind: type[Button | Toggle]) -> None:
    button = kind("Words")
    other = SearchLine("Find")
    place.addWidget(other)
    shown(place, button, qtbot)
    other.setFocus()
    before = button.grab().toImage()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert button.grab().toImage() != before


def test_a_tile_is_named_with_its_detail(place: QVBoxLayout) -> None:
    tile = Tile("Gift wrap", "$3.00")
    place.addWidget(tile)
    assert name_of(tile) == "Gift wrap $3.00"
    tile.set_detail("$3.50")
    assert name_of(tile) == "Gift wrap $3.50"


# ---- fields ----


def test_a_field_says_what_is_wrong_in_words(place: QVBoxLayout, qtbot: QtBot) -> None:
    field = Field("Name", hint="As on the door.")
    shown(place, field, qtbot)
    interface = QAccessible.queryAccessibleInterface(field.edit)
    assert interface.text(QAccessible.Text.Name) == "Name"
    assert interface.text(QAccessible.Text.Description) == "As on the door."
    field.set_error("Write a name.")
    assert field.error() == "Write a name."
    assert interface.text(QAccessible.Text.Description) == "Wrong: Write a name."
    assert [w.text() for w in field.findChildren(Label) if w.isVisible()] == ["Name", "Write a name."]
    qtbot.keyClicks(field.edit, "x")
    assert field.error() == ""
    assert interface.text(QAccessible.Text.Description) == "As on the door."


def test_a_field_tells_of_typing_but_not_of_filling(place: QVBoxLayout, qtbot: QtBot) -> None:
    field = Field("Name")
    place.addWidget(field)
    told: list[str] = []
    field.changed.connect(told.append)
    field.set_text("Corner Books")
    assert told == []
    with qtbot.waitSignal(field.entered):
        qtbot.keyClicks(field.edit, "!")
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    assert told == ["Corner Books!"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("12.5", "12.5"), ("12,50", "12,50"), ("1 234,00", "1 234,00"), ("a1b2", "12"), ("-5", "5")],
)
def test_an_amount_field_takes_figures_only(place: QVBoxLayout, qtbot: QtBot, typed: str, kept: str) -> None:
    field = AmountField("Price")
    place.addWidget(field)
    qtbot.keyClicks(field.edit, typed)
    assert field.text() == kept


def test_a_signed_amount_may_be_below_zero(place: QVBoxLayout, qtbot: QtBot) -> None:
    field = AmountField("Difference", signed=True)
    place.addWidget(field)
    qtbot.keyClicks(field.edit, "-5.00")
    assert field.text() == "-5.00"


def test_a_pin_is_never_shown(place: QVBoxLayout, qtbot: QtBot) -> None:
    field = PinField()
    place.addWidget(field)
    qtbot.keyClicks(field.edit, "12a34")
    assert field.text() == "1234"
    assert "1" not in field.edit.displayText()
    field.edit.selectAll()
    QApplication.clipboard().clear()
    field.edit.copy()
    assert QApplication.clipboard().text() == ""


def test_a_count_stays_within_its_bounds(place: QVBoxLayout, qtbot: QtBot) -> None:
    field = CountField("Copies", 1, least=1, most=3)
    place.addWidget(field)
    more, fewer = (field.findChildren(Button)[n] for n in (1, 0))
    for _ in range(5):
        more.click()
    assert field.value() == 3
    for _ in range(5):
        fewer.click()
    assert field.value() == 1
    field.edit.clear()
    assert field.value() is None
    qtbot.keyClicks(field.edit, "9")
    assert field.value() is None
    assert name_of(more) == "One more, Copies"
    field.set_error("Between 1 and 3.")
    described = QAccessible.queryAccessibleInterface(field.edit).text(QAccessible.Text.Description)
    assert described == "Wrong: Between 1 and 3."


def test_a_choice_goes_by_ids(place: QVBoxLayout) -> None:
    choice = Choice("Reason", [("a", "Damaged"), ("b", HOSTILE)])
    place.addWidget(choice)
    assert choice.chosen() == "a"
    choice.choose("b")
    choice.choose("nonsense")
    choice.set_options([("c", "New"), ("b", HOSTILE)])
    assert choice.chosen() == "b"
    interface = QAccessible.queryAccessibleInterface(choice.combo)
    labels = [other for other, relation in interface.relations() if relation & QAccessible.RelationFlag.Label]
    assert [other.text(QAccessible.Text.Name) for other in labels] == ["Reason"]


def test_a_note_is_plain_and_bounded(place: QVBoxLayout, qtbot: QtBot) -> None:
    note = NoteField("Note", limit=10)
    place.addWidget(note)
    qtbot.keyClicks(note.edit, "<b>x</b> and more")
    assert note.text() == "<b>x</b> a"
    note.edit.setPlainText("1234567890123")
    assert note.text() == "1234567890"


def test_the_search_line_leads_the_list(place: QVBoxLayout, qtbot: QtBot) -> None:
    line = SearchLine("Find", "sell.search")
    shown(place, line, qtbot)
    steps: list[int] = []
    line.stepped.connect(steps.append)
    qtbot.keyClicks(line, "or")
    qtbot.keyClick(line, Qt.Key.Key_Down)
    qtbot.keyClick(line, Qt.Key.Key_Up)
    assert steps == [1, -1]
    with qtbot.waitSignal(line.entered) as entered:
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert entered.args == ["or"]
    with qtbot.waitSignal(line.left):
        qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == ""
    assert line.placeholderText() == "Find   (F2)"


def test_the_keypad_types_into_a_field(place: QVBoxLayout, qtbot: QtBot) -> None:
    pin, pad = PinField(), Keypad("00")
    place.addWidget(pin)
    place.addWidget(pad)
    pad.serve(pin.edit)
    told: list[str] = []
    pin.changed.connect(told.append)
    keys = {key.text() or key.accessibleName(): key for key in pad.findChildren(Button)}
    for name in ("1", "2", "00", "Erase the last digit"):
        keys[name].click()
    assert pin.text() == "120"
    assert told == ["1", "12", "1200", "120"]
    assert min(key.minimumHeight() for key in keys.values()) >= SIZES.target


def test_a_toggle_is_pressed_anywhere(place: QVBoxLayout, qtbot: QtBot) -> None:
    toggle = Toggle("Print the receipt & a copy")
    shown(place, toggle, qtbot)
    qtbot.mouseClick(toggle, Qt.MouseButton.LeftButton, pos=QPoint(toggle.width() - 3, toggle.height() - 3))
    assert toggle.isChecked()
    assert name_of(toggle) == "Print the receipt & a copy"


# ---- messages ----


def test_a_notice_waits_for_its_place(place: QVBoxLayout, qtbot: QtBot) -> None:
    notice = Notice("The drawer is open.", "warn")
    assert not notice.isVisible()
    shown(place, notice, qtbot)
    assert notice.isVisible()
    assert name_of(notice) == "The drawer is open."
    notice.show_text("")
    assert not notice.isVisible()
    notice.show_text(HOSTILE, "error")
    assert notice.isVisible()
    assert notice.text() == HOSTILE


def test_an_empty_notice_filled_before_it_is_placed_is_seen(place: QVBoxLayout, qtbot: QtBot) -> None:
    notice = Notice()
    notice.show_text("The printer is out of paper.", "warn")
    shown(place, notice, qtbot)
    assert notice.isVisible()


def test_chips_and_badges_speak(place: QVBoxLayout, qtbot: QtBot) -> None:
    chip = StatusChip(Chip("net", "warn", "Offline — 3 waiting to send", "Offline, 3"))
    badge = Badge("Returned", "warn")
    place.addWidget(badge)
    shown(place, chip, qtbot)
    wide = chip.sizeHint().width()
    chip.set_narrow(True)
    assert chip.sizeHint().width() < wide
    assert name_of(chip) == "Offline — 3 waiting to send"
    assert name_of(badge) == "Returned"


@pytest.mark.parametrize("one", ["ok", "warn", "error", "off"])
@pytest.mark.parametrize("other", ["ok", "warn", "error", "off"])
def test_states_differ_in_shape_not_only_in_colour(
    place: QVBoxLayout, qtbot: QtBot, one: str, other: str
) -> None:
    def shape(state: str) -> bytes:
        chip = StatusChip(Chip("x", state, "Words"))  # type: ignore[arg-type]
        qtbot.addWidget(chip)
        chip.resize(80, 28)
        image = chip.grab().toImage()
        ground = image.pixelColor(79, 0)
        return bytes(
            abs(image.pixelColor(x, y).lightness() - ground.lightness()) > 40
            for y in range(image.height())
            for x in range(14)
        )

    assert (shape(one) == shape(other)) == (one == other)


def test_every_option_of_a_drop_down_is_seen_and_large_enough_to_touch(
    place: QVBoxLayout, qtbot: QtBot
) -> None:
    choice = Choice("Paper", [("80", "80 mm wide"), ("58", "58 mm wide")])
    place.addWidget(choice)
    choice.combo.showPopup()
    options = choice.combo.view()
    qtbot.waitUntil(options.isVisible)
    last = options.visualRect(options.model().index(1, 0))
    assert last.height() >= SIZES.target
    assert options.viewport().rect().contains(last)
    choice.combo.hidePopup()
