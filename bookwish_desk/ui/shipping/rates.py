"""The prices of one parcel in words, which of them is bought, and what bars that. No Qt and no reads."""

from __future__ import annotations

from bookwish_desk.actions.spending import insurance_cents
from bookwish_desk.settings import Settings
from bookwish_desk.shop import delivery_address, parcel_weight
from bookwish_desk.shop.media_mail import MediaMail
from bookwish_desk.shop.postage import RATES_LIVE_MS
from bookwish_desk.shop.rate_table import RateTable, table
from bookwish_desk.shop.street import short_day
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.moments import when
from bookwish_desk.ui.shipping import draft as drafts
from bookwish_desk.ui.shipping.card_state import RateLine, RatesView
from bookwish_desk.ui.shipping.draft import Draft
from bookwish_desk.ui.shipping.rows import editable, phase_of
from bookwish_desk.ui.shipping.state import ToShip

UNDECIDED = "Decide first which spelling of the address goes onto the label."


def table_of(parcel: ToShip, settings: Settings) -> RateTable | None:
    """Return the prices of a parcel, None where there are none."""
    label = parcel.postage
    if label is None or label.quoted is None or phase_of(parcel) not in ("priced", "refused", "waits"):
        return None
    preset = settings.shipping.preset(label.preset)
    return table(label.quoted, preset, media_mail=label.consignment.media_mail)


def rates_view(parcel: ToShip, draft: Draft, settings: Settings, at: int) -> RatesView:
    """Return the prices as they are listed, the chosen one, and who gave none."""
    found, media = table_of(parcel, settings), drafts.media_of(parcel, draft, settings)
    phase = phase_of(parcel)
    if found is None:
        empty = "Carriers are being asked." if phase == "asking" else "No prices yet."
        return RatesView(media=_media_words(media) if editable(phase) else "", empty=empty)
    lines = tuple(
        RateLine(
            row.rate.id,
            row.carrier,
            row.service,
            row.days,
            day_words(row.rate.arrives_on, settings) if row.rate.arrives_on else "",
            _price(row.rate.cents, row.rate.currency, settings),
            f"{settings.money.show(row.saving_cents)} less than at the counter" if row.saving_cents else "",
            row.marks,
        )
        for row in found.rows
    )
    chosen = chosen_rate(parcel, draft, settings)
    return RatesView(
        lines,
        chosen,
        next((line.carrier for line in lines if line.id == chosen), ""),
        tuple(f"{f.carrier}: {f.words}" for f in found.failures),
        "Media Mail was asked for, and no carrier offers it." if found.media_missing else _media_words(media),
        _stale(parcel, draft, settings, at),
        "No carrier offers a price for this parcel.",
    )


def _price(cents: int, currency: str, settings: Settings) -> str:
    words = settings.money.show(cents)
    return words if currency == settings.currency else f"{words} {clean(currency, 3)}"


def _media_words(media: MediaMail) -> str:
    return media.words if media.mixed else ""


def chosen_rate(parcel: ToShip, draft: Draft, settings: Settings) -> str:
    """Return the id of the price that is bought: the chosen one, else the preset's, else the cheapest."""
    found = table_of(parcel, settings)
    if found is None or not found.rows:
        return ""
    ids = {row.rate.id for row in found.rows}
    label = parcel.postage
    if draft.rate in ids:
        return draft.rate
    if label is not None and label.rate is not None and label.rate.id in ids:
        return label.rate.id
    row = found.chosen or found.rows[0]
    return row.rate.id


def _stale(parcel: ToShip, draft: Draft, settings: Settings, at: int) -> str:
    label = parcel.postage
    if label is None or label.quoted is None or phase_of(parcel) == "waits":
        return ""
    if drafts.changed_since(parcel, draft, settings):
        return "Something was changed since. Get the prices again."
    if at - label.quoted.at > RATES_LIVE_MS:
        asked = when(label.quoted.at, at, settings)
        return f"These prices are of {asked}. They are asked for again before anything is bought."
    return ""


def buying(parcel: ToShip, draft: Draft, settings: Settings, rates: RatesView) -> tuple[str, str]:
    """Return what stands on the button that buys, and why it cannot be pressed; both may be empty."""
    if phase_of(parcel) not in ("priced", "refused") or not rates.lines:
        return "", ""
    line = next(x for x in rates.lines if x.id == rates.chosen)
    insured = insurance_cents(drafts.insured_cents(parcel, draft))
    more = f", and about {settings.money.show(insured)} for insurance" if insured else ""
    words = f"Buy {line.carrier} {line.service}, {line.price}{more}"
    return words, barred(parcel, draft, settings, line.carrier)


def barred(parcel: ToShip, draft: Draft, settings: Settings, carrier: str) -> str:
    """Return why nothing can be bought of a carrier for the parcel as it is chosen now, or an empty text."""
    if drafts.changed_since(parcel, draft, settings):
        return "Something was changed since the prices came. Get them again."
    if drafts.undecided(parcel, draft):
        return UNDECIDED
    faults = delivery_address.faults(drafts.to_of(parcel, draft), carrier)
    if faults:
        return next(iter(faults.values()))
    boxed = parcel_weight.faults(drafts.box_of(parcel, draft, settings), carrier)
    return next(iter(boxed.values()), "")


def day_words(iso: str, settings: Settings) -> str:
    """Return a date of a carrier as people write it; what is none stays as it came, cleaned."""
    try:
        return short_day(iso[:10], settings.locale)
    except ValueError:
        return clean(iso, 30)
