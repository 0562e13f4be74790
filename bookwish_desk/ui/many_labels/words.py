"""Parcels and their labels in words: rows, the chosen ones, sums, and what became of a batch. No Qt here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from bookwish_desk.settings import Settings
from bookwish_desk.shop.carriage import Rate
from bookwish_desk.shop.delivery_address import differences
from bookwish_desk.shop.measures import size_words, weight_words
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.presets import service_words
from bookwish_desk.shop.rate_table import carrier_words, days_words
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.many_labels.entries import (
    WORDS_LIMIT,
    Entry,
    rate_of,
    rates,
    why_blocked,
)
from bookwish_desk.ui.many_labels.state import STAGES, CarrierSum, Chosen, ManyRow, Stage, Tone
from bookwish_desk.ui.shipping import draft as drafts

UNCERTAIN = "Nobody knows yet whether it was bought. It is looked up; it is never bought twice."
UNCHECKED = "The address was not checked."
_SOURCES = {"predicted": "by the books", "packed": "weighed", "scale": "weighed", "typed": "typed"}
_FIXED: frozenset[Stage] = frozenset({"bought", "buying", "uncertain", "waits", "asking"})


def count(number: int, one: str, many: str) -> str:
    """Return a number with its noun: 1 label, 2 labels."""
    return f"1 {one}" if number == 1 else f"{number:,} {many}"


def service(rate: Rate) -> str:
    """Return a service with its carrier: USPS Media Mail."""
    return clean(f"{carrier_words(rate.carrier)} {service_words(rate.carrier, rate.service)}", 60)


def where(to: PostalAddress) -> str:
    """Return who gets it and where in one line."""
    town = " ".join(x for x in (to.city, to.state, to.postal_code) if x)
    abroad = to.country if to.country != "US" else ""
    return ", ".join(clean(x, 80) for x in (to.name, town, abroad) if x)


def row(entry: Entry, stage: Stage, settings: Settings) -> ManyRow:
    """Return a parcel that is so far as the list shows it."""
    label, rate = entry.label, rate_of(entry)
    note, tone = note_of(entry, stage, settings)
    box = label.consignment.box if label is not None and stage in _FIXED else entry.plan.box
    shown = rate if stage in ("priced", "blocked", "refused", "out", *_FIXED) else None
    return ManyRow(
        key=entry.key,
        numbers=entry.parcel.name,
        to=where(entry.plan.to),
        weight=weight_words(box.weight_grams, settings.locale),
        weight_note="guessed" if entry.plan.guessed else _SOURCES.get(entry.draft.source, ""),
        service=service_words(shown.carrier, shown.service) if shown is not None else "",
        beneath=_beneath(entry, shown),
        price=settings.money.show(_cents(label, shown)) if shown is not None else "",
        stage=stage,
        note=note,
        note_tone=tone,
    )


def _cents(label: Postage | None, rate: Rate) -> int:
    return label.bought.cents if label is not None and label.bought is not None else rate.cents


def _beneath(entry: Entry, rate: Rate | None) -> str:
    name = clean(entry.plan.preset.name, 40) if entry.plan.preset is not None else ""
    if rate is None:
        return name
    by = ", ".join(x for x in (carrier_words(rate.carrier), days_words(rate)) if x)
    return " · ".join(x for x in (by, name) if x)


def note_of(entry: Entry, stage: Stage, settings: Settings) -> tuple[str, Tone]:
    """Return what stands on the third line of a row: why not, or what to look at first."""
    label = entry.label
    if stage == "blocked":
        return why_blocked(entry), "danger"
    if stage == "refused":
        return clean(label.words, WORDS_LIMIT) if label else "", "danger"
    if stage == "uncertain":
        return UNCERTAIN, "warn"
    if stage == "bought" and label is not None:
        return _bought(label)
    if label is not None and stage in ("waits", "buying"):
        return clean(label.words, WORDS_LIMIT), "soft"
    looked = cautions(entry, settings)
    said = label is not None and stage == "priced" and label.words
    if said and label is not None:
        return clean(label.words, WORDS_LIMIT), "warn"
    return (looked[0], "warn") if looked else ("", "soft")


def _bought(label: Postage) -> tuple[str, Tone]:
    if label.words:
        return clean(label.words, WORDS_LIMIT), "warn"
    # What is on paper the printer tells on the Devices screen: here it is known only that it was sent.
    printed = (
        "Sent to the printer" if label.printed else "Not printed" if label.label_at else "Its label comes"
    )
    return f"{printed}. {clean(label.tracking, 64)}", "soft"


def cautions(entry: Entry, settings: Settings) -> tuple[str, ...]:
    """Return what somebody should look at before the parcel's label is bought, the weightiest first."""
    made, rate = entry.plan, rate_of(entry)
    found = [made.amiss] if made.amiss else []
    if made.media.mixed:
        found.append(made.media.words)
    limit = settings.shipping.label_limit_cents
    if rate is not None and limit and rate.cents > limit:
        found.append(f"Over {settings.money.show(limit)} for one label: a manager must approve it.")
    if made.guessed:
        which = clean(made.guessed[0], 60)
        others = f" and {len(made.guessed) - 1} more" if len(made.guessed) > 1 else ""
        found.append(f"The weight is guessed: nobody knows what {which}{others} weighs.")
    found += made.cautions
    if entry.checked is not None:
        found += [clean(w, WORDS_LIMIT) for w in entry.checked.warnings]
    elif in_scope(made.to, settings):
        found.append(UNCHECKED)
    return tuple(found)


