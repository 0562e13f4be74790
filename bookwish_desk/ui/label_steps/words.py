"""One label in words: what it cost, how far its parcel and its refund are, every scan. No Qt here."""

from __future__ import annotations

from bookwish_desk.settings import Settings
from bookwish_desk.shop.label_refund import refund_words, too_late
from bookwish_desk.shop.measures import size_words, weight_words
from bookwish_desk.shop.postage import STATE_NAMES, Postage
from bookwish_desk.shop.presets import service_words
from bookwish_desk.shop.rate_table import carrier_words
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.street import short_day
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.tracking import MOVING, reason, status_name, trace
from bookwish_desk.ui.label_steps.state import LabelView, Offer, ScanRow, Tone

WORDS_LIMIT = 300
_TONES: dict[str, Tone] = {
    "bought": "ok",
    "voiding": "warn",
    "uncertain": "warn",
    "refused": "error",
}


def heading(label: Postage) -> str:
    """Return whose label it is."""
    what = "Label for the way back of" if label.purpose == "return" else "Label of"
    return f"{what} {clean(' and '.join(label.numbers), 80)}"


def service(label: Postage) -> str:
    """Return by which service it goes, or would: USPS Media Mail."""
    named = label.bought or label.rate
    if named is None:
        return ""
    return clean(f"{carrier_words(named.carrier)} {service_words(named.carrier, named.service)}", 80)


def cost(label: Postage, settings: Settings) -> str:
    """Return what it cost, with the broker's fees where there were any."""
    paid = label.bought
    if paid is None:
        return f"{settings.money.show(label.rate.cents)}, agreed to" if label.rate is not None else ""
    fees = f", and {settings.money.show(paid.fees_cents)} of fees" if paid.fees_cents else ""
    return f"{settings.money.show(paid.cents)}{fees}"


def view(label: Postage, settings: Settings, at: int) -> LabelView:
    """Return a label as its sheet shows it at a moment, ms UTC."""
    scans = trace(label.track) if label.track is not None else ()
    return LabelView(
        heading=heading(label),
        status=status(label),
        tone=_TONES.get(label.state, "off"),
        facts=tuple((name, words) for name, words in _facts(label, settings) if words),
        scans=tuple(
            ScanRow(
                f"{n}", moment(e.at, settings.zone, settings.locale), clean(e.words, 200), clean(e.place, 80)
            )
            for n, e in enumerate(scans)
        ),
        no_scans=_no_scans(label),
        offers=tuple(_offers(label, at)),
    )


def status(label: Postage) -> str:
    """Return how a label stands, and its parcel where that is on its way."""
    if label.state == "bought" and label.track_status in MOVING:
        return status_name(label.track_status)
    if label.state == "voiding" and label.refund in ("rejected", "not_applicable"):
        return "Refund rejected"
    return STATE_NAMES[label.state]


def _facts(label: Postage, settings: Settings) -> tuple[tuple[str, str], ...]:
    box, track = label.consignment.box, label.track
    size = size_words(box.length_mm, box.width_mm, box.height_mm, settings.locale)
    when = moment(label.bought_at, settings.zone, settings.locale) if label.bought_at else ""
    detail = reason(track) if track is not None else ""
    following = status_name(label.track_status) if label.bought is not None else ""
    refund = refund_words(label)
    return (
        ("Service", service(label)),
        ("Cost", cost(label, settings)),
        ("A sample", "Nobody is paid for it" if label.bought is not None and label.bought.test else ""),
        ("Tracking number", clean(label.tracking, 64)),
        ("Bought", when),
        ("Where it is", ": ".join(clean(x, 120) for x in (following, detail) if x)),
        ("Signed by", clean(track.signed_by, 60) if track is not None else ""),
        ("Expected", expected(label, settings)),
        ("Refund", clean(refund, WORDS_LIMIT)),
        ("Insurance", _insurance(label, settings)),
        ("Parcel", ", ".join(x for x in (weight_words(box.weight_grams, settings.locale), size) if x)),
        ("Last said", clean(label.words, WORDS_LIMIT) if label.words and label.words != refund else ""),
    )


def expected(label: Postage, settings: Settings) -> str:
    """Return the day on which its parcel is expected, as people write it; empty where nobody knows."""
    track, bought = label.track, label.bought
    told = track.expected_on if track is not None else ""
    return _day(told or (bought.expected_on if bought is not None else ""), settings)


def _day(iso: str, settings: Settings) -> str:
    try:
        return short_day(iso[:10], settings.locale) if iso else ""
    except ValueError:
        return clean(iso, 30)


def _insurance(label: Postage, settings: Settings) -> str:
    paid = label.bought
    if paid is not None and paid.insured_cents:
        return f"Insured for {settings.money.show(paid.insured_cents)}"
    if label.insure_words:
        return clean(label.insure_words, WORDS_LIMIT)
    return f"{settings.money.show(label.insure_cents)}: being asked for" if label.insure_cents else ""


def _no_scans(label: Postage) -> str:
    if label.bought is None:
        return "A parcel is followed once its label is bought."
    return "The carrier has not scanned it yet. News come by themselves."


def _offers(label: Postage, at: int) -> list[Offer]:
    if label.state == "uncertain":
        return [Offer("look"), Offer("bought"), Offer("not_bought")]
    if label.bought is None:
        return []
    if label.purpose == "used":
        return [Offer("reprint", "it was used, and its parcel came back.")]
    away = label.track_status in MOVING
    found = [Offer("reprint", "" if label.label_at else "the label is not here yet.")]
    if label.purpose == "out":
        found.append(Offer("return"))
    if label.state == "bought":
        insured = label.bought.insured_cents or label.insure_cents
        why = "it is insured already." if insured else ""
        found.append(Offer("insure", why or ("it arrived." if label.track_status == "delivered" else "")))
        late = too_late(label.bought.carrier, label.bought_at, at)
        found.append(Offer("void", "the carrier has the parcel already." if away else late))
    elif label.state == "voiding":
        found[0] = Offer("reprint", "its refund was asked for.")
        if label.refund in ("rejected", "not_applicable"):
            found.append(Offer("void_again"))
    else:
        found = [Offer("return")] if label.purpose == "out" else []
    return found
