"""One parcel in words: what is chosen, what the address lacks, what carriers ask for it. No Qt, no reads."""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.actions.spending import insurance_cents
from bookwish_desk.settings import Settings
from bookwish_desk.shop import delivery_address, measures
from bookwish_desk.shop.carriage import Bought
from bookwish_desk.shop.customs_words import Declared
from bookwish_desk.shop.delivery_address import Field
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.tracking import status_name
from bookwish_desk.ui.forms.inputs import YES, Input
from bookwish_desk.ui.moments import when
from bookwish_desk.ui.orders.words import copies
from bookwish_desk.ui.shipping import draft as drafts
from bookwish_desk.ui.shipping import summary
from bookwish_desk.ui.shipping.card_state import (
    AddressLine,
    AddressView,
    ParcelCard,
    Phase,
    RatesView,
)
from bookwish_desk.ui.shipping.draft import Draft
from bookwish_desk.ui.shipping.rates import buying, day_words, rates_view
from bookwish_desk.ui.shipping.rows import editable, label_words, phase_of, said, service_name
from bookwish_desk.ui.shipping.state import NoticeTone, ToShip

_SOURCES = {
    "predicted": "Weight predicted: nobody weighed it yet",
    "packed": "Weighed when it was packed",
    "scale": "Weight read from the scale",
    "typed": "Weight typed",
    "label": "Weight as carriers were told",
}
_FIELDS: tuple[tuple[Field, str], ...] = (
    ("name", "Name"),
    ("line1", "Street"),
    ("line2", "Second line"),
    ("city", "Town"),
    ("state", "State"),
    ("postal_code", "Postal code"),
    ("country", "Country"),
)
_MOVING = ("waits", "buying", "uncertain")
ADDRESS_FIELDS = frozenset(field for field, _ in _FIELDS)


# ---- the whole card ----


def card(parcel: ToShip, draft: Draft, settings: Settings, at: int, *, connected: bool) -> ParcelCard:
    """Return a parcel as it is shown; what the presenter knows besides is put in there."""
    phase, stands = phase_of(parcel), label_words(parcel, settings)
    open_ = editable(phase) and not parcel.shipped
    words, tone = _said(parcel, phase, at)
    rates = rates_view(parcel, draft, settings, at) if connected else RatesView()
    declared = drafts.declared(parcel, draft, settings) if open_ else None
    buy, why_not = buying(parcel, draft, settings, rates)
    line = summary.parcel_line(parcel, draft, settings) if open_ and connected else summary.Line("", False)
    return ParcelCard(
        key=parcel.key,
        title=_title(parcel),
        about=_about(parcel, settings),
        phase=phase,
        label=stands.words,
        icon=stands.icon,
        label_tone=stands.tone,
        said=words,
        said_tone=tone,
        facts=_facts(parcel, settings, at),
        inputs=_inputs(parcel, draft, settings) if open_ and connected else (),
        line=line.words,
        open=line.must,
        must=line.must,
        predicted=_predicted(parcel, draft, settings) if open_ else "",
        how=_how(draft, settings) if open_ and connected else "",
        difference=drafts.difference(parcel, draft, settings) if open_ else "",
        address=address_view(
            parcel, draft, rates.carrier, settings.shipping.sender.country, open_=open_, connected=connected
        ),
        customs=_customs(declared, settings) if declared is not None else (),
        customs_faults=declared.faults if declared is not None else (),
        rates=rates,
        connected=connected,
        can_weigh=open_ and connected,
        price_words="Get the prices again" if rates.lines else "Get the prices",
        can_price=open_ and connected and phase != "asking",
        can_reprint=phase == "bought" and parcel.postage is not None and bool(parcel.postage.label_at),
        can_by_hand=phase in ("open", "priced", "refused", "given_back") and not parcel.shipped,
        can_next=not open_,
        buy=buy,
        can_buy=bool(buy) and not why_not,
        why_not=why_not,
    )


def _title(parcel: ToShip) -> str:
    to = drafts.written(parcel)
    customer = parcel.orders[0].customer
    return clean(to.name or (customer.name if customer is not None else ""), 80) or "No name"


def _about(parcel: ToShip, settings: Settings) -> str:
    order = parcel.orders[0]
    chosen = clean(order.method, 80)
    paid = order.shipping_cents
    facts = [parcel.name, copies(parcel.copies)]
    if chosen:
        facts.append(f"the customer chose {chosen}")
    if paid:
        facts.append(f"paid {settings.money.show(paid)} for shipping")
    return " · ".join(facts)


