"""Runs what stands beside the list of parcels: one parcel checked, priced, bought, and what else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import buying, carrier_account
from bookwish_desk.actions.consigning import Wanted, packed_as
from bookwish_desk.shop import delivery_address
from bookwish_desk.shop.carriage import CheckedAddress, Customs
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.ui.label_steps.reprinting import reprint
from bookwish_desk.ui.shipping import acts
from bookwish_desk.ui.shipping import draft as drafts
from bookwish_desk.ui.shipping.chosen import ChosenParcel
from bookwish_desk.ui.shipping.draft import Spelling
from bookwish_desk.ui.shipping.rates import chosen_rate
from bookwish_desk.ui.shipping.rows import phase_of
from bookwish_desk.ui.shipping.state import ToShip

if TYPE_CHECKING:
    from bookwish_desk.shop.order import PostalAddress

PATIENCE_MS = 1_500
"""A second press of one key so soon is one too many; a manager who is asked may never answer."""
NO_WORK = "The desk is not ready to ask carriers yet. Try again in a moment."

_FIELD_OF = {"weight": "weight", "size": "package", "insurance": "insure", "reason": "override"}
"""Which field of the form a refusal is about; those of the address and of customs stand there."""


class ParcelPresenter(ChosenParcel):
    """Asks carriers about the chosen parcel, buys its label once, prints it. `render` gets each state."""

    # ---- the address ----

    def check(self) -> None:
        """Ask carriers whether mail arrives at the address; what is known of it opens, or folds again."""
        view = self.state.address
        if self._open and view.can_check:
            self._check(lambda: None)
        elif not view.checking:
            self.unfold("address", not view.open)

    def _check(self, then: Callable[[], None]) -> None:
        parcel, work = self.parcel, self.station.shipping
        if parcel is None or parcel.key in self._checking:
            return
        if work is None:
            self.say(NO_WORK)
            return
        asked = drafts.own(parcel, self.draft)
        self._checking.add(parcel.key)
        self._notice = ("", "warn")

        def told(answer: CheckedAddress) -> None:
            self._checking.discard(parcel.key)
            self._answered(parcel.key, asked, answer)
            if self.parcel is not None and self.parcel.key == parcel.key:
                then()

        def failed(error: ShopError) -> None:
            self._checking.discard(parcel.key)
            if self.parcel is not None and self.parcel.key == parcel.key:
                self._notice = (f"The address could not be checked: {error.message}", "warn")
                then()
            self._render()

        self._render()
        work.check_address(delivery_address.printed(asked), told, failed)

    def _answered(self, key: str, asked: PostalAddress, answer: CheckedAddress) -> None:
        before = self._drafts.get(key)
        if before is not None:
            self._drafts[key] = replace(before, checked=answer, checked_for=asked, spelling="")
        self._render()

    def spell(self, spelling: Spelling) -> None:
        """Put the carrier's spelling or the customer's onto the label; the order keeps the customer's."""
        if self.parcel is None or not self._open:
            return
        known = drafts.known_check(self.parcel, self.draft)
        if known is None:
            self.say("Check the address first.")
            return
        if spelling == "suggested" and not self.state.address.suggests:
            self.say("Carriers write it in the same way.", "info")
            return
        self._notice = ("", "warn")
        self._unfolded -= {"address"}
        self._keep(replace(self.draft, spelling=spelling))
        self._render()
        asked = delivery_address.printed(drafts.own(self.parcel, self.draft))
        self.station.act(
            lambda store, actor: carrier_account.choose_spelling(
                store, actor, asked, "suggested" if spelling == "suggested" else "own"
            )
        )

    def set_address(self, address: PostalAddress) -> None:
        """Put another address onto the label only; it has still to be checked."""
        if self.parcel is None or not self._open:
            return
        other = address if address != drafts.written(self.parcel) else None
        self._keep(replace(self.draft, typed=other, spelling="", errors={}))
        self._by_rule()
        self._render()

    def set_customs(self, customs: Customs) -> None:
        """Tell customs what was typed."""
        if self._open:
            self._keep(replace(self.draft, customs=customs, errors={}))
            self._render()

    # ---- prices ----

    def price(self) -> None:
        """Ask carriers for their prices, the address before that where the shop wants it checked."""
        parcel = self.parcel
        if parcel is None or not self.state.can_price or parcel.key in self._checking:
            return
        if self._weighing == parcel.key:
            self._once_weighed = self.price  # by what it weighs, not by what stood there before
            return
        self._notice = ("", "warn")
        if not self._sound():
            return
        if self._to_check():
            self._check(self._ask)
        else:
            self._ask()

    def _to_check(self) -> bool:
        parcel, shipping = self.parcel, self.station.settings.shipping
        if parcel is None or drafts.known_check(parcel, self.draft) is not None:
            return False
        at_home = drafts.own(parcel, self.draft).country == shipping.sender.country
        wanted = shipping.checks == "all" or (shipping.checks == "home" and at_home)
        return wanted and self.station.shipping is not None and not self.draft.spelling

    def _sound(self) -> bool:
        """Say beside the field what would keep the parcel here, before anybody is asked."""
        parcel, draft, settings = self.parcel, self.draft, self.station.settings
        assert parcel is not None
        try:
            box = drafts.box_of(parcel, draft, settings)
        except Refused as refused:
            self._refuse("weight", refused.message)
            return False
        if drafts.package_of(draft, settings) is None:
            self._refuse("package", "Choose the package: carriers want to know its size.")
            return False
        if wrong := acts.box_fault(box):
            self._refuse(*wrong)
            return False
        if delivery_address.faults(drafts.to_of(parcel, draft)):
            self._wrong += 1
            self.say("The address cannot be used yet: what is missing stands beside it.", "error")
            return False
        declared = drafts.declared(parcel, draft, settings)
        if declared is not None and declared.faults:
            self._wrong += 1
            self.say("Customs must be told more: what is missing stands beneath.", "error")
            return False
        return True

    def _wanted(self) -> Wanted:
        parcel, draft, settings = self.parcel, self.draft, self.station.settings
        assert parcel is not None
        declared = drafts.declared(parcel, draft, settings)
        return Wanted(
            order_ids=tuple(order.id for order in parcel.orders),
            parcel=parcel.box,
            box=drafts.box_of(parcel, draft, settings),
            to=drafts.to_of(parcel, draft),
            package=draft.package,
            preset=draft.preset,
            media_mail=drafts.media_of(parcel, draft, settings).ok,
            signature=draft.signature,
            insured_cents=drafts.insured_cents(parcel, draft),
            customs=declared.customs if declared is not None else None,
            override=draft.override if draft.unpaid else "",
        )

    def _ask(self) -> None:
        parcel = self.parcel
        if parcel is None or not self._open or not self._press():
            return
        label, key = parcel.postage, parcel.key
        same = (
            phase_of(parcel) in ("priced", "refused")
            and not drafts.changed_since(parcel, self.draft, self.station.settings)
            and label is not None
            and label.packed in ("", packed_as(parcel.orders, parcel.box))
        )
        self._keep(replace(self.draft, rate="", errors={}))
        self._unfolded = frozenset()
        self._render()
        if label is not None and same:
            again = label.id
            self.station.act(
                lambda store, actor: buying.ask_again(store, actor, again),
                failed=lambda error: self._not_asked(key, error),
            )
            return
        wanted = self._wanted()
        self.station.act(
            lambda store, actor: buying.ask(store, actor, wanted),
            failed=lambda error: self._not_asked(key, error),
        )

    def _press(self) -> bool:
        """Say whether this is the first press for the parcel as it stands."""
        if self.parcel is None or self._pressed == self.parcel.key:
            return False
        pressed = self._pressed = self.parcel.key

        def forget() -> None:
            if self._pressed == pressed:
                self._pressed = ""

        self.station.lanes.later(PATIENCE_MS, forget)
        return True

    def _not_asked(self, key: str, error: ShopError) -> None:
        """Say beside the field why a parcel cannot be priced."""
        self._pressed = ""
        if self.parcel is None or self.parcel.key != key:
            self.station.say(error.message, "error")
            return
        field = str(error.facts.get("field", ""))
        if error.code == "unpaid" and self.draft.unpaid and not self.draft.override.strip():
            self._refuse("override", "Say why it goes out unpaid.")
        elif error.code == "unpaid":
            self._keep(replace(self.draft, unpaid=error.message))
            self._notice = (error.message, "warn")
            self._wrong += 1
            self._render()
        else:
            self._refuse(_FIELD_OF.get(field, field), error.message)

    # ---- buying ----

    def buy(self) -> None:
        """Have the label bought at the price that is chosen, and printed."""
        parcel = self.parcel
        if parcel is None or parcel.postage is None or not self.state.buy:
            return
        if not self.state.can_buy:
            self.say(self.state.why_not)
            return
        if not self._press():
            return
        key, label = parcel.key, parcel.postage.id
        rate = chosen_rate(parcel, self.draft, self.station.settings)
        override = self.draft.override if self.draft.unpaid else ""
        self._notice = ("", "warn")
        self.station.act(
            lambda store, actor: buying.want(store, actor, [(label, rate)], override=override),
            failed=lambda error: self._not_asked(key, error),
        )

    def reprint(self) -> None:
        """Print the label again, which costs nothing."""
        label = self.parcel.postage if self.parcel is not None else None
        if label is None or not self.state.can_reprint:
            return
        reprint(
            self.station,
            label.id,
            lambda: self.say("The label goes to the printer.", "ok"),
            lambda error: self.say(error.message, "error"),
        )

    # ---- what else ----

    def do(self, act: str) -> None:
        """Do something else with the parcel; where it is not possible now, say why."""
        parcel = self.parcel
        offer = next((a for a in self.state.more if a.id == act), None)
        if parcel is None or offer is None:
            return
        if offer.why_not:
            self.say(f"{offer.words}: {offer.why_not}")
            return
        self._notice = ("", "warn")
        if act in self.askers:
            self._render()
            self.askers[act](parcel)
        elif act == "reprint":
            self.reprint()
        elif act == "look":
            if self.station.shipping is not None:
                self.station.shipping.look_now()
            self.say("It is looked up now.", "info")
        elif parcel.postage is not None:
            self._let_go(act, parcel.postage.id)

    def _let_go(self, act: str, label: str) -> None:
        if act == "unwant":
            self.station.act(
                lambda store, actor: buying.unwant(store, actor, [label]),
                failed=lambda error: self.say(error.message, "error"),
            )
        elif act == "drop":
            self.station.act(
                lambda store, actor: buying.drop(store, actor, label),
                failed=lambda error: self.say(error.message, "error"),
            )

    def settle(self, label: str, *, bought: bool, reason: str) -> None:
        """Say whether a label was bought that nobody can read any more."""
        self.station.act(
            lambda store, actor: buying.settle(
                store, actor, label, "bought" if bought else "not_bought", reason
            ),
            failed=lambda error: self.say(error.message, "error"),
        )

    def print_address_label(self, parcel: ToShip) -> None:
        """Print where the parcel goes on a label of the shop's own."""
        from bookwish_desk import parcel_papers
        from bookwish_desk.actions import label_papers

        order, station = parcel.orders[0], self.station

        def posted(drawn: tuple[str, bytes]) -> None:
            number, pdf = drawn
            station.act(
                lambda store, actor: label_papers.print_address_label(store, actor, order.id, number, pdf),
                then=lambda _job: self.say("The address label goes to the printer.", "ok"),
                failed=lambda error: self.say(error.message, "error"),
            )

        station.lanes.work(
            lambda: parcel_papers.draw_address_label(station.lanes.store, order.id),
            then=posted,
            failed=lambda error: self.say(error.message, "error"),
        )
