"""The parcel beside the list: its weight and package, its address, the prices, and the key that buys."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRect, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from bookwish_desk.ui.keys import work_key
from bookwish_desk.ui.shipping.address_box import AddressBox
from bookwish_desk.ui.shipping.card_state import ParcelCard
from bookwish_desk.ui.shipping.facts_box import FactsBox
from bookwish_desk.ui.shipping.parcel_box import ParcelBox
from bookwish_desk.ui.shipping.rates_box import RatesBox
from bookwish_desk.ui.shipping.sheets import more_sheet
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Badge, Button, Card, Label, Line, Notice, Scroll

_BADGES = {"ok": "ok", "warn": "warn", "danger": "error"}
_KEYED = ("address_label", "address", "by_hand", "split", "customs", "drop")
"""Acts with a key of their own, which works where their button is not seen."""

_MARGIN = 14
_SETTLES_MS = 300
"""So long after something is brought into view the form may still grow above it."""


class ParcelPanel(QWidget):
    """Intents are signals; `show_state` shows a parcel. Nothing here is done by Enter: a scanner types it.

    `did(act)` asks for something else to be done with the parcel, `unfolded(part, on)` for all of a section.
    """

    changed = Signal(object)
    weigh_asked = Signal()
    check_asked = Signal()
    spelled = Signal(str)
    rate_chosen = Signal(str)
    price_asked = Signal()
    buy_asked = Signal()
    reprint_asked = Signal()
    did = Signal(str)
    unfolded = Signal(str, bool)
    next_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = ParcelCard()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        card = Card(margin=_MARGIN, spacing=8)
        column.addWidget(card)
        self._column = card.column
        self._build_head()
        self._scroll = Scroll(spacing=8)
        self._look_at: QWidget | None = None
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.timeout.connect(self._stay)
        self._scroll.verticalScrollBar().rangeChanged.connect(lambda _least, _most: self._look())
        self._column.addWidget(self._scroll, 1)
        self._build_parcel()
        self._build_rest()
        self._build_verbs()
        work_key(self, "shipping.parcel", self.parcel.go)
        work_key(self, "shipping.rates", self._to_rates)
        work_key(self, "shipping.check", self._check)
        work_key(self, "shipping.next", self.next_asked.emit)
        for spelling in ("suggested", "written"):
            work_key(self, f"shipping.{spelling}", partial(self.spelled.emit, spelling))
        for act in _KEYED:
            work_key(self, f"shipping.{act}", partial(self.did.emit, act))
        self.setAccessibleName("The chosen parcel")
        self.show_state(self._card)

    # ---- building ----

    def _build_head(self) -> None:
        head = QHBoxLayout()
        self._title = Label("", "head", elide=True)
        self._label = Badge("")
        head.addWidget(self._title, 1)
        head.addWidget(self._label)
        self._column.addLayout(head)
        self._about = Label("", "small", "soft", wrap=True)
        self._column.addWidget(self._about)
        self._notice, self._said = _growing(Notice(parent=self)), _growing(Notice(parent=self))
        self._column.addWidget(self._notice)
        self._column.addWidget(self._said)

    def _build_parcel(self) -> None:
        self.parcel = ParcelBox()
        self.form = self.parcel.form
        self.parcel.changed.connect(self.changed)
        self.parcel.weigh_asked.connect(self.weigh_asked)
        self.parcel.unfolded.connect(partial(self.unfolded.emit, "parcel"))
        self._facts = FactsBox()
        self._scroll.column.addWidget(self._facts)
        self._scroll.column.addWidget(self.parcel)

    def _build_rest(self) -> None:
        self._lines = [Line(), Line(), Line()]
        self.address = AddressBox()
        self.address.check_asked.connect(self._check)
        self.address.correct_asked.connect(partial(self.did.emit, "address"))
        self.address.spelled.connect(self.spelled)
        self._customs = QWidget()
        column = QVBoxLayout(self._customs)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(0)
        self._told = Label("", "small", wrap=True)
        words.addWidget(Label("Customs", "strong"))
        words.addWidget(self._told)
        head.addLayout(words, 1)
        change = Button("Change")
        change.name_key("shipping.customs")
        change.clicked.connect(lambda _on=False: self.did.emit("customs"))
        head.addWidget(change)
        column.addLayout(head)
        self._missing = Notice(kind="error", parent=self)
        column.addWidget(self._missing)
        self.rates = RatesBox()
        self.rates.chosen.connect(self.rate_chosen)
        self.rates.asked.connect(self.price_asked)
        self.rates.rows.chosen.connect(lambda _rate: self._see_rate())
        self._by_hand_words = Label(
            "No carriers' account is connected. Take the parcel to a carrier, or make its label on the "
            "carrier's own page, then type its number here. To buy labels on this screen, connect an account "
            "in the settings, under Shipping.",
            wrap=True,
        )
        for line, widget in zip(self._lines, (self.address, self._customs, self.rates), strict=True):
            self._scroll.column.addWidget(line)
            self._scroll.column.addWidget(widget)
        self._scroll.column.addWidget(self._by_hand_words)
        self._scroll.column.addStretch(1)

    def _build_verbs(self) -> None:
        self._why_not = Label("", "small", "warn", wrap=True)
        self._column.addWidget(self._why_not)
        self._buy = Button("Buy", "shipping.buy", "primary")
        self._buy.clicked.connect(lambda _on=False: self.buy_asked.emit())
        # Not the key that buys: pressed once too often, that would buy for the next parcel.
        self._next = Button("Next parcel", kind="primary")
        self._next.name_key("shipping.next")
        self._next.clicked.connect(lambda _on=False: self.next_asked.emit())
        self._reprint = Button("Print again", "shipping.reprint", icon="printer")
        self._reprint.clicked.connect(lambda _on=False: self.reprint_asked.emit())
        self._after = Button("The label", "shipping.label", icon="label")
        self._after.clicked.connect(lambda _on=False: self.did.emit("label"))
        self._by_hand = Button("Type a number by hand")
        self._by_hand.name_key("shipping.by_hand")
        self._by_hand.clicked.connect(lambda _on=False: self.did.emit("by_hand"))
        self._address_label = Button("Address label")
        self._address_label.name_key("shipping.address_label")
        self._address_label.clicked.connect(lambda _on=False: self.did.emit("address_label"))
        self._more = Button("More", "shipping.more")
        self._more.clicked.connect(lambda _on=False: self._ask_more())
        self._verbs = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._verbs.setSpacing(8)
        first, others = QHBoxLayout(), QHBoxLayout()
        for button in (self._buy, self._next, self._by_hand):
            first.addWidget(button, 1)
        for button in (self._reprint, self._after, self._address_label, self._more):
            others.addWidget(button)
        self._verbs.addLayout(first, 1)
        self._verbs.addLayout(others)
        self._column.addLayout(self._verbs)

    # ---- showing ----

    def show_state(self, card: ParcelCard) -> None:
        """Show a parcel; what is being typed and the scroll stay while it is the same one."""
        before, self._card = self._card, card
        open_, there = bool(card.inputs), bool(card.key)
        self._title.setText(card.title)
        self._label.set_text(card.label, _BADGES.get(card.label_tone, "off"))
        self._label.setVisible(bool(card.label))
        self._about.setText(card.about)
        self._notice.show_text(card.notice, card.tone)
        self._said.show_text(card.said, card.said_tone)
        focus = self.window().focusWidget()
        typing = isinstance(focus, QLineEdit) and self.isAncestorOf(focus)
        self._facts.show_facts(card.facts)
        self.parcel.setVisible(open_)
        self.parcel.show_card(card, fresh=card.key != before.key)
        self.address.show_address(card.address, open_=open_)
        self._customs.setVisible(bool(card.customs))
        self._told.setText("\n".join(card.customs))
        self._missing.show_text("\n".join(card.customs_faults), "error")
        self.rates.show_rates(card)
        self.rates.setVisible(open_ or bool(card.rates.lines))
        self._by_hand_words.setVisible(there and not card.connected and card.can_by_hand)
        for line, shown in zip(
            self._lines,
            (there and (open_ or bool(card.facts)), bool(card.customs), not self.rates.isHidden()),
            strict=True,
        ):
            line.setVisible(shown)
        self.address.setVisible(there)
        self._show_verbs(card)
        left = self._keep_focus(focus)
        if card.key != before.key:
            self._look_at = None
            self._scroll.verticalScrollBar().setValue(0)
        if card.wrong != before.wrong:
            self._to_wrong(card)
        elif card.key == before.key:
            self._follow(before, card, typing=typing and not left)

    def _keep_focus(self, before: QWidget | None) -> bool:
        """Say whether what had the focus can have it no more; keep it in the panel then."""
        if before is None or not self.isAncestorOf(before):
            return False
        stays = before.isVisibleTo(self) and before.isEnabledTo(self)
        if stays or self.form.isAncestorOf(self.window().focusWidget()):
            return False
        (self.rates.rows if self._next.isHidden() else self._next).setFocus()
        return True

    def _follow(self, before: ParcelCard, card: ParcelCard, *, typing: bool) -> None:
        """Go to the section that something came of; nobody who types is led away from it."""
        priced = bool(card.rates.lines) and not before.rates.lines
        told = (card.address.open, card.address.said) != (before.address.open, before.address.said)
        if told or (priced and card.address.must):  # what bars buying comes before the prices
            self._into_view(self.address)
            if card.address.open and not typing:
                self.address.go()
        elif priced:
            self._into_view(self.rates)
            if not typing:
                self.rates.rows.setFocus()
        elif card.open and not before.open:
            self._into_view(self.parcel)

    def _show_verbs(self, card: ParcelCard) -> None:
        self._why_not.setText(card.why_not)
        self._why_not.setVisible(bool(card.why_not))
        self._buy.setText(card.buy or "Buy the label")
        self._buy.setEnabled(card.can_buy)
        self._buy.setVisible(bool(card.inputs))
        self._reprint.setVisible(card.phase == "bought")
        self._after.setVisible(any(act.id == "label" for act in card.more))
        self._reprint.setEnabled(card.can_reprint)
        self._by_hand.setVisible(card.can_by_hand and not card.inputs)
        self._by_hand.set_kind("plain" if card.connected else "primary")
        self._next.setVisible(bool(card.key) and card.can_next)
        self._address_label.setVisible(card.can_by_hand and not card.connected)
        self._more.setEnabled(bool(card.more))
        self._fit_verbs()

    def _fit_verbs(self) -> None:
        """Put what is done first on a line of its own where there is no room beside the rest."""
        shown = [x for x in self.findChildren(Button) if x.parentWidget() is self._more.parentWidget()]
        shown = [x for x in shown if not x.isHidden()]
        wanted = sum(x.sizeHint().width() for x in shown) + 8 * (len(shown) - 1)
        wide = wanted <= self.width() - 2 * _MARGIN
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._verbs.setDirection(across if wide else down)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_verbs()

    def scrolls(self, widget: QWidget) -> bool:
        """Say whether a widget lies in what scrolls here: it is brought into view when it is wanted."""
        return self._scroll.isAncestorOf(widget)

    # ---- moving ----

    def _to_rates(self) -> None:
        self._into_view(self.rates)
        self.rates.rows.setFocus()

    def _check(self) -> None:
        self._into_view(self.address)
        self.check_asked.emit()

    def _see_rate(self) -> None:
        """Keep the price that the arrows lead to in sight."""
        if self.rates.rows.hasFocus():
            self._look_at = None
            self._bring(self.rates, self.rates.chosen_place())

    def _to_wrong(self, card: ParcelCard) -> None:
        """Go to the field that is wrong, or scroll to what is said of address and customs."""
        if any(i.error for i in card.inputs):
            self.form.focus_first()
        elif card.customs_faults:
            self._into_view(self._customs)
        elif any(line.fault for line in card.address.lines):
            self._into_view(self.address)
            self.address.go()

    def _into_view(self, widget: QWidget) -> None:
        """Scroll to a part of the panel now, and again once there is room for all of it."""
        self._look_at = widget
        QTimer.singleShot(0, self, self._look)
        self._settled.start(_SETTLES_MS)

    def _stay(self) -> None:
        self._look_at = None

    def _look(self) -> None:
        if self._look_at is not None:
            prices = self._look_at is self.rates
            self._bring(self._look_at, self.rates.first_prices() if prices else self._look_at.rect())
            if prices and self._card.rates.chosen:
                self._bring(self.rates, self.rates.chosen_place())

    def _bring(self, widget: QWidget, place: QRect) -> None:
        """Scroll no further than needed until a place in a widget is seen; of a high one its top."""
        bar, height = self._scroll.verticalScrollBar(), self._scroll.viewport().height()
        inner = self._scroll.viewport()
        top = widget.mapTo(inner, place.topLeft()).y() + bar.value()
        bottom = top + place.height() + SIZES.gap_small
        if top < bar.value() or bottom - top > height:
            bar.setValue(top)
        elif bottom > bar.value() + height:
            bar.setValue(bottom - height)

    def _ask_more(self) -> None:
        if self._card.more:
            more_sheet(self, self._card.title, self._card.more, self.did.emit).open()


def _growing(notice: Notice) -> Notice:
    """Return the notice free to grow where its words take more lines."""
    notice.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    return notice