def _said(parcel: ToShip, phase: Phase, at: int) -> tuple[str, NoticeTone]:
    """Return what is to be said of the label as it stands."""
    label = parcel.postage
    own = said(label)
    if label is None:
        return "", "info"
    if phase == "asking":
        return own or "Carriers are being asked for their prices.", "info"
    if phase == "waits":
        return f"It is about to be bought. {own}".strip(), "info"
    if phase == "buying":
        return "It is being bought. This takes a few seconds; nothing is paid twice.", "info"
    if phase == "uncertain":
        return uncertain_words(label, at), "warn"
    if phase == "refused":
        return (
            f"Not bought: {own or 'the carrier gave no reason.'} Choose another price, or change the parcel.",
            "error",
        )
    if phase == "bought" and not label.label_at:
        return f"Bought. Its label is being fetched. {own}".strip(), "warn" if own else "info"
    if phase == "bought" and not label.printed and label.prints:
        return f"Bought, and not printed. {own}".strip(), "warn"
    return own, "warn" if own and phase in ("priced", "bought") else "info"


def uncertain_words(label: Postage, at: int) -> str:
    """Return what is said of a label that was perhaps bought: when it is read back."""
    seconds = max(0, label.next_try_at - at + 999) // 1000
    soon = f"in {seconds} s" if 0 < seconds < 120 else "in a few minutes" if seconds else "now"
    return f"Perhaps bought. The desk reads it back {soon}; nothing is paid twice."


def _facts(parcel: ToShip, settings: Settings, at: int) -> tuple[tuple[str, str], ...]:
    """Return what is known of a label that is wanted or bought, or of a parcel that left: name and text."""
    label, sent = parcel.postage, parcel.parcel
    if label is not None and label.bought is not None:
        where = (("Where it is", status_name(sent.status)),) if sent.status else ()
        return (*_bought(label, label.bought, settings, at), *where)
    if label is not None and label.rate is not None and phase_of(parcel) in _MOVING:
        rate = label.rate
        name = service_name(rate.carrier, rate.service)
        return (("Agreed to", f"{name}, {settings.money.show(rate.cents)}"),)
    if sent.shipped_at:
        by = " ".join(x for x in (clean(sent.carrier, 40), clean(sent.service, 60)) if x)
        moment = when(sent.shipped_at, at, settings)
        number = clean(sent.tracking, 64) or clean(sent.untracked, 80) or "No number"
        return (("Shipped", f"{moment} by {by}" if by else moment), ("Tracking", number))
    return ()


def _bought(label: Postage, paid: Bought, settings: Settings, at: int) -> tuple[tuple[str, str], ...]:
    sample = ", a sample: nobody is paid" if paid.test else ""
    count = len(label.printed)
    printed = "Sent to the printer" if count else "Not printed"
    found = (
        ("Service", service_name(paid.carrier, paid.service) + sample),
        ("Paid", _paid(paid, settings)),
        ("Tracking", clean(paid.tracking, 64) or "No number"),
        ("Expected", day_words(paid.expected_on, settings) if paid.expected_on else ""),
        ("Bought", when(label.bought_at, at, settings)),
        (
            "Label",
            (f"{printed} {count} times" if count > 1 else printed) if label.label_at else "Not here yet",
        ),
    )
    return tuple((name, text) for name, text in found if text)


def _paid(paid: Bought, settings: Settings) -> str:
    parts = [settings.money.show(paid.cents)]
    if paid.fees_cents:
        parts.append(f"{settings.money.show(paid.fees_cents)} of fees")
    if paid.insured_cents:
        parts.append(f"insured for {settings.money.show(paid.insured_cents)}")
    return ", ".join(parts)


# ---- the parcel ----


def _inputs(parcel: ToShip, draft: Draft, settings: Settings) -> tuple[Input, ...]:
    shipping = settings.shipping
    chosen = [("", "No preset"), *((p.id, clean(p.name, 40)) for p in shipping.presets)]
    packages = [("", "Choose the package"), *((p.id, clean(p.name, 40)) for p in shipping.packages)]
    cents = drafts.worth_cents(parcel)
    worth, costs = settings.money.show(cents), settings.money.show(insurance_cents(cents))
    found = [
        Input("weight", "Weight", value=draft.weight, limit=24),
        Input("preset", "Preset", "choice", draft.preset, options=tuple(chosen), half=True),
        Input(
            "package",
            "Package",
            "choice",
            draft.package,
            options=tuple(packages),
            half=True,
        ),
        Input("signature", "Ask for a signature", "toggle", YES if draft.signature else "", half=True),
        Input(
            "insure",
            f"Insure {worth}, about {costs}",
            "toggle",
            YES if draft.insure else "",
            half=True,
        ),
    ]
    if draft.unpaid:
        hint = "A manager must approve it; the reason is kept"
        found.append(Input("override", "Why does it go out unpaid?", value=draft.override, hint=hint))
    return tuple(replace(i, error=draft.errors.get(i.key, "")) for i in found)


