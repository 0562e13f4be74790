"""The sell screen: one line that takes scan, title, author or SKU, quick tiles, and the cart."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from bookwish_desk.ui.misprints.sheet import misprint_sheet
from bookwish_desk.ui.sell import sheets
from bookwish_desk.ui.sell.cart import Cart
from bookwish_desk.ui.sell.state import Promise, SellForms, SellState, TileFace, Unknown
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    Button,
    FoundList,
    Label,
    Notice,
    SearchLine,
    Sheet,
    Tile,
    say,
)

_TILES = 9


class SellScreen(QWidget):
    """Everything between the scanner and the Pay button. Intents are signals; forms go to `forms`."""

    typed = Signal(str)
    entered = Signal(str)
    chosen = Signal(str)
    tile_pressed = Signal(str)
    title_asked = Signal(str)
    line_selected = Signal(str)
    quantity_changed = Signal(int)
    remove_asked = Signal()
    wrap_asked = Signal()
    return_asked = Signal()
    no_sale_asked = Signal()
    open_till_asked = Signal()
    reroute_asked = Signal()
    pickup_asked = Signal()
    pay_asked = Signal()
    dismissed = Signal()

    def __init__(self, forms: SellForms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forms = forms
        self._state = SellState()
        self._pricing: sheets.UnknownSheet | None = None
        self._tax_classes: tuple[tuple[str, str], ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        row.setSpacing(16)
        self._left = QStackedWidget()
        self._left.addWidget(self._build_counter())
        row.addWidget(self._left, 5)
        self.cart = Cart()
        row.addWidget(self.cart, 6)
        self.cart.selected.connect(self.line_selected)
        self.cart.selected.connect(self._allow_line_verbs)
        self.cart.quantity_asked.connect(self._ask_quantity)
        self.cart.customer_asked.connect(self._ask_customer)
        self.cart.pay_asked.connect(self.pay_asked)
        self.cart.title_asked.connect(lambda: self.title_asked.emit(""))
        self.setAccessibleName("Sell")

    def add_pay_panel(self, panel: QWidget) -> None:
        """Show this in the place of search and tiles while a sale is paid."""
        self._left.addWidget(panel)
        self._left.setCurrentIndex(0 if self._state.mode == "sell" else 1)

    def use_tax_classes(self, classes: tuple[tuple[str, str], ...]) -> None:
        """Offer these (code, label) classes for items sold at an open price."""
        self._tax_classes = classes

    # Building

    def _build_counter(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        self.search = SearchLine("Scan ISBN, or type title, author, SKU", key="sell.search")
        self.search.typed.connect(self.typed)
        self.search.entered.connect(self._entered)
        self.search.stepped.connect(self._stepped)
        self.search.left.connect(lambda: self.typed.emit(""))
        column.addWidget(self.search)
        self._notice = Notice()
        column.addWidget(self._notice)
        self._open_till = Button("Open the till", kind="primary")
        self._open_till.clicked.connect(self.open_till_asked)
        column.addWidget(self._open_till)
        column.addWidget(self._build_promise())
        self._middle = QStackedWidget()
        self._middle.addWidget(self._build_tiles())
        self._middle.addWidget(self._build_found())
        column.addWidget(self._middle, 1)
        return page

    def _build_promise(self) -> QWidget:
        self._promise = QWidget(self)
        column = QVBoxLayout(self._promise)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_small)
        self._promised = Notice(kind="warn")
        column.addWidget(self._promised)
        column.addWidget(self._button("Give it to this customer", "sell.reroute", self.reroute_asked.emit))
        self._promise.hide()
        return self._promise

    def _build_found(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        self.found = FoundList(
            "Search results", "Nothing found. Check the spelling, or press Enter on a code to sell it anyway."
        )
        self.found.opened.connect(self.chosen)
        column.addWidget(self.found, 1)
        self._show_title = self._button("Show title", "sell.title", self._ask_title)
        column.addWidget(self._show_title)
        return page

    def _build_tiles(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        grid = QGridLayout()
        grid.setSpacing(10)
        open_price = Tile("Open price", "Used book, anything")
        open_price.clicked.connect(self._ask_open_price)
        back = Tile("Return / refund", key="sell.return")
        back.clicked.connect(self.return_asked)
        self._tiles = [Tile("") for _ in range(_TILES - 2)]
        # Where the shop has tiles of its own in every place, only the key is left.
        self._pickup = Tile("Pickup", key="sell.pickup", parent=self)
        self._pickup.clicked.connect(self.pickup_asked)
        self._pickup_key = self._hidden_key("sell.pickup", self.pickup_asked.emit)
        self._fixed, self._grid = (open_price, back), grid
        for tile in self._tiles:
            tile.clicked.connect(lambda _on=False, t=tile: self.tile_pressed.emit(str(t.property("sku"))))
            tile.hide()
        self._pickup.hide()
        column.addLayout(grid)  # first: a tile shown without a parent would be a window of its own
        self._place_tiles((*self._fixed, self._pickup))
        _even(grid)
        column.addStretch(1)
        self._line_label = Label("Chosen line", "small", "soft")
        column.addWidget(self._line_label)
        column.addLayout(self._build_line_buttons())
        column.addWidget(Label("Sale", "small", "soft"))
        column.addLayout(self._build_sale_buttons())
        return page

    def _build_line_buttons(self) -> QGridLayout:
        self._remove = self._button("Remove", "sell.remove", self.remove_asked.emit, "danger")
        self._line_buttons = [
            self._button("Quantity", "sell.quantity", self._ask_quantity),
            self._button("Price", "sell.price", self._ask_price),
            self._button("Discount", "sell.discount", lambda: self._ask_discount(False)),
            self._button("Note", "sell.note", self._ask_note),
            self._button("Gift wrap", "sell.wrap", self.wrap_asked.emit),
            self._remove,
        ]
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, button in enumerate(self._line_buttons):
            grid.addWidget(button, place // 3, place % 3)
        _even(grid)
        more = self._hidden_key("sell.more", lambda: self.quantity_changed.emit(1))
        fewer = self._hidden_key("sell.fewer", lambda: self.quantity_changed.emit(-1))
        self._line_buttons += [more, fewer]
        return grid

    def _hidden_key(self, key: str, then: Callable[[], object]) -> Button:
        button = self._button("", key, then)
        button.setFixedSize(0, 0)
        button.setMinimumHeight(0)
        return button

    def _build_sale_buttons(self) -> QGridLayout:
        hold = self._button("Hold", "sell.hold", lambda: self._open(sheets.hold_sheet(self, self._forms)))
        self._recall = self._button("Recall", "sell.recall", self._ask_recall)
        discount = self._button("Discount", "sell.sale_discount", lambda: self._ask_discount(True))
        self._exempt = self._button("No tax", "sell.exempt", self._ask_exempt)
        void = self._button(
            "Void sale", "sell.void", lambda: self._open(sheets.void_sheet(self, self._forms)), "danger"
        )
        no_sale = self._button("No sale", "no_sale", self.no_sale_asked.emit)
        self._sale_buttons = [hold, discount, self._exempt, void]
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, button in enumerate((hold, self._recall, no_sale, discount, self._exempt, void)):
            grid.addWidget(button, place // 3, place % 3)
        _even(grid)
        return grid

    def _button(self, text: str, key: str, then: Callable[[], object], kind: str = "plain") -> Button:
        button = Button(text, key=key, kind=kind, parent=self)  # type: ignore[arg-type]
        button.clicked.connect(lambda _on=False: then())
        return button

    # Rendering

    def show_state(self, state: SellState) -> None:
        """Show the state; the search line keeps what is being typed."""
        before, self._state = self._state, state
        self._left.setCurrentIndex(0 if state.mode == "sell" else 1)
        self.cart.show_state(state)
        if self.search.text() != state.words:
            self.search.setText(state.words)
        self._middle.setCurrentIndex(1 if state.words else 0)
        if _search(state) != _search(before):
            self.found.show_found(state.words, state.found, searching=state.searching)
            self._show_title.setEnabled(bool(state.found))
        self._show_tiles(state.tiles, _tile_rows(state))
        self._open_till.setVisible(not state.till_open)
        if state.promise != before.promise:
            self._show_promise(state.promise)
        self._notice.show_text(state.notice, "warn" if state.tone == "warn" else state.tone)
        if state.notice and state.notice != before.notice:
            say(self._notice, state.notice)
        self._allow_line_verbs(state.selected)
        for button in self._sale_buttons:
            button.setEnabled(state.has_lines and state.mode == "sell")
        self._recall.setText(f"Recall ({state.held})" if state.held else "Recall")
        self._exempt.setText("Tax exempt" if state.exempt else "No tax")
        if state.mode == "sell" and before.mode != "sell":
            self.search.setFocus()
        if state.unknown is not None and state.unknown != before.unknown:
            self._ask_unknown()
        if state.too_early is not None and state.too_early != before.too_early:
            self._open_question(sheets.early_sheet(self, self._forms, state.too_early))
        if state.misprint is not None and state.misprint != before.misprint:
            self._open_question(
                misprint_sheet(self, state.misprint, "Add to sale", self._forms.sell_corrected)
            )

    def _allow_line_verbs(self, chosen: str) -> None:
        """Allow what can be done with a row: some can only be taken out."""
        row = next((r for r in self._state.cart if r.id == chosen), None)
        for button in self._line_buttons:
            can = row is not None and (button is self._remove or not row.fixed)
            button.setEnabled(can and self._state.mode == "sell")

    def _show_promise(self, promise: Promise | None) -> None:
        self._promise.setVisible(promise is not None)
        self._promised.show_text(promise.sentence if promise else "", "warn")
        if promise is not None:
            say(self._promised, promise.sentence)

    def _show_tiles(self, faces: tuple[TileFace, ...], rows: int) -> None:
        fixed = (*self._fixed, *((self._pickup,) if len(faces) < len(self._tiles) else ()))
        self._place_tiles(fixed)
        for place, tile in enumerate(self._tiles):
            tile.setVisible(place < min(len(faces), 3 * rows - len(fixed)))
            if place < len(faces):
                tile.setProperty("sku", faces[place].sku)
                tile.setText(faces[place].title)
                tile.set_detail(faces[place].price)

    def _place_tiles(self, fixed: tuple[Tile, ...]) -> None:
        """Put the tiles that are always there before the shop's own, where they do not stand so already."""
        with_pickup = self._pickup in fixed
        self._pickup_key.setEnabled(not with_pickup)
        if self._pickup.isHidden() == with_pickup or not self._grid.count():
            for place, tile in enumerate((*fixed, *self._tiles)):
                self._grid.addWidget(tile, place // 3, place % 3)
            self._pickup.setVisible(with_pickup)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._state.mode == "sell":
            self.search.setFocus()

    # Search

    def _entered(self, words: str) -> None:
        row = self.found.current()
        if self._state.words and row is not None and self._state.words == words:
            self.chosen.emit(row.key)
            return
        self.entered.emit(words)
        self.search.selectAll()

    def _stepped(self, by: int) -> None:
        (self.found if self._state.words else self.cart.lines).step(by)

    def _ask_title(self) -> None:
        row = self.found.current()
        if row is not None:
            self.title_asked.emit(row.key)

    # Sheets

    def _open(self, sheet: Sheet) -> None:
        sheet.open()

    def _chosen_title(self) -> str:
        row = self.cart.lines.current()
        return row.cells[0] if row else ""

    def _chosen_line(self) -> str:
        row = self.cart.lines.current()
        return row.key if row else ""

    def _ask_quantity(self) -> None:
        row = self.cart.lines.current()
        # Neither what comes back nor an order has a quantity that could be another.
        if row is not None and not row.badge and row.cells[1]:
            self._open(sheets.quantity_sheet(self, self._forms, int(row.cells[1]), row.key))

    def _ask_price(self) -> None:
        self._open(sheets.price_sheet(self, self._forms, self._chosen_title(), self._chosen_line()))

    def _ask_discount(self, whole: bool) -> None:
        title, line = ("", "") if whole else (self._chosen_title(), self._chosen_line())
        self._open(sheets.discount_sheet(self, self._forms, title, whole=whole, line=line))

    def _ask_note(self) -> None:
        self._open(sheets.note_sheet(self, self._forms, self._state.note, self._chosen_line()))

    def _ask_exempt(self) -> None:
        self._open(sheets.exempt_sheet(self, self._forms, self._state.exempt))

    def _ask_customer(self) -> None:
        self._open(sheets.customer_sheet(self, self._forms, self._state.customer))

    def _ask_recall(self) -> None:
        self._forms.load_held(lambda held: self._open(sheets.recall_sheet(self, self._forms, held)))

    def _ask_open_price(self) -> None:
        self._open_unknown(Unknown(""))

    def _ask_unknown(self) -> None:
        unknown, asking = self._state.unknown, self._pricing
        if unknown is None:
            return
        if asking is not None and asking.code == unknown.code:
            asking.offer_price(unknown.price)
        else:
            self._open_unknown(unknown)

    def _open_unknown(self, unknown: Unknown) -> None:
        sheet = self._pricing = sheets.unknown_sheet(self, self._forms, unknown, self._tax_classes)
        sheet.finished.connect(lambda _result: self._asked(sheet))
        self._open_question(sheet)

    def _asked(self, sheet: sheets.UnknownSheet) -> None:
        if self._pricing is sheet:
            self._pricing = None

    def _open_question(self, sheet: Sheet) -> None:
        sheet.rejected.connect(self.dismissed)
        sheet.open()


def _tile_rows(state: SellState) -> int:
    """Return how many rows of tiles there is room for beside what is said."""
    if state.promise is None:
        return 3 if state.till_open else 2
    return 1 if state.notice or not state.till_open else 2


def _even(grid: QGridLayout) -> None:
    for place in range(3):
        grid.setColumnStretch(place, 1)


def _search(state: SellState) -> tuple[object, ...]:
    return state.words, state.found, state.searching
