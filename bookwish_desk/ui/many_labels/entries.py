"""The parcels of the screen with what was chosen for each, and how each stands. No Qt and no reads."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from bookwish_desk.settings import Settings
from bookwish_desk.shop import rate_table
from bookwish_desk.shop.carriage import CheckedAddress, Rate
from bookwish_desk.shop.delivery_address import faults
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.many_labels.state import Stage
from bookwish_desk.ui.shipping import planning
from bookwish_desk.ui.shipping.planning import Picked, Plan
from bookwish_desk.ui.shipping.state import ToShip

WORDS_LIMIT = 300


class Entry(msgspec.Struct, frozen=True):
    """One parcel. `plan` is what it is sent as, `out` that it is left out, `refusal` why nobody was asked.

    `checked` is what carriers say of its address, None where nobody asked them; `asking` that its prices are
    being asked for.
    """

    parcel: ToShip
    plan: Plan
    picked: Picked = Picked()
    out: bool = False
    asking: bool = False
    refusal: str = ""
    checked: CheckedAddress | None = None

    @property
    def key(self) -> str:
        """Return what tells it from others."""
        return self.parcel.key

    @property
    def label(self) -> Postage | None:
        """Return the label that stands for it, None where there is none that counts."""
        label = self.parcel.postage
        return label if label is not None and label.live else None

    @property
    def undeliverable(self) -> bool:
        """Say whether carriers deliver nothing there, and nobody chose a price all the same."""
        return self.checked is not None and not self.checked.deliverable and not self.picked.rate


def entry_of(parcel: ToShip, settings: Settings, before: Entry | None = None) -> Entry:
    """Return a parcel as it stands now, with what was chosen for it before."""
    picked = before.picked if before is not None else Picked()
    made = planning.plan(parcel, settings.shipping, picked)
    if before is None:
        return Entry(parcel, made)
    kept = before.checked if before.plan.to == made.to else None
    return replace(before, parcel=parcel, plan=made, checked=kept)


def with_label(entry: Entry, label: Postage, settings: Settings) -> Entry:
    """Return the parcel with what became of its label."""
    known = replace(entry.parcel, postage=label)
    picked, asking = entry.picked, entry.asking
    if label.state != "new":
        asking = False
    if not _still_offered(picked.rate, label):
        picked = replace(picked, rate="")
    return entry_of(known, settings, replace(entry, picked=picked, asking=asking))


def _still_offered(rate: str, label: Postage) -> bool:
    rates = label.quoted.rates if label.quoted is not None else ()
    return label.state in ("created", "refused") and any(r.id == rate for r in rates)


def chosen(entry: Entry, settings: Settings, **changes: object) -> Entry:
    """Return the parcel with something else chosen for it; a chosen price goes with what it was for."""
    picked = replace(entry.picked, **changes)
    if "rate" not in changes:
        picked = replace(picked, rate="")
    return entry_of(entry.parcel, settings, replace(entry, picked=picked, refusal=""))


def again(entry: Entry, settings: Settings) -> Entry:
    """Return a refused parcel to be bought once more at the same price."""
    label = entry.label
    return entry if label is None or label.rate is None else chosen(entry, settings, rate=label.rate.id)


def rate_of(entry: Entry) -> Rate | None:
    """Return the price at which it would be bought, or was."""
    label = entry.label
    if label is None:
        return None
    if label.state in ("created", "refused") and not label.wanted_at:
        if label.state == "refused" and not entry.picked.rate:
            return label.rate
        return planning.meant(label, entry.plan, entry.picked)
    return label.rate


def stage_of(entry: Entry, at: int) -> Stage:
    """Return how far a parcel is at a moment, ms UTC."""
    label = entry.label
    if label is not None and label.state in ("bought", "buying", "uncertain"):
        return label.state
    if label is not None and label.state == "created" and label.wanted_at:
        return "waits"
    if entry.out:
        return "out"
    if label is not None and label.state == "refused" and not entry.picked.rate and not entry.picked.shape:
        return "refused"
    if entry.plan.fault or entry.refusal:
        return "blocked"
    if entry.asking or (label is not None and label.state == "new" and not entry.picked.shape):
        return "asking"
    if label is None or not planning.holds(label, entry.plan, at):
        return "asking" if _asked_anew(label) and not entry.picked.shape else "open"
    return "priced" if _may_be_bought(entry) else "blocked"


def _asked_anew(label: Postage | None) -> bool:
    """Say whether prices that were there are being asked for again."""
    return label is not None and label.quoted is not None and not label.quoted.at


def _may_be_bought(entry: Entry) -> bool:
    rate = rate_of(entry)
    return rate is not None and not entry.undeliverable and not faults(entry.plan.to, rate.carrier)


def why_blocked(entry: Entry) -> str:
    """Return why a parcel cannot be priced or bought as it stands."""
    if entry.plan.fault or entry.refusal:
        return entry.plan.fault or entry.refusal
    if entry.undeliverable:
        said = " ".join(entry.checked.errors) if entry.checked is not None else ""
        return f"No mail arrives at this address. {clean(said, WORDS_LIMIT)}".strip()
    rate, label = rate_of(entry), entry.label
    if rate is not None:
        return next(iter(faults(entry.plan.to, rate.carrier).values()), "")
    if label is None or label.quoted is None:
        return ""
    if planning.rates(label, entry.plan):
        name = entry.plan.preset.name if entry.plan.preset is not None else ""
        return f"Nobody offers what the preset {clean(name, 40)} asks for. Choose a service."
    said = "; ".join(
        f"{rate_table.carrier_words(f.carrier)}: {clean(f.words, 120)}" for f in label.quoted.failures[:3]
    )
    return f"No carrier gave a price. {said}".strip()


def buyable(entries: Iterable[Entry], at: int) -> tuple[Entry, ...]:
    """Return the parcels that are bought by the one key."""
    return tuple(e for e in entries if stage_of(e, at) == "priced")


def to_ask(entries: Iterable[Entry], at: int) -> tuple[Entry, ...]:
    """Return the parcels whose prices have to be asked for: none that has prices which hold."""
    return tuple(e for e in entries if stage_of(e, at) == "open" or (e.refusal and not e.plan.fault))