def in_scope(to: PostalAddress, settings: Settings) -> bool:
    """Say whether the shop has addresses of this country checked."""
    shipping = settings.shipping
    if shipping.checks == "never":
        return False
    return shipping.checks == "all" or to.country.upper() == shipping.sender.country.upper()


def chosen(entries: Sequence[Entry], stages: Sequence[Stage], settings: Settings) -> Chosen:
    """Return what is shown of the parcels that are marked, or of the one that is chosen."""
    if not entries:
        return Chosen()
    fixed = any(s in _FIXED for s in stages)
    preset, package = {e.draft.preset for e in entries}, {e.draft.package for e in entries}
    spelling = {e.draft.spelling for e in entries}
    common = Chosen(
        preset=preset.pop() if len(preset) == 1 else "",
        package=package.pop() if len(package) == 1 else "",
        spellings=_spellings(entries),
        spelling=spelling.pop() if len(spelling) == 1 else "",
        turned=all(s == "out" for s in stages),
        again=all(s == "refused" and rates(e) for e, s in zip(entries, stages, strict=True)),
        fixed=fixed,
    )
    if len(entries) > 1:
        kinds = Counter(stages)
        said = tuple(_staged(stage, kinds[stage]) for stage in kinds)
        return replace(common, heading=f"{len(entries)} marked parcels", lines=said)
    (entry,) = entries
    label = entry.label
    rate = rate_of(entry)
    offered = rates(entry) if not fixed and not entry.plan.changed else ()
    return replace(
        common,
        heading=entry.parcel.name,
        lines=_lines(entry, settings, stages[0]),
        weight=weight_words(entry.plan.box.weight_grams, settings.locale, exact=True),
        rates=tuple((r.id, rate_words(r, settings)) for r in offered),
        rate=rate.id if rate is not None else "",
        single=True,
        label=label is not None and label.state in ("bought", "uncertain"),
        order=True,
    )


def _spellings(entries: Sequence[Entry]) -> tuple[tuple[str, str], ...]:
    """Return the spellings of an address between which somebody may choose; none where both are the same."""
    found = [(e, e.checked) for e in entries]
    if any(
        checked is None or not differences(drafts.written(e.parcel), checked.suggested)
        for e, checked in found
    ) and not all(e.plan.undecided for e in entries):
        return ()
    own, theirs = "As the customer wrote it", "As carriers write it"
    if len(entries) == 1 and (checked := found[0][1]) is not None:
        return (
            ("written", f"{own}: {_street(drafts.written(entries[0].parcel))}"),
            ("suggested", f"{theirs}: {_street(checked.suggested)}"),
        )
    return (("written", own), ("suggested", theirs))


def _street(address: PostalAddress) -> str:
    parts = (address.line1, address.line2, address.city, address.state, address.postal_code)
    return ", ".join(clean(x, 60) for x in parts if x)


def rate_words(rate: Rate, settings: Settings) -> str:
    """Return a price in words: $4.25 USPS Media Mail, 4 days."""
    priced = f"{settings.money.show(rate.cents)} {service(rate)}"
    return ", ".join(x for x in (priced, days_words(rate)) if x)


