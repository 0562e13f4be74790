"""The parcels of the screen with what was chosen for each, and how each stands. No Qt and no reads."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from bookwish_desk.settings import Settings
from bookwish_desk.shop import parcel_weight, presets, rate_table
from bookwish_desk.shop.carriage import CheckedAddress, Rate
from bookwish_desk.shop.delivery_address import faults
from bookwish_desk.shop.postage import RATES_LIVE_MS, Postage
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.many_labels.plan import Plan, plan_of
from bookwish_desk.ui.many_labels.state import Stage
from bookwish_desk.ui.shipping import draft as drafts
from bookwish_desk.ui.shipping.draft import Draft
from bookwish_desk.ui.shipping.state import ToShip

WORDS_LIMIT = 300
UNDECIDED = "Choose which spelling of the address goes onto the label."


class Entry(msgspec.Struct, frozen=True):
    """One parcel. `draft` is what was chosen for it, `plan` what it is sent as by that.

    `out` says that it is left out, `asking` that its prices are being asked for, `refusal` why they could
    not be.
    """

    parcel: ToShip
    draft: Draft
    plan: Plan
    out: bool = False
    asking: bool = False
    refusal: str = ""

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
    def checked(self) -> CheckedAddress | None:
        """Return what carriers say of its address, None where nobody asked them."""
        return drafts.known_check(self.parcel, self.draft)


def entry_of(parcel: ToShip, settings: Settings, before: Entry | None = None) -> Entry:
    """Return a parcel as it stands now, with what was chosen for it before."""
    if before is None:
        draft = drafts.begun(parcel, settings)
        return Entry(parcel, draft, plan_of(parcel, draft, settings))
    draft = before.draft
    if parcel.weighed_grams != before.parcel.weighed_grams and draft.source in ("predicted", "packed"):
        draft = drafts.begun(replace(parcel, postage=None), settings)
    draft = drafts.foretold(parcel, draft, settings)
    return replace(before, parcel=parcel, draft=draft, plan=plan_of(parcel, draft, settings))


def with_label(entry: Entry, label: Postage, settings: Settings) -> Entry:
    """Return the parcel with what became of its label."""
    draft, asking = entry.draft, entry.asking
    if label.state != "new":
        asking = False
    if not _offered(draft.rate, label):
        draft = replace(draft, rate="")
    known = replace(entry.parcel, postage=label)
    return entry_of(known, settings, replace(entry, draft=draft, asking=asking))


def _offered(rate: str, label: Postage) -> bool:
    rates = label.quoted.rates if label.quoted is not None else ()
    return label.state in ("created", "refused") and any(r.id == rate for r in rates)


def chosen(entry: Entry, settings: Settings, change: Callable[[Draft], Draft]) -> Entry:
    """Return the parcel with something else chosen for it."""
    draft = drafts.foretold(entry.parcel, change(entry.draft), settings)
    made = plan_of(entry.parcel, draft, settings)
    return replace(entry, draft=draft, plan=made, refusal="")


def again(entry: Entry, settings: Settings) -> Entry:
    """Return a refused parcel to be bought once more at the same price."""
    label = entry.label
    rate = label.rate.id if label is not None and label.rate is not None else ""
    return chosen(entry, settings, lambda d: replace(d, rate=rate))


# ---- prices ----


def rates(entry: Entry) -> tuple[Rate, ...]:
    """Return the prices that the parcel may go by, the cheapest first: Media Mail only where it may.

    Those in a currency that is not the shop's are left out: nobody can add them up.
    """
    label = entry.label
    if label is None or label.quoted is None:
        return ()
    asked = label.consignment
    media = asked.media_mail and entry.plan.media.ok
    usable = [
        r
        for r in label.quoted.rates
        if r.currency == asked.currency and (media or not presets.same_name(r.service, presets.MEDIA_MAIL))
    ]
    return tuple(sorted(usable, key=presets.cheapest_first))


def rate_of(entry: Entry) -> Rate | None:
    """Return the price at which it would be bought, or was: chosen, agreed to, or what the preset means."""
    label = entry.label
    if label is None:
        return None
    if label.state not in ("created", "refused") or label.wanted_at:
        return label.rate
    usable = rates(entry)
    if entry.draft.rate:
        return next((r for r in usable if r.id == entry.draft.rate), None)
    if label.rate is not None and (label.state == "refused" or label.rate in usable):
        return label.rate
    preset = entry.plan.preset
    if preset is None:
        return usable[0] if usable else None
    return presets.rate_for(preset, usable)


def _holds(entry: Entry, at: int) -> bool:
    """Say whether the prices are for what is chosen, and not too old to be agreed to."""
    label = entry.label
    quoted = label.quoted if label is not None else None
    return bool(quoted and quoted.at and at - quoted.at <= RATES_LIVE_MS) and not entry.plan.changed


# ---- how it stands ----


def stage_of(entry: Entry, at: int) -> Stage:
    """Return how far a parcel is at a moment, ms UTC."""
    label = entry.label
    if label is not None and label.state in ("bought", "buying", "uncertain"):
        return label.state
    if label is not None and label.state == "created" and label.wanted_at:
        return "waits"
    if entry.out:
        return "out"
    if label is not None and label.state == "refused" and not entry.draft.rate and not entry.plan.changed:
        return "refused"
    if entry.plan.fault or entry.refusal:
        return "blocked"
    if entry.asking or (_awaited(label) and not entry.plan.changed):
        return "asking"
    if not _holds(entry, at):
        return "open"
    return "blocked" if _barred(entry) else "priced"


def _awaited(label: Postage | None) -> bool:
    """Say whether carriers are being asked for its prices, for the first time or anew."""
    return label is not None and (label.state == "new" or (label.quoted is not None and not label.quoted.at))


def _barred(entry: Entry) -> str:
    """Return why a parcel that has prices cannot be bought as it stands, or an empty text."""
    rate, label = rate_of(entry), entry.label
    if entry.plan.undecided:
        told = entry.checked.errors or entry.checked.warnings if entry.checked is not None else ()
        return f"{clean(' '.join(told), WORDS_LIMIT)} {UNDECIDED}".strip()
    if rate is not None:
        wrong = faults(entry.plan.to, rate.carrier).values()
        return next(iter((*wrong, *parcel_weight.faults(entry.plan.box, rate.carrier).values())), "")
    if rates(entry):
        name = entry.plan.preset.name if entry.plan.preset is not None else ""
        return f"Nobody offers what the preset {clean(name, 40)} asks for. Choose a service."
    failures = label.quoted.failures[:3] if label is not None and label.quoted is not None else ()
    said = "; ".join(f"{rate_table.carrier_words(f.carrier)}: {clean(f.words, 120)}" for f in failures)
    return f"No carrier gave a price. {said}".strip()


def why_blocked(entry: Entry) -> str:
    """Return why a parcel cannot be priced or bought as it stands."""
    return entry.plan.fault or entry.refusal or _barred(entry)


def is_to_ask(entry: Entry, stage: Stage) -> bool:
    """Say whether the prices of a parcel have to be asked for: never of one that has prices which hold."""
    if stage == "open":
        return True
    # What nobody gave a price for is asked about again when somebody asks for prices again.
    label = entry.label
    none = label is not None and not rates(entry) and label.state in ("created", "refused")
    return stage in ("blocked", "refused") and not entry.plan.fault and (bool(entry.refusal) or none)
