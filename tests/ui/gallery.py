"""Every widget on two screens with invented data, for pictures and for tests that walk all widgets."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    Amount,
    AmountField,
    Badge,
    BigTotal,
    Button,
    Card,
    Chip,
    Choice,
    Column,
    CountField,
    Field,
    Keypad,
    Label,
    Line,
    NoteField,
    Notice,
    PayButton,
    PinField,
    Row,
    RowList,
    Scroll,
    SearchLine,
    Sheet,
    Tile,
    Toggle,
)
from bookwish_desk.ui.window import MainWindow

Kind = TypeVar("Kind", bound=QWidget)


def the(kind: type[Kind], root: QWidget) -> Kind:
    """Return the one widget of this kind under `root`."""
    found = root.findChildren(kind)
    assert len(found) == 1, f"{len(found)} of {kind.__name__}"
    return found[0]


COLUMNS = (
    Column("Title"),
    Column("Qty", 44, "right"),
    Column("Price", 76, "right"),
    Column("Total", 84, "right"),
)
ROWS = (
    Row("1", ("Orlando", "1", "$16.99", "$16.99"), second="Virginia Woolf · 9780156701600"),
    Row(
        "2",
        ("The Overstory", "2", "$18.95", "$37.90"),
        second="Richard Powers · 9780393356687",
        badge="−10 % staff pick",
        tone="ok",
    ),
    Row("3", ("Gift wrap", "1", "$3.00", "$3.00")),
    Row(
        "4",
        (
            "Ziemia obiecana: a novel of Łódź with a title that does not end where the column ends",
            "1",
            "$21.00",
            "",
        ),
        second="Władysław Reymont",
        struck=True,
        muted=True,
    ),
    Row("5", ("ノルウェイの森 한국어", "1", "$14.00", "$14.00"), second="村上春樹 · 9784062748681"),
)
TILES = (
    ("Used book", "Open price"),
    ("Gift card", ""),
    ("Gift wrap", "$3.00"),
    ("Special order", ""),
    ("Coffee", "$2.75"),
    ("Tote bag", "$18.00"),
    ("Event ticket", ""),
    ("Trade-in credit", ""),
    ("AT&T <b>card</b>", "$1,111.11"),
)


class SellLook(QWidget):
    """The sell screen as the design pictures show it."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(SIZES.margin, 8, SIZES.margin, 16)
        row.setSpacing(16)
        left = QVBoxLayout()
        left.setSpacing(SIZES.gap)
        row.addLayout(left, 5)
        self.search = SearchLine("Scan ISBN, or type title, author, SKU", key="sell.search")
        left.addWidget(self.search)
        grid = QGridLayout()
        grid.setSpacing(10)
        for place, (text, detail) in enumerate(TILES):
            grid.addWidget(Tile(text, detail), place // 3, place % 3)
        left.addLayout(grid)
        left.addStretch(1)
        verbs = QHBoxLayout()
        verbs.setSpacing(10)
        for text, key, kind in (
            ("Hold", "sell.hold", "plain"),
            ("Recall", "sell.recall", "plain"),
            ("No sale", "no_sale", "plain"),
            ("Void", "sell.void", "danger"),
        ):
            verbs.addWidget(Button(text, key, kind))  # type: ignore[arg-type]
        left.addLayout(verbs)
        row.addWidget(self._cart(), 6)

    def _cart(self) -> Card:
        card = Card()
        top = QHBoxLayout()
        top.addWidget(Label("Sale 4", "head"), 1)
        top.addWidget(Button("Add customer", "sell.customer"))
        card.column.addLayout(top)
        self.lines = RowList(COLUMNS, "Sale lines", "Scan a book to begin.")
        self.lines.set_rows(ROWS)
        self.lines.choose("2")
        card.column.addWidget(self.lines, 1)
        for what, amount in (("Subtotal", "$56.19"), ("Sales tax 6.35%", "$3.38")):
            line = QHBoxLayout()
            line.addWidget(Label(what, tone="soft"), 1)
            line.addWidget(Amount(amount, what))
            card.column.addLayout(line)
        line = QHBoxLayout()
        line.addWidget(Label("Total"), 1)
        line.addWidget(BigTotal("$59.57"))
        card.column.addLayout(line)
        pay = PayButton()
        pay.set_amount("$59.57")
        card.column.addWidget(pay)
        return card


class FormLook(QWidget):
    """Fields, notices and the keypad."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(SIZES.margin, 8, SIZES.margin, 16)
        row.setSpacing(16)
        for fill in (self._fields, self._choices, self._pad):
            card = Card(margin=4)
            scroll = Scroll(margin=14)
            card.column.addWidget(scroll)
            fill(scroll)
            scroll.column.addStretch(1)
            row.addWidget(card, 1)

    def _fields(self, card: Scroll) -> None:
        card.column.addWidget(Label("Shop", "title"))
        card.column.addWidget(Field("Name", "Corner Books"))
        card.column.addWidget(Field("Address", placeholder="Street, number", hint="Printed on receipts."))
        self.wrong = AmountField("Opening float", "12,5x")
        self.wrong.set_error("Write an amount such as 150.00.")
        card.column.addWidget(self.wrong)
        card.column.addWidget(CountField("Copies", 3))
        card.column.addWidget(NoteField("Return policy", "Returns within 14 days\nwith the receipt."))

    def _choices(self, card: Scroll) -> None:
        card.column.addWidget(Choice("Reason", [("damaged", "Damaged"), ("found", "Found on another shelf")]))
        card.column.addWidget(Toggle("Print the receipt", True))
        card.column.addWidget(Toggle("Gift receipt without prices"))
        off = Toggle("Encrypted", True)
        off.setEnabled(False)
        card.column.addWidget(off)
        for text, kind in (
            ("The backup is done.", "ok"),
            ("The demo is not encrypted.", "info"),
            ("The printer is out of paper. Receipts wait.", "warn"),
            ("The drawer did not open: the cable may be out.", "error"),
        ):
            card.column.addWidget(Notice(text, kind, self))  # type: ignore[arg-type]
        badges = QHBoxLayout()
        for text, kind in (("Sold", "ok"), ("Part returned", "warn"), ("Void", "error"), ("Held", "off")):
            badges.addWidget(Badge(text, kind))
        badges.addStretch(1)
        card.column.addLayout(badges)
        card.column.addWidget(Line())
        for text, kind in (("Save", "primary"), ("Print again", "plain")):
            card.column.addWidget(Button(text, kind=kind, icon="printer" if "Print" in text else None))  # type: ignore[arg-type]

    def _pad(self, card: Scroll) -> None:
        pin = PinField("PIN")
        pin.set_text("1234")
        card.column.addWidget(pin)
        pad = Keypad("00")
        pad.serve(pin.edit)
        card.column.addWidget(pad)
        options = QHBoxLayout()
        for place, text in enumerate(("$20", "$50", "$60")):
            button = Button(text)
            button.setCheckable(True)
            button.setChecked(place == 1)
            options.addWidget(button)
        card.column.addLayout(options)
        off = Button("Not now", "sell.note")
        off.setEnabled(False)
        card.column.addWidget(off)


def gallery_window() -> MainWindow:
    """Return the window with both looks; the caller shows it."""
    window = MainWindow("Register 1")
    window.set_till("Till open since 9:02 · Maya R.")
    window.add_screen("sell", "Sell", "screen.sell", SellLook())
    window.add_screen("sales", "Sales", "screen.sales", QWidget())
    window.add_screen("stock", "Stock", "screen.stock", QWidget())
    window.add_screen("till", "Till", "screen.till", QWidget())
    window.add_screen("settings", "Settings", "screen.settings", FormLook())
    window.status(
        [
            Chip("printer", "ok", "Printer ready", "Printer"),
            Chip("net", "warn", "Offline — 3 waiting to send", "Offline, 3"),
        ]
    )
    return window


def gallery_sheet(window: MainWindow) -> Sheet:
    """Open a sheet with a field in front of the window."""
    sheet = Sheet(window, "Change the price")
    sheet.add_text("The Overstory, Richard Powers. Its price is $18.95.")
    price = AmountField("New price", "15.00")
    sheet.body.addWidget(price)
    sheet.body.addWidget(Choice("Reason", [("damaged", "Damaged copy"), ("match", "Price match")]))
    sheet.add_button("Cancel", "quiet")
    sheet.add_button("Change price", "primary", sheet.accept)
    sheet.focus_on(price.edit)
    sheet.open()
    return sheet