def _how(draft: Draft, settings: Settings) -> str:
    """Return where weight and preset come from, and how large the package is.

    Not as hints of the fields: where those change, the form is made anew beneath what is being typed.
    """
    rule = "preset by the shop's rules" if draft.by_rule and draft.preset else ""
    return " · ".join(x for x in (_SOURCES[draft.source], rule, _size(draft, settings)) if x)


def _size(draft: Draft, settings: Settings) -> str:
    package = drafts.package_of(draft, settings)
    if package is None:
        return ""
    if package.kind:
        return "A package of the carrier"
    return measures.size_words(package.length_mm, package.width_mm, package.height_mm, settings.locale)


def _predicted(parcel: ToShip, draft: Draft, settings: Settings) -> str:
    known = drafts.predicted(parcel, draft, settings)
    words = f"By its books it weighs {measures.weight_words(known.grams, settings.locale)}"
    if not known.guessed:
        return f"{words}."
    which = known.guessed[0] if len(known.guessed) == 1 else f"{len(known.guessed)} titles"
    return f"{words}; the weight of {which} is guessed."


# ---- the address ----


def address_view(
    parcel: ToShip, draft: Draft, carrier: str, home: str, *, open_: bool, connected: bool
) -> AddressView:
    """Return the address with what it lacks, by the chosen carrier too, and how carriers write it.

    `home` is the shop's own country.
    """
    label = parcel.postage
    if label is not None and label.bought is not None and not open_:
        told = label.consignment.to
        lines = [AddressLine(name, clean(getattr(told, f), 120)) for f, name in _FIELDS if getattr(told, f)]
        stands = "As it stands on the label."
        line = summary.one_line(told, home, name=told.name)
        return AddressView(tuple(lines), chosen=stands, line=line, state=stands)
    own, known = drafts.own(parcel, draft), drafts.known_check(parcel, draft)
    faults = delivery_address.faults(own, carrier) if open_ else {}
    cautions = delivery_address.cautions(own, carrier) if open_ else {}
    different = delivery_address.differences(own, known.suggested) if known is not None else ()
    by_field = {d.field: d for d in different}
    lines = []
    for field, name in _FIELDS:
        text, fault = clean(getattr(own, field), 120), faults.get(field, draft.errors.get(field, ""))
        other = by_field.get(field)
        if not (text or fault or other):
            continue
        theirs = clean(getattr(known.suggested, field), 120) if known is not None else ""
        if field == "name":
            theirs = text if known is not None else ""
        differs = other is not None and field != "name"
        lines.append(
            AddressLine(
                name, text, theirs, differs, differs and other is not None and other.small,
                fault, "" if fault else cautions.get(field, ""),
            )
        )  # fmt: skip
    said_, tone = _answered(parcel, draft)
    suggests = any(line.differs for line in lines)
    kept = " The order keeps what the customer wrote."
    chosen = "Typed for this label." + kept if draft.typed is not None else ""
    if draft.spelling == "suggested":
        chosen = "The suggestion goes onto the label." + kept
    elif draft.spelling == "written":
        chosen = "It goes onto the label as it is written." if draft.typed is None else chosen
    can_check = open_ and connected and not faults and known is None
    wrong = bool(faults) or any(line.fault for line in lines)
    must = open_ and (wrong or drafts.undecided(parcel, draft))
    cautioned = " ".join(line.caution for line in lines if line.caution)
    stands = " ".join(x for x in (said_ or ("Not checked yet." if can_check else ""), chosen, cautioned) if x)
    return AddressView(
        tuple(lines), said_, tone, suggests, draft.spelling, chosen if open_ else "",
        typed=draft.typed is not None, can_check=can_check,
        line=summary.address_line(parcel, draft, home), state=stands if open_ else "", open=must, must=must,
    )  # fmt: skip


def _answered(parcel: ToShip, draft: Draft) -> tuple[str, NoticeTone]:
    known = drafts.known_check(parcel, draft)
    if known is None:
        return "", "info"
    if not known.deliverable:
        why = " ".join(clean(x, 200) for x in known.errors) or "Carriers do not know this address."
        return f"Mail may not arrive there. {why}", "error"
    if known.warnings:
        return " ".join(clean(x, 200) for x in known.warnings), "warn"
    if drafts.undecided(parcel, draft):
        return "Mail arrives there. Carriers write it in another way: look at what differs.", "warn"
    return "Mail arrives there.", "ok"


# ---- customs ----


def _customs(declared: Declared, settings: Settings) -> tuple[str, ...]:
    customs = declared.customs
    lines = [
        f"{i.quantity} x {i.description} · {settings.money.show(i.value_cents)} · "
        f"{measures.weight_words(i.weight_grams, settings.locale)} · {i.hs or 'no tariff number'} · "
        f"from {i.origin}"
        for i in customs.items
    ]
    lines.append(f"Signed by {customs.signer}" if customs.signer else "Nobody signs yet")
    return tuple(lines)
