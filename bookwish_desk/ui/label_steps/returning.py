"""Runs the sheet of a label for the way back: asked what it costs, a price chosen, bought and printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bookwish_desk.actions import buying, voiding
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.presets import cheapest_first, service_words
from bookwish_desk.shop.rate_table import carrier_words, days_words
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.forms.inputs import Input
from bookwish_desk.ui.label_steps import reading
from bookwish_desk.ui.label_steps.steps import LabelStep
from bookwish_desk.ui.order_steps.asking import Wrong
from bookwish_desk.ui.order_steps.state import Asked

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station


class ReturnStep(LabelStep):
    """Asks what a parcel costs on its way back, then buys it: money only for a service that was chosen."""

    title = "Label for the way back"
    said = "The label for the way back is being bought. It prints by itself."

    def __init__(self, station: Station, label: Postage) -> None:
        super().__init__(station, label)
        self._asked: Postage | None = None
        self._unwatch: Callable[[], None] | None = None

    def open(self) -> None:
        """Follow what carriers answer."""
        super().open()
        self._unwatch = self.station.on_change(self._changed)

    def close(self) -> None:
        """Follow nothing any more; prices that nobody bought are left."""
        super().close()
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None
        left = self._asked
        if left is not None and left.state in ("new", "created", "refused") and not left.wanted_at:
            actor = self.station.actor
            self.station.lanes.act(
                lambda store: buying.drop(store, actor, left.id), failed=lambda _error: None
            )

    def _changed(self, nouns: frozenset[str]) -> None:
        asked = self._asked
        if asked is not None and "postage" in nouns:
            self.station.lanes.read(
                lambda store: reading.label(store, asked.id), then=self._came, latest="return-label"
            )

    def _came(self, label: Postage) -> None:
        if self._open and self._asked is not None and label != self._asked:
            self._asked = label
            self.show(busy=False)

    # ---- what is asked ----

    def ask(self) -> Asked:
        """Ask for the prices first, then for one of them."""
        asked, to = self._asked, self.label.consignment.sender
        about = (*self.about(), f"It comes back to {clean(to.name or to.line1, 60)}, {clean(to.city, 60)}.")
        if asked is None:
            return Asked(about, verb="Get the prices")
        if asked.state == "new" or asked.quoted is None:
            return Asked((*about, "Carriers are being asked."))
        if asked.state == "refused":
            return Asked((*about, clean(asked.words, 300)), verb="Get the prices")
        rates = sorted(asked.quoted.rates, key=cheapest_first)
        if not rates:
            return Asked((*about, "No carrier gave a price for the way back."))
        # Nothing is chosen at first: the key that asked for the prices, pressed twice, must not buy.
        options = (("", "Choose the service"), *((r.id, self._priced(r)) for r in rates))
        choice = Input("rate", "Service", "choice", options=options)
        return Asked(
            about,
            (choice,),
            ("Some carriers charge it when it is used, others at once.",),
            "info",
            "Buy and print",
        )

    def _priced(self, rate: Any) -> str:
        name = f"{carrier_words(rate.carrier)} {service_words(rate.carrier, rate.service)}"
        parts = (self.show_money(rate.cents), clean(name, 60), days_words(rate))
        return ", ".join(x for x in parts if x)

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Ask for prices, or buy at the chosen one."""
        asked, label = self._asked, self.label.id
        if asked is None or asked.state == "refused":
            return lambda store, actor: voiding.return_label(store, actor, label)
        if asked.quoted is None or not asked.quoted.rates:
            raise Wrong("", "There is no price yet.")
        chosen = self.text("rate")
        if not chosen:
            raise Wrong("rate", "Choose the service first.")
        agreed = [(asked.id, chosen)]
        return lambda store, actor: buying.want(store, actor, agreed, with_slip=False)

    def _taken(self, value: Any) -> None:
        if isinstance(value, Postage):
            self._asked = value
            if self._open:
                self.show(busy=False)
            return
        self._asked = value[0] if value else self._asked
        super()._taken(value)
