"""The header of the window: register and till, tabs, states, lock and keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.theme import font
from bookwish_desk.ui.tokens import SIZES, TYPE
from bookwish_desk.ui.widgets.chips import ChipButton
from bookwish_desk.ui.widgets.panel import Chip, State, StatusChip
from bookwish_desk.ui.widgets.tabs import Tab
from bookwish_desk.ui.widgets.text import Label

_NARROW = 1180
_NAMES_SHARE, _CHIPS_SHARE = 3, 4
"""How names and chips share what tabs leave, so that these stay where they are whatever is told."""
_LEAST_NAMES = 96
_ANY_WIDTH = 10_000
_CHIPS_NARROW = 224
"""What is kept free for chips in a narrow window: three, or two and how many more there are."""
_NAMES_IN_TROUBLE = 180
"""So much is left to the names, and no share, where troubles alone are told."""
_COUNTED = ("late", "orders")
_ELSEWHERE = ("sync.open", "orders")
"""What is told elsewhere as well (Sync screen, tab) makes room for troubles in full."""
_LAST_TO_GO: tuple[State, ...] = ("error", "warn", "ok", "off")
_TROUBLE = _LAST_TO_GO[:2]
_MORE = "more"
_BESIDE_WORDS = 28


class Header(QWidget):
    """Register and till at the left, tabs, status chips, lock and keys at the right.

    `place_asked` carries the screen that a pressed chip leads to. Where not every trouble has room, a last
    chip says how many more there are: `all_asked`.
    """

    place_asked = Signal(str)
    all_asked = Signal()

    def __init__(self, register: str) -> None:
        super().__init__()
        self.setFixedHeight(SIZES.header)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(SIZES.margin, 6, SIZES.margin - 6, 0)
        row.setSpacing(4)
        self._names = names = QVBoxLayout()
        names.setSpacing(0)
        self.register = Label(register, "head", elide=True)
        self.till = Label("", "small", "soft", elide=True)
        names.addStretch(1)
        self.register.setMinimumWidth(_LEAST_NAMES)
        names.addWidget(self.register)
        names.addWidget(self.till)
        names.addStretch(1)
        row.addLayout(names, _NAMES_SHARE)
        row.addSpacing(SIZES.gap)
        self.tabs = QHBoxLayout()
        self.tabs.setSpacing(2)
        row.addLayout(self.tabs)
        row.addSpacing(SIZES.gap)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(SIZES.gap)
        row.addLayout(self._chips, _CHIPS_SHARE)
        row.addSpacing(SIZES.gap)
        self.tools = QHBoxLayout()
        row.addLayout(self.tools)
        self.lock = Tab("Lock", "lock")
        self.keys = Tab("Keys", "keys")
        row.addWidget(self.lock)
        row.addWidget(self.keys)
        self._shown: list[StatusChip | ChipButton] = []
        self._more = ChipButton(Chip(_MORE, "warn", "+1"))
        self._more.clicked.connect(lambda _on=False: self.all_asked.emit())
        self._chips.addStretch(1)
        self._chips.addWidget(self._more)

    def set_chips(self, chips: Sequence[Chip]) -> None:
        """Show these states, in this order, up to the right edge."""
        alike = [(chip.id, chip.place) for chip in chips]
        if alike == [(shown.chip().id, shown.chip().place) for shown in self._shown]:
            for shown, chip in zip(self._shown, chips, strict=True):
                if shown.chip() != chip:
                    shown.set_chip(chip)
            self._set_narrow()
            return
        for old in self._shown:
            self._chips.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._shown = [self._made(chip) for chip in chips]
        for place, shown in enumerate(self._shown, start=1):
            self._chips.insertWidget(place, shown)
        self._set_narrow()

    def _made(self, chip: Chip) -> StatusChip | ChipButton:
        if not chip.place:
            return StatusChip(chip)
        button, place = ChipButton(chip), chip.place
        button.clicked.connect(lambda _on=False: self.place_asked.emit(place))
        return button

    def chips(self) -> tuple[Chip, ...]:
        """Return the states shown."""
        return tuple(shown.chip() for shown in self._shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_narrow()

    def _set_narrow(self) -> None:
        """Use short words where the long ones do not fit, for troubles last; then tell of those only.

        Which device is in trouble is worth more than that nothing else is. Orders are counted: a number and
        a word say as much as a sentence. Troubles that are left out are counted by the last chip.
        """
        self._set_gaps(narrow=self.width() < _NARROW)
        troubles = [shown for shown in self._shown if shown.chip().state in _TROUBLE]
        uncounted = [shown for shown in troubles if shown.chip().id not in _COUNTED]
        lit = [shown for shown in self._shown if shown.chip().state != "off"]
        fewer = [
            [shown for shown in troubles if shown.chip().id not in gone]
            for gone in (_ELSEWHERE[:1], _ELSEWHERE)
        ]
        plans = [
            (self._shown, self._shown),
            (troubles, self._shown),
            (uncounted, self._shown),
            (uncounted, lit),
            (troubles, troubles),
            (uncounted, troubles),
            *((uncounted, rest) for rest in fewer),
            *(([], rest) for rest in (troubles, *fewer)),
        ]
        long, told = next((p for p in plans if p[1] and self._fits(*p)), ([], self._shown))
        self._share(self._wide(long, told))
        for shown in self._shown:
            shown.set_narrow(shown not in long)
        seen = sorted(told, key=_how_soon_it_goes)
        while seen and self._needs(self._widths(seen)) + _LEAST_NAMES > self.width():
            seen.pop()
        for shown in self._shown:
            shown.setVisible(shown in seen)
        self._count_rest([shown.chip() for shown in troubles if shown not in seen])
        self._row.activate()

    def _set_gaps(self, *, narrow: bool) -> None:
        """Stand closer together where the window is narrow, with names that leave the tabs where they are."""
        self._chips.setSpacing(SIZES.gap_small if narrow else SIZES.gap)
        for tab in self.findChildren(Tab):
            tab.set_narrow(narrow)
        for row in (self.tabs, self.tools):
            row.invalidate()
        names = max(_LEAST_NAMES, self.width() - self._needs([]) - _CHIPS_NARROW) if narrow else _ANY_WIDTH
        for label in (self.register, self.till):
            label.setMaximumWidth(names)

    def _widths(self, seen: Sequence[StatusChip | ChipButton]) -> list[int]:
        """Return the least widths of these chips, and of the one that counts the troubles left out."""
        widths = [shown.minimumSizeHint().width() for shown in seen]
        left_out = any(shown.chip().state in _TROUBLE for shown in self._shown if shown not in seen)
        return [*widths, self._more.minimumSizeHint().width()] if left_out else widths

    def _count_rest(self, rest: Sequence[Chip]) -> None:
        """Say how many troubles have no room."""
        self._more.setVisible(bool(rest))
        if rest:
            worst: State = "error" if any(chip.state == "error" for chip in rest) else "warn"
            self._more.set_chip(Chip(_MORE, worst, f"+{len(rest)}"))
            self._more.setAccessibleName(f"{len(rest)} more: {', '.join(chip.text for chip in rest)}")

    def _fits(self, long: Sequence[StatusChip | ChipButton], told: Sequence[StatusChip | ChipButton]) -> bool:
        """Say whether these chips have room, some of them with their long words."""
        room = self._room()
        if told and all(shown.chip().state in _TROUBLE for shown in told):
            room = max(room, self.width() - self._needs([]) - _NAMES_IN_TROUBLE)
        return self.width() >= _NARROW and self._wide(long, told) <= room

    def _wide(self, long: Sequence[StatusChip | ChipButton], told: Sequence[StatusChip | ChipButton]) -> int:
        """Return how wide these chips are, some of them with their long words."""
        words = QFontMetrics(font(TYPE.body - 1, bold=True))
        chips = [(shown.chip(), shown in long) for shown in told]
        left_out = any(x.chip().state in _TROUBLE for x in self._shown if x not in told)
        more = SIZES.gap + self._more.minimumSizeHint().width() if left_out else 0
        return (
            more
            + SIZES.gap * len(chips)
            + sum(
                words.horizontalAdvance(chip.text if is_long else chip.short or chip.text) + _BESIDE_WORDS
                for chip, is_long in chips
            )
        )

    def _room(self) -> int:
        """Return how much of what tabs leave is the share of the chips."""
        return (self.width() - self._needs([])) * _CHIPS_SHARE // (_NAMES_SHARE + _CHIPS_SHARE)

    def _share(self, wide: int) -> None:
        """Let chips that are so wide have more than their share where they need it."""
        left = self.width() - self._needs([])
        usual = self.width() < _NARROW or wide <= self._room()
        self._row.setStretchFactor(self._names, _NAMES_SHARE if usual else max(1, left - wide))
        self._row.setStretchFactor(self._chips, _CHIPS_SHARE if usual else wide)

    def _needs(self, chips: Sequence[int]) -> int:
        """Return how wide the header is with chips of these widths and without the names."""
        fixed = (self.tabs.sizeHint(), self.tools.sizeHint(), self.lock.sizeHint(), self.keys.sizeHint())
        between = self._chips.spacing() * max(0, len(chips) - 1) + 3 * SIZES.gap + 5 * self._row.spacing()
        margins = self._row.contentsMargins()
        between += margins.left() + margins.right()
        return sum(size.width() for size in fixed) + sum(chips) + between


def _how_soon_it_goes(shown: StatusChip | ChipButton) -> tuple[int, bool]:
    """Return what to sort by where there is room for some only: what a screen counts as well goes before."""
    chip = shown.chip()
    return _LAST_TO_GO.index(chip.state), chip.id in (*_COUNTED, *_ELSEWHERE)
