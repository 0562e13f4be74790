"""The parcel beside the list: its weight and package, its address, the prices, and the key that buys."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from bookwish_desk.ui.forms.form import FormView
from bookwish_desk.ui.keys import work_key
from bookwish_desk.ui.shipping.address_box import AddressBox
from bookwish_desk.ui.shipping.card_state import ParcelCard
from bookwish_desk.ui.shipping.rates_box import RatesBox
from bookwish_desk.ui.shipping.sheets import more_sheet
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Badge, Button, Card, Label, Line, Notice, Scroll

_BADGES = {"ok": "ok", "warn": "warn", "danger": "error"}
_KEYED = ("address_label", "address", "split", "customs", "drop")
"""Acts with a key of their own and no button here."""

_SETTLES_MS = 300
"""So long after something is brought into view the form may still grow above it."""


class ParcelPanel(QWidget):
    """Intents are signals; `show_state` shows a parcel. Nothing here is done by Enter: a scanner types it.

    `did(act)` asks for something else to be done with the parcel.
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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = ParcelCard()
        self._facts: tuple[tuple[str, str], ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        card = Card(margin=14, spacing=8)
        column.addWidget(card)
        self._column = card.column
        self._build_head()
        self._scroll = Scroll(spacing=10)
        self._look_at: QWidget | None = None
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.timeout.connect(self._stay)
        self._scroll.verticalScrollBar().rangeChanged.connect(lambda _least, _most: self._look())
        self._column.addWidget(self._scroll, 1)
        self._build_parcel()
        self._build_rest()
        self._build_verbs()
        work_key(self, "shipping.parcel", self._to_parcel)
        work_key(self, "shipping.rates", self.rates.rows.setFocus)
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
        self._facts_place = QVBoxLayout()
        self._scroll.column.addLayout(self._facts_place)
        self._facts_box: QWidget | None = None
        self._parcel = QWidget()
        column = QVBoxLayout(self._parcel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label("Parcel", "strong"))
        self._predicted = Label("", "small", "soft", wrap=True)
        words.addWidget(self._predicted)
        head.addLayout(words, 1)
        self._weigh = Button("Read the scale", "shipping.weigh", icon="scale")
        self._weigh.clicked.connect(lambda _on=False: self.weigh_asked.emit())
        head.addWidget(self._weigh)
        column.addLayout(head)
        self._difference = Notice(kind="warn", parent=self)
        column.addWidget(self._difference)
        self.form = FormView()
        self.form.changed.connect(lambda: self.changed.emit(self.form.values()))
        column.addWidget(self.form)
        self._how = Label("", "small", "soft", wrap=True)
        column.addWidget(self._how)
        self._scroll.column.addWidget(self._parcel)

    def _build_rest(self) -> None:
        self._lines = [Line(), Line(), Line()]
        self.address = AddressBox()
        self.address.check_asked.connect(self.check_asked)
        self.address.spelled.connect(self.spelled)
        self._customs = QWidget()
        column = QVBoxLayout(self._customs)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(Label("Customs", "strong"), 1)
        change = Button("Change")
        change.name_key("shipping.customs")
        change.clicked.connect(lambda _on=False: self.did.emit("customs"))
        head.addWidget(change)
        column.addLayout(head)
        self._told = Label("", "small", wrap=True)
        self._missing = Notice(kind="error", parent=self)
        column.addWidget(self._told)
        column.addWidget(self._missing)
        self.rates = RatesBox()
        self.rates.chosen.connect(self.rate_chosen)
        self.rates.asked.connect(self.price_asked)
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
        self._column.addWidget(self._buy)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._reprint = Button("Print again", "shipping.reprint", icon="printer")
        self._reprint.clicked.connect(lambda _on=False: self.reprint_asked.emit())
        self._after = Button("The label", "shipping.label", icon="label")
        self._after.clicked.connect(lambda _on=False: self.did.emit("label"))
        self._by_hand = Button("Type a number by hand", "shipping.by_hand")
        self._by_hand.clicked.connect(lambda _on=False: self.did.emit("by_hand"))
        self._address_label = Button("Address label")
        self._address_label.name_key("shipping.address_label")
        self._address_label.clicked.connect(lambda _on=False: self.did.emit("address_label"))
        self._more = Button("More", "shipping.more")
        self._more.clicked.connect(lambda _on=False: self._ask_more())
        stretched = ((self._reprint, 1), (self._after, 1), (self._by_hand, 1), (self._address_label, 0))
        for button, share in (*stretched, (self._more, 0)):
            row.addWidget(button, share)
        self._column.addLayout(row)

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
        self._show_facts(card)
        self._parcel.setVisible(open_)
        self._predicted.setText(card.predicted)
        self._how.setText(card.how)
        self._weigh.setText("Reading" if card.weighing else "Read the scale")
        self._weigh.setEnabled(card.can_weigh and not card.weighing)
        self._difference.show_text(card.difference, "warn")
        self.form.show_inputs(card.inputs, fresh=card.key != before.key)
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
        if card.key != before.key:
            self._look_at = None
            self._scroll.verticalScrollBar().setValue(0)
        if card.wrong != before.wrong:
            self._to_wrong(card)
        elif card.key == before.key and card.rates.lines and not before.rates.lines:
            self._into_view(self.rates)
        elif card.address.said != before.address.said and card.address.tone in ("warn", "error"):
            self._into_view(self.address)

    def _show_verbs(self, card: ParcelCard) -> None:
        self._why_not.setText(card.why_not)
        self._why_not.setVisible(bool(card.why_not))
        self._buy.setText(card.buy or "Buy the label")
        self._buy.setEnabled(card.can_buy)
        self._buy.setVisible(bool(card.inputs))
        self._reprint.setVisible(card.phase == "bought")
        self._after.setVisible(any(act.id == "label" for act in card.more))
        self._reprint.setEnabled(card.can_reprint)
        self._by_hand.setVisible(card.can_by_hand)
        self._by_hand.set_kind("plain" if card.connected else "primary")
        self._address_label.setVisible(card.can_by_hand and not card.connected)
        self._more.setEnabled(bool(card.more))

    def _show_facts(self, card: ParcelCard) -> None:
        if card.facts == self._facts:
            return
        self._facts = card.facts
        if self._facts_box is not None:
            self._facts_box.hide()
            self._facts_box.deleteLater()
            self._facts_box = None
        if not card.facts:
            return
        box = self._facts_box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, 96)
        grid.setColumnStretch(1, 1)
        for row, (name, text) in enumerate(card.facts):
            grid.addWidget(Label(name, tone="soft"), row, 0)
            said = Label(text, "strong" if name == "Tracking" else "body", wrap=True)
            said.setAccessibleName(f"{name}: {text}")
            grid.addWidget(said, row, 1)
        self._facts_place.addWidget(box)
        box.show()

    def scrolls(self, widget: QWidget) -> bool:
        """Say whether a widget lies in what scrolls here: it is brought into view when it is wanted."""
        return self._scroll.isAncestorOf(widget)

    # ---- moving ----

    def _to_parcel(self) -> None:
        if self._card.inputs:
            self.form.control("weight").select()  # type: ignore[union-attr]

    def _to_wrong(self, card: ParcelCard) -> None:
        """Go to the field that is wrong, or scroll to what is said of address and customs."""
        if any(i.error for i in card.inputs):
            self.form.focus_first()
        elif card.customs_faults:
            self._into_view(self._customs)
        elif any(line.fault for line in card.address.lines):
            self._into_view(self.address)

    def _into_view(self, widget: QWidget) -> None:
        """Scroll to a part of the panel now, and again once there is room for all of it."""
        self._look_at = widget
        QTimer.singleShot(0, self, self._look)
        self._settled.start(_SETTLES_MS)

    def _stay(self) -> None:
        self._look_at = None

    def _look(self) -> None:
        if self._look_at is not None:
            self._scroll.ensureWidgetVisible(self._look_at, 0, SIZES.gap)

    def _ask_more(self) -> None:
        if self._card.more:
            more_sheet(self, self._card.title, self._card.more, self.did.emit).open()


def _growing(notice: Notice) -> Notice:
    """Return the notice free to grow where its words take more lines."""
    notice.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    return notice
