"""Giving an unused label back: until when its carrier takes it, how far the money is, when to look again.

Asked for is not given back: a carrier takes days to answer. Pure; rows are changed by `actions.voiding`.
"""

from __future__ import annotations

from bookwish_desk.shop.postage import Postage

HOUR = 3_600_000
DAY = 24 * HOUR

VOID_DAYS: tuple[tuple[str, int], ...] = (("usps", 30), ("ups", 90), ("fedex", 90))
"""How many days after buying a carrier takes an unused label back, by how its name begins (EasyPost)."""
SOON_MS = HOUR
"""Asked for so soon after buying a refund may be rejected only because the carrier has yet to hear of it."""
MOST_TRIES = 3
SETTLES_DAYS = 45
"""Nobody looks any more after so many days: USPS needs about 15, and whoever did not answer will not."""

ASKING = "The refund is being asked for."
SUBMITTED = "The refund was asked for. Carriers take up to some weeks; it is looked up until then."
REFUNDED = "The carrier gave the money back."
TOO_SOON = "The carrier rejected it so soon after buying. It is asked for again later."
REJECTED = "The carrier rejected the refund. The label is still paid and can be used."
REJECTED_OTHER = "The carrier rejected the refund, and the parcel has another label: this one stays paid."
NOT_APPLICABLE = "This carrier gives no refund for the label. It is charged when it is used, or stays paid."
NOT_KNOWN = "The account does not know this label. Look in the account that bought it for the money."
SILENT = "Nothing was heard of the refund for 45 days. Ask the carriers' account."


def void_days(carrier: str) -> int:
    """Return within how many days a carrier takes a label back, 0 where that is not known."""
    name = carrier.strip().casefold()
    return next((days for start, days in VOID_DAYS if name.startswith(start)), 0)


def too_late(carrier: str, bought_at: int, at: int) -> str:
    """Return why a label is too old to be given back, or an empty text."""
    days = void_days(carrier)
    if days and at - bought_at > days * DAY:
        return f"{carrier} takes a label back within {days} days. This one is older."
    return ""


def next_look(asked_at: int, at: int) -> int:
    """Return when to look whether a refund that was asked for came (ms UTC), 0 for not any more."""
    age = at - asked_at
    if age < DAY:
        return at + HOUR
    return at + 12 * HOUR if age < SETTLES_DAYS * DAY else 0


def refund_words(postage: Postage) -> str:
    """Return how far giving a label back is, in one sentence; empty where nobody asked for it."""
    if postage.state == "voided":
        return REFUNDED
    if postage.state != "voiding":
        return postage.words if postage.refund in ("rejected", "not_applicable") else ""
    if postage.refund == "submitted":
        return postage.words if postage.words == SILENT else SUBMITTED
    return postage.words or ASKING
