"""The stock screen: lists of items, and the chosen one with its stock, its verbs and its history."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.misprints.sheet import misprint_sheet
from bookwish_desk.ui.stock.sheets import count_sheet, item_sheet
from bookwish_desk.ui.stock.state import (
    REASONS,
    ItemDetail,
    ItemForm,
    Listing,
    StockForms,
    StockRow,
    StockState,
)
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    BigTotal,
    Button,
    Card,
    Choice,
    Column,
    Field,
    Label,
    Notice,
    Row,
    RowList,
    SearchLine,
)

_OTHER = "other"
_STEPS = ((-1, "stock.minus"), (1, "stock.plus"), (-5, "stock.minus_five"), (5, "stock.plus_five"))


class StockScreen(QWidget):
    """Intents are signals, whole forms go to `forms`; `show_state` shows a state."""

    listing_chosen = Signal(str)
    typed = Signal(str)
    entered = Signal(str)
    chosen = Signal(str)
    title_asked = Signal()
    adjusted = Signal(int, str)
    dismissed = Signal()
    labels_asked = Signal()
    import_asked = Signal()

    def __init__(self, forms: StockForms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forms = forms
        self._state = StockState()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        column.addLayout(self._build_tabs())
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addLayout(self._build_list(), 6)
        row.addWidget(self._build_detail(), 5)
        column.addLayout(row, 1)
        self.setAccessibleName("Stock")

    # Building

    def _build_tabs(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._tabs: dict[Listing, Button] = {
            "found": self._tab("Items", "stock.found", "found"),
            "low": self._tab("Low", "stock.low", "low"),
            "out": self._tab("Out", "stock.out", "out"),
            "to_catalogue": self._tab("To describe", "stock.to_catalogue", "to_catalogue"),
        }
        for tab in self._tabs.values():
            row.addWidget(tab)
        row.addStretch(1)
        self._new = Button("Add an item", key="stock.new", icon="plus")
        self._new.clicked.connect(lambda _on=False: self._ask_new())
        row.addWidget(self._new)
        self._import = Button("Import a list", key="stock.import")
        self._import.clicked.connect(self.import_asked)
        row.addWidget(self._import)
        return row

    def _tab(self, text: str, key: str, listing: Listing) -> Button:
        tab = Button(text, key)
        tab.setCheckable(True)
        tab.clicked.connect(lambda _on=False: self.listing_chosen.emit(listing))
        return tab

    def _build_list(self) -> QVBoxLayout:
        left = QVBoxLayout()
        left.setSpacing(SIZES.gap)
        self.search = SearchLine("Scan a book, or type title, author, SKU", key="stock.search")
        self.search.typed.connect(self.typed)
        self.search.entered.connect(self.entered)
        self.search.left.connect(lambda: self.typed.emit(""))
        left.addWidget(self.search)
        self._notice = Notice(parent=self)
        left.addWidget(self._notice)
        self._add_unknown = Button("Add it as an item", kind="primary", parent=self)
        self._add_unknown.clicked.connect(lambda _on=False: self._ask_new())
        left.addWidget(self._add_unknown)
        self.rows = RowList(
            (
                Column("Title"),
                Column("On hand", 76, "right"),
                Column("Shelf", 88),
                Column("Price", 76, "right"),
            ),
            name="Items",
            empty="Nothing to list here.",
        )
        self.rows.chosen.connect(self.chosen)
        self.rows.opened.connect(lambda _sku: self.title_asked.emit())
        self.search.stepped.connect(self.rows.step)
        left.addWidget(self.rows, 1)
        return left

    def _build_detail(self) -> QWidget:
        card = Card()
        head = QHBoxLayout()
        names = QVBoxLayout()
        names.setSpacing(2)
        self._title = Label("", "head", wrap=True)
        self._details = Label("", "small", "soft", wrap=True)
        self._facts = Label("", "small", "soft", wrap=True)
        for label in (self._title, self._details, self._facts):
            names.addWidget(label)
        names.addStretch(1)
        head.addLayout(names, 1)
        number = QVBoxLayout()
        number.setSpacing(0)
        self._on_hand = BigTotal("", "On hand")
        on_hand = Label("on hand", "small", "soft")
        number.addWidget(self._on_hand)
        number.addWidget(on_hand)
        number.setAlignment(on_hand, self._on_hand.alignment())
        number.addStretch(1)
        head.addLayout(number)
        card.column.addLayout(head)
        card.column.addLayout(self._build_steps())
        card.column.addLayout(self._build_reason())
        card.column.addLayout(self._build_verbs())
        self.moves = RowList(
            (Column("Movement"), Column("Copies", 56, "right")),
            name="How the stock moved",
            empty="It has not moved yet.",
        )
        card.column.addWidget(self.moves, 1)
        return card

    def _build_steps(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        self._steps = []
        for place, (by, key) in enumerate(_STEPS):
            button = Button(f"{by:+d}".replace("-", "\N{MINUS SIGN}"), key)
            button.setAccessibleName(f"{'Add' if by > 0 else 'Take off'} {abs(by)}")
            button.clicked.connect(lambda _on=False, by=by: self._adjust(by))
            self._steps.append(button)
            grid.addWidget(button, place // 2, place % 2)
        return grid

    def _build_reason(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        options = [("", "Choose why"), *((r, r) for r in REASONS), (_OTHER, "Another reason")]
        self.reason = Choice("Why it is adjusted", options)
        self.other = Field("Reason", limit=80)
        self.reason.picked.connect(lambda _id: self._show_other())
        row.addWidget(self.reason, 1)
        row.addWidget(self.other, 1)
        self._show_other()
        return row

    def _build_verbs(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        self._count = Button("Count", key="stock.count")
        self._count.clicked.connect(lambda _on=False: self._ask_count())
        self._edit = Button("Edit", key="stock.edit")
        self._edit.clicked.connect(lambda _on=False: self._ask_edit())
        self._show_title = Button("Show title", key="stock.title")
        self._show_title.clicked.connect(lambda _on=False: self.title_asked.emit())
        self._labels = Button("Print labels", key="stock.labels")
        self._labels.clicked.connect(self.labels_asked)
        for place, button in enumerate((self._count, self._edit, self._show_title, self._labels)):
            grid.addWidget(button, place // 2, place % 2)
        return grid

    # Rendering

    def show_state(self, state: StockState) -> None:
        """Show the state; what is being typed stays."""
        before, self._state = self._state, state
        names: dict[Listing, str] = {
            "found": "Items",
            "low": f"Low ({state.low})",
            "out": f"Out ({state.out})",
            "to_catalogue": f"To describe ({state.to_catalogue})",
        }
        for listing, tab in self._tabs.items():
            tab.setText(names[listing])
            tab.setChecked(listing == state.listing)
        if self.search.text() != state.words:
            self.search.setText(state.words)
        self._notice.show_text(state.notice, state.tone)
        self._add_unknown.setVisible(bool(state.unknown))
        if state.rows != before.rows:
            self.rows.set_rows(tuple(_row(r) for r in state.rows))
        self.rows.choose(state.selected)
        self._show_detail(state.detail)
        if state.misprint is not None and state.misprint != before.misprint:
            sheet = misprint_sheet(self, state.misprint, "Show item", self._forms.show_corrected)
            sheet.rejected.connect(self.dismissed)
            sheet.open()

    def _show_detail(self, detail: ItemDetail | None) -> None:
        self._title.setText(detail.title if detail else "No item chosen")
        self._details.setText(detail.details if detail else "")
        self._facts.setText(detail.facts if detail else "")
        self._on_hand.set_amount(detail.on_hand if detail else "")
        moves = detail.moves if detail else ()
        self.moves.set_rows(tuple(Row(str(n), (m.what, m.by), second=m.when) for n, m in enumerate(moves)))
        for widget in (*self._steps, self._count, self.reason):
            widget.setEnabled(detail is not None and detail.stocked)
        for button in (self._edit, self._show_title, self._labels):
            button.setEnabled(detail is not None)

    def _show_other(self) -> None:
        self.other.setVisible(self.reason.chosen() == _OTHER)
        if self.other.isVisible():
            self.other.select()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.search.setFocus()

    # Intents

    def _adjust(self, by: int) -> None:
        chosen = self.reason.chosen()
        if not chosen:
            self.reason.set_error("Choose why the stock changes.")
        elif chosen == _OTHER and not self.other.text().strip():
            self.other.set_error("Type why the stock changes.")
        else:
            self.adjusted.emit(by, self.other.text() if chosen == _OTHER else chosen)

    def _ask_count(self) -> None:
        detail = self._state.detail
        if detail is not None:
            count_sheet(self, self._forms.count, detail.title, int(detail.on_hand)).open()

    def _ask_edit(self) -> None:
        if self._state.detail is not None:
            item_sheet(self, self._forms, self._state.detail.form, self._state.classes).open()

    def _ask_new(self) -> None:
        classes = self._state.classes
        form = ItemForm(code=self._state.unknown, tax_class=classes[0][0] if classes else "")
        item_sheet(self, self._forms, form, classes).open()


def _row(r: StockRow) -> Row:
    return Row(
        r.sku,
        (r.title, r.on_hand, r.shelf, r.price),
        second=r.details,
        under=("", r.on_order, "", r.format),
        badge="Out" if r.out else "",
        tone="warn",
    )
