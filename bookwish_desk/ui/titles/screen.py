"""The title screen: what is known of a title at the left; its copies, their past and verbs at the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from bookwish_desk.ui.misprints.sheet import misprint_sheet
from bookwish_desk.ui.stock.sheets import count_sheet, item_sheet
from bookwish_desk.ui.stock.state import ItemForm
from bookwish_desk.ui.titles import sheets
from bookwish_desk.ui.titles.facts import FactSheet
from bookwish_desk.ui.titles.pages import CopiesPage, HistoryPage, SalesPage
from bookwish_desk.ui.titles.state import Chosen, HistoryView, Page, SalesView, TitleForms, TitleState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Card, FoundList, Label, Notice, SearchLine, Sheet
from bookwish_desk.ui.widgets.buttons import Kind

_PAGES: tuple[Page, ...] = ("copies", "history", "sales")


class TitleScreen(QWidget):
    """Intents are signals, whole forms go to `forms`; `show_state` shows a state."""

    back_asked = Signal()
    typed = Signal(str)
    entered = Signal(str)
    picked = Signal(str)
    page_chosen = Signal(str)
    history_filtered = Signal(str, str)
    copy_chosen = Signal(str)
    sell_asked = Signal()
    labels_asked = Signal()
    customer_order_asked = Signal()
    receipt_asked = Signal(str)
    dismissed = Signal()

    def __init__(self, forms: TitleForms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forms = forms
        self._state = TitleState()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        column.addLayout(self._build_top())
        column.addLayout(self._build_notice())
        self._body = QStackedWidget()
        self.found = FoundList("Titles found", "No title here. Scan a book, or type title, author, SKU.")
        self.found.opened.connect(self.picked)
        self._body.addWidget(self.found)
        self._body.addWidget(self._build_title())
        column.addWidget(self._body, 1)
        self.setAccessibleName("Title")

    # Building

    def _build_top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        row.addWidget(self._verb("Back", "title.back", self.back_asked.emit))
        self.search = SearchLine("Scan a book, or type title, author, SKU", key="title.search")
        self.search.typed.connect(self.typed)
        self.search.entered.connect(self._entered)
        self.search.stepped.connect(self._stepped)
        self.search.left.connect(lambda: self.typed.emit(""))
        row.addWidget(self.search, 1)
        self._order = self._verb("Order for a customer", "title.customer", self.customer_order_asked.emit)
        row.addWidget(self._order)
        return row

    def _build_notice(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self._notice = Notice(parent=self)
        self._add_unknown = self._verb("Add it as an item", None, self._ask_new, "primary")
        row.addWidget(self._notice, 1)
        row.addWidget(self._add_unknown)
        self._add_unknown.hide()
        return row

    def _build_title(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        card = Card()
        self.facts = FactSheet()
        card.column.addWidget(self.facts)
        row.addWidget(card, 5)
        right = QVBoxLayout()
        right.setSpacing(SIZES.gap)
        right.addLayout(self._build_tabs())
        right.addWidget(self._build_pages(), 1)
        self._chosen = Label("", "small", "soft", elide=True)
        right.addWidget(self._chosen)
        right.addLayout(self._build_verbs())
        row.addLayout(right, 7)
        return page

    def _build_tabs(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._tabs: dict[Page, Button] = {
            "copies": self._tab("Copies", "title.copies", "copies"),
            "history": self._tab("History", "title.history", "history"),
            "sales": self._tab("Sales", "title.sales", "sales"),
        }
        for tab in self._tabs.values():
            row.addWidget(tab)
        row.addStretch(1)
        self._receipt = self._verb("Open receipt", "title.receipt", self._open_receipt)
        row.addWidget(self._receipt)
        return row

    def _tab(self, text: str, key: str, page: Page) -> Button:
        tab = Button(text, key)
        tab.setCheckable(True)
        tab.clicked.connect(lambda _on=False: self.page_chosen.emit(page))
        return tab

    def _build_pages(self) -> QStackedWidget:
        self.copies, self.history, self.sales = CopiesPage(), HistoryPage(), SalesPage()
        self._pages = QStackedWidget()
        for page in (self.copies, self.history, self.sales):
            self._pages.addWidget(page)
        self.copies.chosen.connect(self._choose)
        self.copies.rows.opened.connect(lambda _sku: self.sell_asked.emit())
        self.history.filtered.connect(self.history_filtered)
        for part in (self.history, self.sales):
            part.chosen.connect(self._show_receipt)
            part.rows.opened.connect(lambda _key: self._open_receipt())
        return self._pages

    def _build_verbs(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        self._sell = self._verb("Add to sale", "title.sell", self.sell_asked.emit, "primary")
        self._labels = self._verb("Print labels", "title.labels", self.labels_asked.emit)
        self._edit = self._verb("Edit", "title.edit", self._ask_edit)
        self._more = self._verb("Add copies", "title.add_copy", lambda: self._ask(sheets.copy_sheet))
        self._moving = [
            self._verb("Receive", "title.receive", lambda: self._ask(sheets.receive_sheet)),
            self._verb("Adjust", "title.adjust", lambda: self._ask(sheets.adjust_sheet)),
            self._verb("Count", "title.count", self._ask_count),
            self._verb("On order", "title.order", lambda: self._ask(sheets.order_sheet)),
        ]
        receive, adjust, count, order = self._moving
        upper, lower = (self._sell, receive, order, self._more), (self._labels, self._edit, adjust, count)
        for place, (above, below) in enumerate(zip(upper, lower, strict=True)):
            grid.addWidget(above, 0, place)
            grid.addWidget(below, 1, place)
            grid.setColumnStretch(place, 2 if place else 3)
        return grid

    def _verb(self, text: str, key: str | None, then: Callable[[], object], kind: Kind = "plain") -> Button:
        button = Button(text, key, kind, parent=self)
        button.clicked.connect(lambda _on=False: then())
        return button

    # Rendering

    def show_state(self, state: TitleState) -> None:
        """Show the state; what is being typed stays."""
        before, self._state = self._state, state
        if self.search.text() != state.words:
            self.search.setText(state.words)
        self._notice.show_text(state.notice, state.tone)
        self._add_unknown.setVisible(bool(state.unknown))
        if _search(state) != _search(before):
            self.found.show_found(state.words, state.found, searching=state.searching)
        self._body.setCurrentIndex(0 if state.words or state.view is None else 1)
        self._pages.setCurrentIndex(_PAGES.index(state.page))
        for page, tab in self._tabs.items():
            tab.setChecked(page == state.page)
        self._show_chosen(state.chosen)
        if state.view is not None:
            self.facts.show_view(state.view)
            self.copies.show_view(state.view, state.chosen.sku if state.chosen else "")
            self.history.show_view(state.view.history or HistoryView(), state.cause, state.of_copy)
            self.sales.show_view(state.view.sales or SalesView())
        self._show_receipt()
        if state.misprint is not None and state.misprint != before.misprint:
            sheet = misprint_sheet(self, state.misprint, "Show title", self.picked.emit)
            sheet.rejected.connect(self.dismissed)
            sheet.open()

    def _show_chosen(self, chosen: Chosen | None) -> None:
        self._chosen.setText(chosen.name if chosen else "")
        for button in (self._sell, self._edit, self._labels, self._order):
            button.setEnabled(chosen is not None)
        for button in self._moving:
            button.setEnabled(chosen is not None and chosen.stocked)
        self._more.setEnabled(chosen is not None and bool(chosen.proposed))

    def _show_receipt(self) -> None:
        self._receipt.setVisible(self._state.page != "copies")
        self._receipt.setEnabled(bool(self._chosen_receipt()))

    def _chosen_receipt(self) -> str:
        view = self._state.view
        if view is None or self._state.page == "copies":
            return ""
        if self._state.page == "history":
            row, receipts = (
                self.history.rows.current(),
                {m.key: m.receipt for m in (view.history.rows if view.history else ())},
            )
        else:
            row = self.sales.rows.current()
            receipts = {x.key: x.receipt for x in view.sales.rows} if view.sales else {}
        return receipts.get(row.key, "") if row is not None else ""

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.search.setFocus()

    # Intents

    def _entered(self, typed: str) -> None:
        row = self.found.current()
        if self._state.words and row is not None and self._state.words == typed:
            self.picked.emit(row.key)
            return
        self.entered.emit(typed)
        self.search.selectAll()

    def _stepped(self, by: int) -> None:
        if self._body.currentIndex() == 0:
            self.found.step(by)
        else:
            (self.copies.rows, self.history.rows, self.sales.rows)[self._pages.currentIndex()].step(by)

    def _choose(self, sku: str) -> None:
        if sku and (self._state.chosen is None or self._state.chosen.sku != sku):
            self.copy_chosen.emit(sku)

    def _open_receipt(self) -> None:
        receipt = self._chosen_receipt()
        if receipt:
            self.receipt_asked.emit(receipt)

    # Sheets

    def _ask(self, made: Callable[[QWidget, TitleForms, Chosen], Sheet]) -> None:
        if self._state.chosen is not None:
            made(self, self._forms, self._state.chosen).open()

    def _ask_count(self) -> None:
        chosen = self._state.chosen
        if chosen is not None:
            copy = chosen
            count_sheet(
                self, lambda counted, why: self._forms.count(copy.sku, counted, why), copy.title, copy.on_hand
            ).open()

    def _ask_edit(self) -> None:
        if self._state.chosen is not None:
            item_sheet(self, self._forms, self._state.chosen.form, self._state.classes).open()

    def _ask_new(self) -> None:
        classes = self._state.classes
        form = ItemForm(code=self._state.unknown, tax_class=classes[0][0] if classes else "")
        item_sheet(self, self._forms, form, classes).open()


def _search(state: TitleState) -> tuple[object, ...]:
    return state.words, state.found, state.searching