def _staged(stage: Stage, number: int) -> str:
    return f"{STAGES[stage][0]}: {number}"


def _lines(entry: Entry, settings: Settings, stage: Stage) -> tuple[str, ...]:
    to, box = entry.plan.to, entry.plan.box
    address = ", ".join(clean(x, 80) for x in (to.name, to.line1, to.line2) if x)
    town = " ".join(clean(x, 60) for x in (to.city, to.state, to.postal_code, to.country) if x)
    why, _tone = note_of(entry, stage, settings)
    size = size_words(box.length_mm, box.width_mm, box.height_mm, settings.locale)
    copies = count(entry.parcel.copies, "copy", "copies")
    found = dict.fromkeys((f"{address}, {town}", f"{copies}, {size}" if size else copies, why))
    more = cautions(entry, settings) if stage not in ("bought", "uncertain") else ()
    found.update(dict.fromkeys(x for x in more if x not in why))
    return tuple(x for x in found if x)


def sums(entries: Iterable[Entry], settings: Settings) -> tuple[tuple[CarrierSum, ...], int]:
    """Return what the labels of these parcels cost by carrier, the dearest first, and together in cents."""
    counts: dict[str, list[int]] = {}
    for entry in entries:
        rate = rate_of(entry)
        if rate is not None:
            counts.setdefault(carrier_words(rate.carrier), []).append(_cents(entry.label, rate))
    ordered = sorted(counts.items(), key=lambda found: (-sum(found[1]), found[0]))
    rows = tuple(CarrierSum(name, len(cents), settings.money.show(sum(cents))) for name, cents in ordered)
    return rows, sum(sum(cents) for cents in counts.values())


def left_behind(orders: int) -> str:
    """Return what is said of orders that were asked for and have nothing to be labelled."""
    if not orders:
        return ""
    have = "1 of the orders has" if orders == 1 else f"{orders} of the orders have"
    return f"{have} no parcel that waits to be shipped: {'it is' if orders == 1 else 'they are'} not here."


# ---- what became of a batch ----


def ended(label: Postage) -> bool:
    """Say whether nothing more happens to a label by itself that is worth waiting for."""
    if label.state == "bought":
        return bool(label.label_at or label.words)
    return label.state != "buying" and not (label.state == "created" and label.wanted_at)


def progress(labels: Sequence[Postage]) -> str:
    """Return how far a batch is: 34 of 100 bought, 33 printed, 1 not bought."""
    bought = [p for p in labels if p.state in ("bought", "voiding", "voided")]
    said = [f"{len(bought)} of {len(labels)} bought"]
    said += [f"{sum(bool(p.printed) for p in bought)} printed"]
    if not_bought := sum(p.state == "refused" for p in labels):
        said.append(f"{not_bought} not bought")
    if perhaps := sum(p.state == "uncertain" for p in labels):
        said.append(f"{perhaps} perhaps bought")
    return ", ".join(said)


def result(labels: Sequence[Postage], stopped: bool, settings: Settings) -> str:
    """Return in words and figures what became of a batch."""
    bought = [p for p in labels if p.bought is not None and p.state == "bought"]
    cents = sum(p.bought.cents for p in bought if p.bought is not None)
    printed = sum(bool(p.printed) for p in bought)
    total = settings.money.show(cents)
    said = [f"{count(len(bought), 'label', 'labels')} bought for {total}, {printed} sent to the printer."]
    perhaps = sum(p.state == "uncertain" for p in labels)
    left = sum(p.state == "created" for p in labels) if stopped else 0
    others = len(labels) - len(bought) - perhaps - left
    if others:
        said.append(f"{others} not bought: each stays here, with the reason on its row.")
    if perhaps:
        said.append(f"{perhaps} perhaps bought: it is looked up by itself, and never bought twice.")
    if left:
        said.append(f"{left} not tried.")
    return " ".join(said)


def open_batch(labels: Sequence[Postage]) -> str:
    """Return what is said of labels that were to be bought when the desk stopped."""
    ready = sum(p.state == "created" for p in labels)
    perhaps = sum(p.state in ("uncertain", "buying") for p in labels)
    bought = sum(p.bought is not None for p in labels)
    said = (
        f"The desk stopped while labels were bought: {bought} of {len(labels)} are bought, {ready} are not."
    )
    return f"{said} {perhaps} perhaps: looked up." if perhaps else said
