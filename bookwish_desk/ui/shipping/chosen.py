"""What is chosen for the parcel beside the list, until a carrier is asked: typed, weighed, kept by parcel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec.structs import replace

from bookwish_desk.shop import measures
from bookwish_desk.shop.device import Device
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.sale import plain
from bookwish_desk.ui.forms.inputs import Values
from bookwish_desk.ui.shipping import acts
from bookwish_desk.ui.shipping import draft as drafts
from bookwish_desk.ui.shipping.card import ADDRESS_FIELDS, card
from bookwish_desk.ui.shipping.card_state import ParcelCard
from bookwish_desk.ui.shipping.draft import Draft
from bookwish_desk.ui.shipping.rows import editable, phase_of
from bookwish_desk.ui.shipping.state import NoticeTone, ToShip

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

TICK_MS = 1_000
"""While nobody knows whether a label was bought, the seconds until it is read back are counted so often."""
NO_SCALE = "No scale is set up at this register. Type the weight, or add a scale on the Devices screen."
_MOST_DRAFTS = 500

Part = Literal["parcel", "address"]
"""A section of the panel that folds to a line once it is fine."""


class Reading(Protocol):
    """What a scale said: see `hardware.model.Weight`."""

    @property
    def grams(self) -> int:
        """Return the weight."""

    @property
    def stable(self) -> bool:
        """Say whether it counts."""

    @property
    def fault(self) -> str:
        """Return why the scale cannot weigh, or an empty text."""


Weigh = Callable[[Device, Callable[[Reading], None], Callable[[ShopError], None]], None]


class ChosenParcel:
    """Shows the chosen parcel. `render` gets each state.

    `askers` do what is done elsewhere, by the id of the act (`ui.shipping.acts`): each gets the parcel.
    `weigh` reads a scale.
    """

    def __init__(self, station: Station, weigh: Weigh) -> None:
        self.station = station
        self.state = ParcelCard()
        self.parcel: ToShip | None = None
        self.askers: dict[str, Callable[[ToShip], object]] = {}
        self.render: Callable[[ParcelCard], None] = lambda _state: None
        self._weigh = weigh
        self._drafts: dict[str, Draft] = {}
        self._notice: tuple[str, NoticeTone] = ("", "warn")
        self._wrong = 0
        self._weighing = self._pressed = ""
        self._once_weighed: Callable[[], None] | None = None
        self._checking: set[str] = set()
        self._unfolded: frozenset[Part] = frozenset()
        self._shown = self._ticking = False

    # ---- showing ----

    def set_shown(self, shown: bool) -> None:
        """Follow only while the screen is in front."""
        self._shown = shown
        if shown:
            self._tick()

    def show(self, parcel: ToShip | None) -> None:
        """Show a parcel as it is now, or none; what was chosen for it stays."""
        before, self.parcel, self._pressed = self.parcel, parcel, ""
        if parcel is None or before is None or before.key != parcel.key:
            self._notice = ("", "warn")
            self._unfolded = frozenset()
        if parcel is not None:
            self._follow(before, parcel)
        self._render()

    def _follow(self, before: ToShip | None, parcel: ToShip) -> None:
        """Begin anew where the label or the order is another than the one that the draft was made for."""
        known, settings = self._drafts.get(parcel.key), self.station.settings
        label, former = parcel.postage, before.postage if before is not None else None
        here = before is not None and before.key == parcel.key
        fresh = here and label is not None and label.live and (former is None or former.id != label.id)
        if known is None:
            self._keep(drafts.begun(parcel, settings))
        elif fresh and drafts.differs(parcel, known, settings):
            begun = drafts.begun(parcel, settings)
            # What is not kept with a label: what carriers said of the address, the unpaid order's reason.
            self._keep(
                replace(
                    begun,
                    checked=begun.checked or known.checked,
                    checked_for=begun.checked_for or known.checked_for,
                    unpaid=known.unpaid,
                )
            )
        else:
            self._keep(drafts.foretold(parcel, drafts.with_check(parcel, known), settings))

    @property
    def draft(self) -> Draft:
        """Return what is chosen for the parcel that is shown."""
        return self._drafts.get(self.parcel.key, Draft()) if self.parcel is not None else Draft()

    def _keep(self, draft: Draft) -> None:
        if self.parcel is not None:
            self._drafts.pop(self.parcel.key, None)
            self._drafts[self.parcel.key] = draft
            while len(self._drafts) > _MOST_DRAFTS:
                self._drafts.pop(next(iter(self._drafts)))

    def _render(self) -> None:
        parcel, (notice, tone) = self.parcel, self._notice
        if parcel is None:
            self.state = ParcelCard(notice=notice, tone=tone)
        else:
            settings = self.station.settings
            made = card(parcel, self.draft, settings, self._at, connected=settings.shipping.connected)
            checking = parcel.key in self._checking
            address = replace(
                made.address,
                checking=checking,
                can_check=made.address.can_check and not checking,
                open=made.address.must or (self._open and "address" in self._unfolded),
            )
            self.state = replace(
                made,
                address=address,
                open=made.must or (bool(made.inputs) and "parcel" in self._unfolded),
                weighing=self._weighing == parcel.key,
                more=acts.more(parcel, frozenset(self.askers), connected=made.connected),
                notice=notice,
                tone=tone,
                wrong=self._wrong,
            )
        self.render(self.state)

    @property
    def _at(self) -> int:
        return self.station.lanes.store.clock()

    def say(self, sentence: str, tone: NoticeTone = "warn") -> None:
        """Say something above the parcel."""
        self._notice = (sentence, tone)
        self._render()

    def _tick(self) -> None:
        """Count the seconds until a doubt is read back."""
        if self._ticking or not self._shown:
            return
        self._ticking = True

        def again() -> None:
            self._ticking = False
            if self._shown and self.parcel is not None and phase_of(self.parcel) == "uncertain":
                self._render()
            self._tick()

        self.station.lanes.later(TICK_MS, again)

    # ---- choosing ----

    @property
    def _open(self) -> bool:
        return self.parcel is not None and editable(phase_of(self.parcel)) and not self.parcel.shipped

    def unfold(self, part: Part, on: bool = True) -> None:
        """Show all of a section, or fold it to a line; what is wrong or undecided in it stays open."""
        if self.parcel is not None and self._open:
            self._unfolded = self._unfolded | {part} if on else self._unfolded - {part}
            self._render()

    def changed(self, values: Values) -> None:
        """Take what is typed and chosen; no carrier is asked for it."""
        parcel, draft = self.parcel, self.draft
        if parcel is None or not self._open:
            return
        # What was open because it was wrong does not fold away beneath somebody who puts it right.
        self._unfolded |= {"parcel"}
        settings = self.station.settings
        weight = values.texts.get("weight", draft.weight)
        override = values.texts.get("override", draft.override)
        draft = replace(draft, override=override, errors={})
        try:
            plain(override)
        except Refused as refused:
            draft = replace(draft, errors={"override": refused.message})
        if weight != draft.weight:
            draft = replace(draft, weight=weight, source="typed")
        preset = values.texts.get("preset", draft.preset)
        if preset != draft.preset:
            draft = replace(drafts.with_preset(parcel, draft, preset, settings), by_rule=False)
        else:
            chosen = replace(
                draft,
                package=values.texts.get("package", draft.package),
                signature=values.on("signature") if "signature" in values.texts else draft.signature,
                insure=values.on("insure") if "insure" in values.texts else draft.insure,
            )
            # What a person chose is not chosen anew by the shop's rules.
            draft = replace(chosen, by_rule=draft.by_rule and chosen == draft)
            draft = drafts.foretold(parcel, draft, settings)
        self._keep(draft)
        self._render()

    def choose_rate(self, rate: str) -> None:
        """Choose a price."""
        if self._open and rate and rate != self.draft.rate:
            self._keep(replace(self.draft, rate=rate))
            self._render()

    def weigh(self) -> None:
        """Read the scale of this register into the field."""
        parcel = self.parcel
        if parcel is None or not self._open or self._weighing:
            return
        register = self.station.register
        devices = self.station.settings.devices
        scale = next((d for d in devices if d.role == "scale" and d.register == register), None)
        if scale is None:
            self._refuse("weight", NO_SCALE)
            return
        key = self._weighing = parcel.key
        self._render()

        def failed(error: ShopError) -> None:
            self._weighed(key, 0, error.message)

        def read(weight: Reading) -> None:
            still = "" if weight.stable else "No steady weight. Let the parcel come to rest, and read again."
            self._weighed(key, weight.grams, weight.fault or still)

        self._weigh(scale, read, failed)

    def _weighed(self, key: str, grams: int, fault: str) -> None:
        self._weighing, then = "", self._once_weighed
        self._once_weighed = None
        if self.parcel is None or self.parcel.key != key or not self._open:
            self._render()
        elif fault or grams <= 0:
            self._refuse("weight", fault or "The scale says nothing lies on it. Put the parcel on it.")
        else:
            words = measures.weight_words(grams, self.station.settings.locale)
            self._keep(replace(self.draft, weight=words, source="scale", errors={}))
            self._by_rule()
            self._render()
            if then is not None:
                then()

    def _by_rule(self) -> None:
        """Let the shop's rules choose anew by the weight, while nobody chose by hand."""
        if self.parcel is not None and self.draft.by_rule:
            self._keep(drafts.by_rule(self.parcel, self.draft, self.station.settings))

    def _refuse(self, field: str, sentence: str) -> None:
        """Say what is wrong, beside its field where there is one."""
        self._wrong += 1
        self._keep(replace(self.draft, errors={field: sentence}))
        beside = field in ADDRESS_FIELDS or any(i.key == field for i in self.state.inputs)
        shown = beside and field not in ("signature", "insure")
        self._notice = ("", "warn") if shown else (sentence, "error")
        self._render()
