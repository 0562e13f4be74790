"""Runs the sheet of one label: shows it as it stands now, and does or asks what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import voiding
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.postage import Postage
from bookwish_desk.ui.label_steps import reading, words
from bookwish_desk.ui.label_steps.reprinting import reprint
from bookwish_desk.ui.label_steps.returning import ReturnStep
from bookwish_desk.ui.label_steps.state import LabelView, NoticeKind
from bookwish_desk.ui.label_steps.steps import InsureStep, LabelStep, SettleStep, VoidStep

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

FINISH = "Close this first, then scan again."


class LabelPresenter:
    """Shows one label. `render` gets each state; `on_step` opens the sheet of a step."""

    def __init__(self, station: Station, postage_id: str) -> None:
        self.station = station
        self.state = LabelView()
        self.render: Callable[[LabelView], None] = lambda _view: None
        self.on_step: Callable[[LabelStep], object] = lambda _step: None
        self._id = postage_id
        self._label: Postage | None = None
        self._notice: tuple[str, NoticeKind] = ("", "info")
        self._unwatch: Callable[[], None] | None = None

    def open(self) -> None:
        """Follow the label, and take scans away from the screen behind."""
        self.station.own_scans(self)
        self._unwatch = self.station.on_change(self._changed)
        self._load()

    def close(self) -> None:
        """Follow nothing any more, and give scans back."""
        self.station.release_scans(self)
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None

    def scanned(self, _code: str) -> None:
        """Say that a scan does nothing here."""
        self._say(FINISH, "warn")

    def _changed(self, nouns: frozenset[str]) -> None:
        if nouns & {"postage", "orders"}:
            self._load()

    def _load(self) -> None:
        self.station.lanes.read(
            lambda store: reading.label(store, self._id),
            then=self._loaded,
            failed=self._refused,
            latest=f"label-{self._id}",
        )

    def _loaded(self, label: Postage) -> None:
        self._label = label
        self._show()

    def _show(self) -> None:
        if self._unwatch is None:
            return
        notice, tone = self._notice
        made = LabelView()
        if self._label is not None:
            made = words.view(self._label, self.station.settings, self.station.lanes.store.clock())
        self.state = replace(made, notice=notice, notice_tone=tone)
        self.render(self.state)

    def _say(self, sentence: str, tone: NoticeKind) -> None:
        self._notice = (sentence, tone)
        self._show()

    def _refused(self, error: ShopError) -> None:
        self._say(error.message, "error")

    # ---- doing ----

    def do(self, act: str) -> None:
        """Do something with the label, or let it be asked for what it needs."""
        label = self._label
        offer = next((o for o in self.state.offers if o.act == act), None)
        if label is None or offer is None or offer.why_not:
            return
        self._notice = ("", "info")
        if act == "reprint":
            self._reprint(label)
        elif act == "look" and self.station.shipping is not None:
            self.station.shipping.look_now()
            self._say("It is being looked up. What comes of it stands here in a moment.", "info")
        elif act == "void_again":
            self.station.act(
                lambda store, actor: voiding.void_again(store, actor, label.id),
                then=lambda _label: self._say("The refund is asked for again.", "ok"),
                failed=self._refused,
            )
        elif act == "insure":
            self.station.lanes.read(
                lambda store: reading.worth_cents(store, label),
                then=lambda worth: self._insure(label, worth),
            )
        else:
            self._ask(act, label)

    def _insure(self, label: Postage, worth_cents: int) -> None:
        self.on_step(InsureStep(self.station, label, worth_cents))

    def _ask(self, act: str, label: Postage) -> None:
        if act == "void":
            self.on_step(VoidStep(self.station, label))
        elif act == "return":
            self.on_step(ReturnStep(self.station, label))
        elif act in ("bought", "not_bought"):
            self.on_step(SettleStep(self.station, label, "bought" if act == "bought" else "not_bought"))

    def _reprint(self, label: Postage) -> None:
        reprint(
            self.station,
            label.id,
            lambda: self._say("The label is printed again. That costs nothing.", "ok"),
            self._refused,
        )
