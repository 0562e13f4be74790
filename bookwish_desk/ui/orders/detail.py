"""The order beside the list: what stands in its way, its books, facts and history, and what can be done."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from bookwish_desk.ui.keys import work_key
from bookwish_desk.ui.orders.detail_state import DetailState, DetailView, HistoryRow, LineRow
from bookwish_desk.ui.orders.fact_page import FactPage
from bookwish_desk.ui.orders.sheets import acts_sheet, photo_sheet, telling_sheet, unpaid_sheet
from bookwish_desk.ui.orders.state import Page
from bookwish_desk.ui.orders.todo_card import ToDoCard, growing
from bookwish_desk.ui.widgets import Badge, Button, Card, Column, Label, Notice, Scroll, Sheet
from bookwish_desk.ui.widgets.marked_rows import NotedRow, NotedRows

TELLS = {"usual": "Tell: as usual", "silent": "Tell: nothing", "send": "Tell: your words"}
_PAGES: tuple[tuple[Page, str, str], ...] = (
    ("books", "Books", "orders.books"),
    ("facts", "Facts", "orders.facts"),
    ("history", "History", "orders.history"),
)
_NEWS_SHARE = 0.42
_LEAST_PAGE = 90
"""As much as a book needs."""
_KEYED = ("edit", "print", "memo", "message", "problem", "payment", "hold", "cancel")
"""Acts with a key of their own, wherever they stand."""


class OrderDetail(QWidget):
    """Intents are signals; `show_state` shows the chosen order.

    `did(act)` asks for something to be done that is offered; `keyed(act)` for what may not be possible now.
    """

    page_chosen = Signal(str)
    did = Signal(str)
    keyed = Signal(str)
    did_next = Signal()
    told = Signal(str, str)
    passed = Signal(str)
    kept = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = DetailState()
        self._sheet: Sheet | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        card = Card(margin=14, spacing=8)
        column.addWidget(card)
        self._column = card.column
        self._build_head()
        self._build_pages()
        self._build_verbs()
        for act in _KEYED:
            work_key(self, f"orders.{act}", partial(self.keyed.emit, act))
        self.setAccessibleName("The chosen order")
        self._show_view(None, None)
        self.show_state(self._state)

    # ---- building ----

    def _build_head(self) -> None:
        head = QHBoxLayout()
        self._customer = Label("", "head", elide=True)
        self._status = Badge("")
        head.addWidget(self._customer, 1)
        head.addWidget(self._status)
        self._column.addLayout(head)
        self._about = Label("", "small", "soft", wrap=True)
        self._column.addWidget(self._about)
        self._news = Scroll(spacing=6)
        self._notice, self._standing = growing(Notice(parent=self)), growing(Notice(parent=self))
        self._todo = ToDoCard()
        self._todo.did.connect(self.did)
        self._todo.turned.connect(self._fit_news)
        for widget in (self._notice, self._standing, self._todo):
            self._news.column.addWidget(widget)
        self._column.addWidget(self._news)

    def _build_pages(self) -> None:
        tabs = QHBoxLayout()
        tabs.setSpacing(8)
        self._tabs: dict[Page, Button] = {}
        for page, text, key in _PAGES:
            tab = Button(text, key)
            tab.setCheckable(True)
            tab.clicked.connect(lambda _on=False, page=page: self.page_chosen.emit(page))
            self._tabs[page] = tab
            tabs.addWidget(tab)
        self._column.addLayout(tabs)
        self.lines = NotedRows((Column("Book"), Column("Copies", 60, "right")), "Books", "No books.")
        self.facts = FactPage()
        self.facts.photos_asked.connect(self._show_photos)
        self.history = NotedRows((Column("Change"),), "History", "Nothing has happened yet.")
        self._pages = QStackedWidget()
        self._pages.setMinimumHeight(_LEAST_PAGE)
        for widget in (self.lines, self.facts, self.history):
            self._pages.addWidget(widget)
        self._column.addWidget(self._pages, 1)

    def _build_verbs(self) -> None:
        self._why_not = Label("", "small", "soft", wrap=True)
        self._column.addWidget(self._why_not)
        self._next = Button("", key="orders.next", kind="primary")
        self._next.clicked.connect(lambda _on=False: self.did_next.emit())
        self._column.addWidget(self._next)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._tell = Button("", key="orders.tell")
        self._tell.clicked.connect(lambda _on=False: self._ask_telling())
        self._more = Button("More", key="orders.acts")
        self._more.clicked.connect(lambda _on=False: self._ask_acts())
        row.addWidget(self._tell, 1)
        row.addWidget(self._more, 1)
        self._column.addLayout(row)

    # ---- showing ----

    def show_state(self, state: DetailState) -> None:
        """Show the chosen order; the scroll of its pages stays."""
        before, self._state = self._state, state
        view = state.view
        self._notice.show_text(state.notice, state.tone)
        for page, tab in self._tabs.items():
            tab.setChecked(page == state.page)
            tab.setEnabled(view is not None)
        self._pages.setCurrentIndex([p for p, _, _ in _PAGES].index(state.page))
        if view != before.view:
            self._show_view(view, before.view)
        self._tell.setText(TELLS[state.how])
        self._tell.setEnabled(view is not None)
        self._more.setEnabled(view is not None and bool(view.offers))
        self._next.setEnabled(
            view is not None and view.next is not None and not view.next.why_not and not state.busy
        )
        self._fit_news()
        if state.unpaid and state.unpaid != before.unpaid:
            sheet = unpaid_sheet(self, state.why, self.passed.emit)
            sheet.rejected.connect(self.kept)
            self._open(sheet)

    def _fit_news(self) -> None:
        """Give what stands in the way the height it needs, up to a share of the whole: then it scrolls."""
        margins = self._column.contentsMargins()
        # By the width that it will have: its own is an old one until it is laid out. 2 are the card's border.
        width = self.width() - margins.left() - margins.right() - 2
        inside = max(0, self._news.column.totalHeightForWidth(width))
        most = min(int(self.height() * _NEWS_SHARE), self.height() - self._rest(width))
        self._news.setFixedHeight(max(0, min(inside, most)))
        self._news.setVisible(inside > 0)

    def _rest(self, width: int) -> int:
        """Return what everything else needs at least: over that nothing may be laid."""
        margins = self._column.contentsMargins()
        needs = margins.top() + margins.bottom() + 2
        for place in range(self._column.count()):
            item = self._column.itemAt(place)
            if item is not None and item.widget() is not self._news and not item.isEmpty():
                high = item.minimumHeightForWidth(width) if item.hasHeightForWidth() else 0
                needs += max(high, item.minimumSize().height()) + self._column.spacing()
        return needs

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_news()

    def _show_view(self, view: DetailView | None, before: DetailView | None) -> None:
        self._customer.setText(view.customer if view else "No order chosen")
        self._status.set_text(view.status if view else "", view.status_tone if view else "off")
        self._status.setVisible(bool(view and view.status))
        self._about.setText(view.about if view else "")
        self._standing.show_text("\n".join(view.standing) if view else "", "warn")
        fresh = view is None or before is None or view.id != before.id
        self._todo.show_todo(view.todo if view else (), fresh=fresh)
        self.lines.set_rows(tuple(_line(x) for x in view.lines) if view else ())
        self.facts.show_facts(view.facts if view else (), len(view.photos) if view else 0)
        changes = view.history if view else ()
        self.history.set_rows(tuple(_change(h) for h in changes))
        coming = view.next if view else None
        self._next.setVisible(coming is not None)
        self._next.setText(coming.words if coming else "")
        self._why_not.setText(coming.why_not if coming else "")
        self._why_not.setVisible(bool(coming and coming.why_not))
        if fresh:
            for rows in (self.lines, self.history):
                rows.scrollToTop()
        if self._sheet is not None and before is not None and (view is None or view.id != before.id):
            self._sheet.reject()

    # ---- intents ----

    def _ask_acts(self) -> None:
        if self._state.view is not None:
            self._open(acts_sheet(self, self._state.view, self.did.emit))

    def _ask_telling(self) -> None:
        self._open(telling_sheet(self, self._state.how, self._state.comment, self.told.emit))

    def _show_photos(self) -> None:
        if self._state.view is not None:
            self._open(photo_sheet(self, self._state.view.photos))

    def _open(self, sheet: Sheet) -> None:
        """Open a sheet about the chosen order: it is left when a scan leads to another one meanwhile."""
        self._sheet = sheet
        sheet.finished.connect(self._closed)
        sheet.open()

    def _closed(self) -> None:
        self._sheet = None


def _line(x: LineRow) -> NotedRow:
    return NotedRow(x.id, (x.title, x.count), second=f"{x.here} · {x.about}", note=x.way, note_tone=x.tone)


def _change(h: HistoryRow) -> NotedRow:
    by = f"{h.who} · {h.when}"
    return NotedRow(str(h.id), (h.what,), second=h.more or by, note=by if h.more else "")
